"""The run itself: forty days in virtual time, with every decision made by the real planner."""

from array import array
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from heapq import heappop, heappush
from typing import Final

from solynk.core.command import Admit, Expel
from tests.benchmarks.simulation.histories import NEWCOMERS, TOLD, Kind, edge, has_right
from tests.benchmarks.simulation.planning import (
    ANSWERED,
    FIRST_LOOK,
    Planner,
    State,
    answered,
    beginning,
    carried_out,
)
from tests.benchmarks.simulation.population import END, MINUTE, Population, Size
from tests.benchmarks.simulation.queues import CALLS, PLATFORM_DOWN, PROBE, Bot, Outage, Workers

KINDS: Final = list(Kind)


@dataclass(slots=True)
class Calls:
    """Every call that was made: when it was due by right, and when it was done."""

    due: "array[int]" = field(default_factory=lambda: array("i"))
    late: "array[float]" = field(default_factory=lambda: array("f"))
    bot: "array[int]" = field(default_factory=lambda: array("H"))
    organization: "array[int]" = field(default_factory=lambda: array("I"))

    def note(self, due: int, done: float, bot: int, organization: int) -> None:
        self.due.append(due)
        self.late.append(done - due)
        self.bot.append(bot)
        self.organization.append(organization)


@dataclass(slots=True)
class Found:
    admitted: Calls = field(default_factory=Calls)
    expelled: Calls = field(default_factory=Calls)
    waiting: "array[int]" = field(default_factory=lambda: array("I", bytes(4 * (END // MINUTE))))
    """The most commands that were in all queues together, minute by minute."""
    dropped: int = 0
    """Commands that were overtaken before they were carried out."""
    expelled_with_right: int = 0
    admitted_without_right: int = 0
    inside_without_right: int = 0
    outside_with_right: int = 0
    questions: int = 0
    planner_asked: int = 0


@dataclass(slots=True)
class Run:
    size: Size
    people: Population
    workers: Workers
    outage: Outage = PLATFORM_DOWN
    fence: bool = True
    """False is a planted bug: commands are carried out without looking again."""
    found: Found = field(default_factory=Found)
    planner: Planner = field(default_factory=Planner)
    _looks: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    _seconds: list[int] = field(default_factory=list)
    """Those with looks, as a heap."""
    _states: list[State] = field(default_factory=list)
    _orders: dict[int, type[Admit | Expel]] = field(default_factory=dict)
    _bots: list[Bot] = field(default_factory=list)

    def run(self) -> Found:
        self._prepare()
        second = self._next(-1)
        while second < END:
            for member in self._looks.pop(second, ()):
                self._look(member, second)
            if self.outage.over(second):
                for number, bot in enumerate(self._bots):
                    if bot.waiting:
                        self._call(number, bot, second)
            self._count(second)
            second = self._next(second)
        self._compare()
        self.found.planner_asked = self.planner.asked
        return self.found

    def _next(self, second: int) -> int:
        """The next second in which anything can happen."""
        if self._seconds and self._seconds[0] <= second:
            heappop(self._seconds)
        looks = self._seconds[0] if self._seconds else END
        if not any(bot.waiting for bot in self._bots):
            return looks
        return second + 1 if self.outage.over(second) else min(looks, self.outage.end)

    def _count(self, second: int) -> None:
        minute, waiting = second // MINUTE, sum(bot.waiting for bot in self._bots)
        self.found.waiting[minute] = max(self.found.waiting[minute], waiting)

    def _prepare(self) -> None:
        self._bots = [Bot() for _ in range(self.size.bots)]
        began = {number: beginning(kind) for number, kind in enumerate(KINDS)}
        for member, kind in enumerate(self.people.kinds):
            self._states.append(began[kind])
            anchor = self.people.times[member]
            if KINDS[kind] not in NEWCOMERS:
                self._later(member, anchor + FIRST_LOOK)
            for it in TOLD[KINDS[kind]]:
                after = int(it.after.total_seconds())
                if after >= FIRST_LOOK:
                    self._later(member, anchor + after)

    def _later(self, member: int, due: int) -> None:
        """A look that is due then, done when a worker comes to it."""
        due = max(due, 0)
        second = due + self.workers.delay(due)
        if second not in self._looks:
            heappush(self._seconds, second)
        self._looks[second].append(member)

    def _look(self, member: int, second: int) -> None:
        anchor, state = self.people.times[member], self._states[member]
        if state.asked is not None and second - anchor >= state.asked[1] + ANSWERED:
            state = answered(state, second - anchor)
        outcome = self.planner.outcome(state, second - anchor)
        self._states[member] = outcome.state
        if outcome.asks:
            self.found.questions += 1
            self._later(member, second + ANSWERED)
        if outcome.again is not None:
            self._later(member, max(anchor + outcome.again, second + 1))
        if outcome.order is not None and member not in self._orders:
            self._orders[member] = outcome.order
            organization = self.people.organizations[member]
            self._bots[organization % self.size.bots].add(organization, member)

    def _call(self, number: int, bot: Bot, second: int) -> None:
        """As many calls as the platform allows in this second, if the breaker is closed again."""
        if second < self.outage.end + number % PROBE and second >= self.outage.end:
            return
        left = CALLS
        while left and bot.waiting:
            member = bot.next()
            ordered = self._orders.pop(member)
            if self.fence and not self._stands(member, ordered, second):
                continue
            left -= 1
            self._carry_out(member, ordered, number, second + (CALLS - left) / CALLS)

    def _stands(self, member: int, ordered: type[Admit | Expel], second: int) -> bool:
        """The fence: the planner is asked again just before the call."""
        after = second - self.people.times[member]
        outcome = self.planner.outcome(self._states[member], after)
        if outcome.order is ordered:
            self._states[member] = outcome.state
            return True
        self.found.dropped += 1
        self._look(member, second)
        return False

    def _carry_out(self, member: int, order: type[Admit | Expel], bot: int, done: float) -> None:
        anchor, kind = self.people.times[member], KINDS[self.people.kinds[member]]
        after = timedelta(seconds=done - anchor)
        right = has_right(kind, after)
        self.found.expelled_with_right += order is Expel and right
        self.found.admitted_without_right += order is Admit and not right
        calls = self.found.admitted if order is Admit else self.found.expelled
        due = max(anchor + edge(kind, after), 0)
        calls.note(due, done, bot, self.people.organizations[member])
        self._states[member] = carried_out(self._states[member], order)
        self._later(member, int(done) + 1)

    def _compare(self) -> None:
        """At the end everybody is where they belong, but those whose right changed just now."""
        for member, state in enumerate(self._states):
            kind, after = state.kind, END - self.people.times[member]
            if after < MINUTE:
                continue
            right = has_right(kind, timedelta(seconds=after))
            self.found.inside_without_right += state.inside and not right
            self.found.outside_with_right += right and not state.inside
