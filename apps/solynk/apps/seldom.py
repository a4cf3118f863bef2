"""Log lines about what may happen a thousand times a second: one a minute, with how many there were."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

EVERY: Final = 60.0
"""Seconds from one line to the next."""


@dataclass(slots=True)
class Seldom:
    """`words` have a place for the number since the line before."""

    log: logging.Logger
    words: str
    clock: Callable[[], float] = time.monotonic
    _count: int = 0
    _next: float = float("-inf")

    def tell(self) -> None:
        self._count += 1
        now = self.clock()
        if now >= self._next:
            self.log.warning(self.words, self._count)
            self._count, self._next = 0, now + EVERY
