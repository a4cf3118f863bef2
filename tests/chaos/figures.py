"""How long things took, for the report of a long run. No test asserts any of it."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

SHARES: Final = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Figures:
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Seconds, by what took them."""
    counted: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, what: str, *seconds: float) -> None:
        self.took[what] += seconds

    def count(self, what: str, number: int = 1) -> None:
        self.counted[what] += number

    def lines(self) -> Iterable[str]:
        """A table of the times, and below it what was counted."""
        width = max(map(len, [*self.took, *self.counted]), default=0)
        if self.took:
            yield f"{'seconds':{width}}      n     p50     p95     p99     max"
        for what, them in self.took.items():
            shares = "".join(f"{share_of(them, it):8.2f}" for it in (*SHARES, 1))
            yield f"{what:{width}}{len(them):7}{shares}"
        for what, number in self.counted.items():
            yield f"{what:{width}}{number:7}"


def share_of(them: Sequence[float], share: float) -> float:
    """The smallest of them that so large a share of all does not exceed."""
    return sorted(them)[math.ceil(share * len(them)) - 1]
