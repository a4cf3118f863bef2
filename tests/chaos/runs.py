"""One run: its seed, from which it can be repeated, and its size."""

import os
import random
from dataclasses import dataclass
from typing import Final

LONG_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Run:
    seed: int
    long: bool

    def chance(self, what: str) -> random.Random:
        """Chance of its own for each purpose: one test more does not change what another draws."""
        return random.Random(f"{self.seed}/{what}")  # noqa: S311 -- it must repeat

    def size(self, short: int, long: int) -> int:
        return long if self.long else short


def a_seed(chosen: int | None) -> int:
    return int.from_bytes(os.urandom(3)) if chosen is None else chosen
