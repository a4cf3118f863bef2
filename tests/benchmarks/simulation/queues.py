"""What makes things late: workers that apply and derive, and bots that may call so often."""

from array import array
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from tests.benchmarks.simulation.histories import Kind
from tests.benchmarks.simulation.population import DAY, END, HOUR, MINUTE, MONTH_END

CALLS: Final = 30
"""Calls a second that Telegram allows one bot."""
PROBE: Final = 30
"""How often an open breaker is tried, in seconds, as the engine has it."""


class Outage(Struct, frozen=True):
    start: int
    end: int

    def over(self, at: int) -> bool:
        return not self.start <= at < self.end


PLATFORM_DOWN: Final = Outage(MONTH_END + 5 * DAY + HOUR, MONTH_END + 6 * DAY + HOUR)
"""When the grace of those who did not renew at month end is over, and some of them pay late."""


@dataclass(slots=True)
class Workers:
    """Those who apply events and derive customers: one fluid queue, minute by minute."""

    backlog: Sequence[float]
    """How many looks wait at the end of each minute."""
    rate: float
    """Looks a second."""

    def delay(self, at: int) -> int:
        """Whole seconds until a look that comes in now is done."""
        return int(self.backlog[min(at // MINUTE, len(self.backlog) - 1)] / self.rate)


def workers(load: Sequence[float], count: int, seconds_a_look: float) -> Workers:
    rate, waiting = count / seconds_a_look, 0.0
    backlog = array("d")
    for looks in load:
        waiting = max(0.0, waiting + looks - rate * MINUTE)
        backlog.append(waiting)
    return Workers(backlog, rate)


def load_of(
    lives: Mapping[Kind, Iterable[tuple[int, str]]],
    anchors: Mapping[Kind, Sequence[int]],
    what: str,
) -> Sequence[float]:
    """How often something is done in each minute, by everybody together."""
    total = array("d", bytes(8 * (END // MINUTE)))
    for kind, life in lives.items():
        for after, done in life:
            if done != what:
                continue
            shift = after // MINUTE
            for minute, count in enumerate(anchors[kind]):
                if count and 0 <= minute + shift < len(total):
                    total[minute + shift] += count
    return total


@dataclass(slots=True)
class Bot:
    """Commands in rounds over organizations, as the store claims them."""

    turns: deque[int] = field(default_factory=deque)
    queues: dict[int, deque[int]] = field(default_factory=dict)
    waiting: int = 0

    def add(self, organization: int, member: int) -> None:
        queue = self.queues.get(organization)
        if queue is None:
            self.queues[organization] = deque((member,))
            self.turns.append(organization)
        else:
            queue.append(member)
        self.waiting += 1

    def next(self) -> int:
        organization = self.turns.popleft()
        queue = self.queues[organization]
        member = queue.popleft()
        if queue:
            self.turns.append(organization)
        else:
            del self.queues[organization]
        self.waiting -= 1
        return member


def bound(ready: Iterable[float], outage: Outage = PLATFORM_DOWN) -> list[float]:
    """The delays that the rate limit and the outage alone make necessary, first come first served."""
    free, delays = 0.0, list[float]()
    for at in sorted(ready):
        free = max(free, at)
        if outage.start <= free < outage.end:
            free = float(outage.end)
        free += 1 / CALLS
        delays.append(free - at)
    return delays
