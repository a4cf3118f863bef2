"""What is due to whom, by the world's own facts. It shares nothing with the product.

Facts are joined, never ordered: an answer depends on the set of them and on the instant alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

DAY: Final = timedelta(days=1)
GRACE: Final = 5 * DAY
WINDOW: Final = DAY
"""Until when a renewal of which nobody has heard is in progress."""
SILENCE: Final = 2 * DAY
"""How long access may outlive the grace where the provider did not answer."""


class Due(Enum):
    IN = auto()
    """Whoever is out must get the way in, and nobody may put them out."""
    EITHER = auto()
    """Not paid any more, and not yet certain: both are right."""
    OUT = auto()


@dataclass(frozen=True, slots=True)
class Cover:
    """A payment, and what it pays for. `void_at`: the money went back."""

    start: datetime
    end: datetime
    paid_at: datetime
    void_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        kept = self.void_at is None or at < self.void_at
        return kept and max(self.start, self.paid_at) <= at < self.end


@dataclass(frozen=True, slots=True)
class Bought:
    """One subscription: what was paid, where somebody ended it, and the first failure of each renewal."""

    covers: tuple[Cover, ...] = ()
    ended_at: datetime | None = None
    """By request: now, or at a period's end. None where it ended for want of money."""
    failures: tuple[datetime, ...] = ()

    def due(self, at: datetime) -> Due:
        if self.ended_at is not None and at >= self.ended_at:
            return Due.OUT
        if any(it.holds(at) for it in self.covers):
            return Due.IN
        known = [it for it in self.covers if it.paid_at <= at and it.end <= at]
        if not known or any(it.void_at is not None and it.void_at <= at for it in self.covers):
            return Due.OUT
        through = max(it.end for it in known)
        failed = min((it for it in self.failures if through <= it), default=through + WINDOW)
        if at < min(failed, through + WINDOW) + GRACE:
            return Due.IN
        return Due.EITHER if at < through + WINDOW + GRACE + SILENCE + DAY else Due.OUT


def rights(facts: Iterable[Bought], at: datetime) -> Due:
    """One right is enough."""
    found = {it.due(at) for it in facts}
    return next((it for it in (Due.IN, Due.EITHER) if it in found), Due.OUT)
