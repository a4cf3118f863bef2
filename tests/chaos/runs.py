"""One run: its seed, from which it can be repeated, and its size."""

import os
import random
from dataclasses import dataclass
from typing import Final

import pytest

ON_POSTGRESQL: Final = "on_postgresql"
ON_SQLITE: Final = "on_sqlite"
OVER_SERVERS = pytest.mark.parametrize("system", [ON_POSTGRESQL], indirect=True, scope="package")
"""For what only several processes over servers can suffer."""


@dataclass(frozen=True, slots=True)
class Run:
    seed: int
    long: bool
    minutes: float = 0
    """How long the long form goes on with what has no end of its own."""

    @property
    def seconds(self) -> float:
        return 60 * self.minutes if self.long else 0

    def chance(self, what: str) -> random.Random:
        """Chance of its own for each purpose: one test more does not change what another draws."""
        return random.Random(f"{self.seed}/{what}")  # noqa: S311 -- it must repeat

    def size(self, short: int, long: int) -> int:
        return long if self.long else short


def a_seed(chosen: int | None) -> int:
    return int.from_bytes(os.urandom(3)) if chosen is None else chosen
