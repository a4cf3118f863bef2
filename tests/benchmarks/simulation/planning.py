"""The real core and the real planner, asked about one member at one instant.

What they say depends on the kind of member, on what is known and on how long ago the anchor was,
not on the date: so the answer about one member holds for all of the same kind, from the instant for
which it was given until the planner's own timer. Expulsions are never answered from memory.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from math import ceil, inf
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from solynk.apps.engine.asking import Question
from solynk.apps.engine.decide import decide
from solynk.apps.engine.snapshot import Snapshot
from solynk.apps.engine.wishes import Place
from solynk.core.access import Access, By, Inside, Outside, Seen
from solynk.core.catalog import (
    Channel,
    Organization,
    Platform,
    Product,
    ProductStatus,
    Provider,
    ToChannel,
)
from solynk.core.command import Admit, Expel
from solynk.core.customer import BoundIdentity, Customer, Subscription
from solynk.core.entitlement import Desired
from solynk.core.facts import Fact
from solynk.core.ids import (
    AccessId,
    ChannelId,
    ChatId,
    CustomerId,
    OrganizationId,
    PersonId,
    PlanId,
    ProductId,
    SubscriptionId,
)
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy
from solynk.core.portfolio import Holding, Portfolio
from tests.benchmarks.simulation.histories import NEWCOMERS, TOLD, Kind, answer

ANCHOR: Final = datetime(2026, 11, 1, tzinfo=UTC)
FIRST_LOOK: Final = -int(timedelta(days=4).total_seconds())
"""When the story of a member begins who was there before; it sets their timer, and is no load."""
ANSWERED: Final = 1
"""How many seconds the provider takes to answer a question."""
PERSON: Final = PersonId("77")


def _id(number: int) -> str:
    return str(UUID(int=number))


OURS: Final = OrganizationId(_id(1))
ANN: Final = CustomerId(_id(2))
COURSE: Final = ProductId(_id(3))
LOUNGE: Final = ChannelId(_id(4))
ACCESS: Final = AccessId(_id(5))
MONTHLY: Final = PlanId(_id(6))
BOUND: Final = BoundIdentity(OURS, ANN, Platform.TELEGRAM, PERSON, ANCHOR)
CHANNEL: Final = Channel(LOUNGE, OURS, Platform.TELEGRAM, ChatId("-1"), "Lounge")
PRODUCT: Final = Product(COURSE, OURS, "Course", ProductStatus.ACTIVE, (ToChannel(LOUNGE),))
POLICY: Final = AccessPolicy()


def _subscription(number: int) -> SubscriptionId:
    return SubscriptionId(_id(10 + number))


class State(Struct, frozen=True):
    """What the system holds of a member, in seconds after the anchor; shared by all who are alike."""

    kind: Kind
    access: Access
    reads: tuple[int, ...] = ()
    """When the provider answered."""
    asked: tuple[int, int] | None = None
    """Since when the provider is being asked, and when it was asked last."""

    @property
    def inside(self) -> bool:
        return isinstance(self.access.seen, Inside)


class Outcome(Struct, frozen=True):
    """What the planner made of a state at one instant."""

    state: State
    order: type[Admit | Expel] | None
    asks: bool
    again: int | None
    """When the clock alone changes this answer."""


def beginning(kind: Kind) -> State:
    if kind in NEWCOMERS:
        return State(kind, Access(ACCESS, OURS, ANN, LOUNGE))
    return State(kind, Access(ACCESS, OURS, ANN, LOUNGE, Desired.IN, Inside(), 1, PERSON))


def carried_out(state: State, order: type[Admit | Expel]) -> State:
    seen: Seen = Inside() if order is Admit else Outside(By.US)
    return replace(state, access=replace(state.access, seen=seen, acted_on=PERSON))


def answered(state: State, after: int) -> State:
    return replace(state, reads=(*state.reads, _minute(after)), asked=None)


def _minute(after: int) -> int:
    """Never later than it was, and the same for many members: their answers are then the same."""
    return after // 60 * 60


def ask_planner(state: State, after: int, anchor: datetime = ANCHOR) -> Outcome:
    """`decide`, the real one, over a snapshot of this member at this instant."""
    at = anchor + timedelta(seconds=after)
    decision = decide(_snapshot(state, after, anchor), at)
    asked = state.asked
    if decision.verify:
        asked = (_minute(after) if asked is None else asked[0], _minute(after))
    access = decision.accesses[0] if decision.accesses else state.access
    wish = decision.wishes.get(ACCESS)
    order = type(wish.order) if isinstance(wish, Place) and wish.hold is None else None
    again = None if decision.due_at is None else ceil((decision.due_at - anchor).total_seconds())
    known = replace(state, access=access, asked=asked)
    return Outcome(known, order, bool(decision.verify), again)


def _snapshot(state: State, after: int, anchor: datetime) -> Snapshot:
    numbers = sorted({it.subscription for it in TOLD[state.kind]})
    holdings = tuple(_holding(state, number, after, anchor) for number in numbers)
    asked = {}
    if state.asked is not None:
        since, last = (anchor + timedelta(seconds=it) for it in state.asked)
        asked = {_subscription(0): Question(since, last, read=None, failing=False)}
    return Snapshot(
        customer=Customer(ANN, OURS),
        organization=Organization(OURS, "Ours", "ours"),
        portfolio=Portfolio(holdings, Ledger(), {COURSE: PRODUCT}, POLICY),
        subscriptions={_subscription(it): _sold(it, anchor) for it in numbers},
        accesses={LOUNGE: state.access} if state.access.generation else {},
        channels={LOUNGE: CHANNEL},
        identities={Platform.TELEGRAM: BOUND},
        live={},
        braked=frozenset(),
        alerted=frozenset(),
        questions=asked,
        fresh={LOUNGE: ACCESS},
    )


def _holding(state: State, number: int, after: int, anchor: datetime) -> Holding:
    told: Iterable[Fact] = (
        it.fact(anchor)
        for it in TOLD[state.kind]
        if it.subscription == number and it.after.total_seconds() <= after
    )
    reads = state.reads if number == 0 else ()
    answers = (
        answer(state.kind, anchor, timedelta(seconds=it), place) for place, it in enumerate(reads)
    )
    ledger = Ledger().join_all((*told, *answers))
    return Holding(_subscription(number), COURSE, ledger, POLICY)


def _sold(number: int, anchor: datetime) -> Subscription:
    subscription = _subscription(number)
    return Subscription(
        subscription, OURS, ANN, COURSE, MONTHLY, Provider.STRIPE, "acct", f"sub_{number}", anchor
    )


@dataclass(slots=True)
class Planner:
    """The planner's answers, each kept for the stretch of time for which it holds.

    That is until its timer, until the next fact, and as long as the provider's word is fresh.
    """

    asked: int = 0
    _known: dict[tuple[State, int], list[tuple[int, float, Outcome]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def outcome(self, state: State, after: int) -> Outcome:
        told = bisect_right(_TIMES[state.kind], after)
        known = self._known[state, told]
        for since, until, outcome in known:
            if since <= after < until:
                return outcome
        outcome = ask_planner(state, after)
        self.asked += 1
        fresh = [it + FRESH for it in state.reads if it + FRESH > after]
        timer = inf if outcome.again is None else outcome.again
        known.append((after, min([timer, *fresh]), outcome))
        return outcome


FRESH: Final = int(POLICY.verify_within.total_seconds())
_TIMES: Final = {kind: [it.after.total_seconds() for it in told] for kind, told in TOLD.items()}


def life(kind: Kind, anchor: datetime, until: int) -> tuple[tuple[int, str], ...]:
    """All that is done about a member of this kind where nothing is ever late: (when, what)."""
    state, done = beginning(kind), list[tuple[int, str]]()
    looks = [int(it) for it in _TIMES[kind] if it >= FIRST_LOOK]
    if kind not in NEWCOMERS:
        heappush(looks, FIRST_LOOK)
    while looks:
        after = heappop(looks)
        while looks and looks[0] == after:
            heappop(looks)
        if after > until:
            break
        if state.asked is not None and after >= state.asked[1] + ANSWERED:
            state = answered(state, after)
        outcome = ask_planner(state, after, anchor)
        state = outcome.state
        if after != FIRST_LOOK:
            done.append((after, "look"))
        if outcome.asks:
            done.append((after, "ask"))
            heappush(looks, after + ANSWERED)
        if outcome.order is not None:
            done.append((after, outcome.order.__name__.lower()))
            state = carried_out(state, outcome.order)
            heappush(looks, after + 1)
        if outcome.again is not None:
            heappush(looks, outcome.again)
    return tuple(done)
