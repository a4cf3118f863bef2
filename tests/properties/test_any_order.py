"""I5: the order and the delay of what is told never matter, and the end is what the oracle says.

A ledger is folded fact by fact, as events come. `tests/chaos` sends a sample of orders through
every process there is.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from itertools import permutations
from typing import Final, assert_never

from hypothesis import given, settings
from hypothesis import strategies as st

from solynk.core.facts import (
    Blocked,
    Dispute,
    Fact,
    GracePromised,
    Granted,
    GrantWithdrawn,
    Observed,
    Payment,
    Refund,
    Unblocked,
)
from solynk.core.instants import HOUR, latest
from solynk.core.judge import standing
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy
from solynk.core.standing import PastDue, Reason, Standing, gives_access
from tests.builders import START, day
from tests.properties.histories import Told, coherent, histories, policies
from tests.properties.oracle import rights
from tests.properties.test_standing_laws import around

SHORT: Final = 6
"""Events of a history of which all 720 orders are tried."""
LONG: Final = 30
LATE: Final = 72
"""Hours. Providers try again for so long and longer."""
INSTANTS: Final = 6
"""Of each short history, spread over its life."""

shorts = histories().map(lambda it: coherent(it.facts)[:SHORT]).filter(lambda it: len(it) == SHORT)


@st.composite
def longs(draw: st.DrawFn) -> tuple[Fact, ...]:
    """Up to thirty events, some of them copies."""
    facts = coherent(draw(histories(most=10)).facts)[:LONG]
    copies = draw(st.lists(st.sampled_from(facts), max_size=LONG - len(facts))) if facts else []
    return (*facts, *copies)


def folded(facts: Iterable[Fact]) -> Ledger:
    return reduce(Ledger.join, facts, Ledger())


@settings(max_examples=40)
@given(facts=shorts, policy=policies)
def test_all_orders_of_a_short_history_give_what_the_oracle_says(
    facts: tuple[Fact, ...], policy: AccessPolicy
) -> None:
    ledger = folded(facts)
    known = around(ledger, policy=policy)
    instants = known[:: max(1, len(known) // INSTANTS)]
    answers = [standing(ledger, policy, at) for at in instants]

    for order in permutations(facts):
        found = folded(order)
        assert found == ledger
        assert [standing(found, policy, at) for at in instants] == answers

    assert [gives_access(it) for it in answers] == [rights(facts, policy, at) for at in instants]


@given(facts=longs(), policy=policies, data=st.data())
def test_any_order_of_a_long_history_gives_what_the_oracle_says(
    facts: tuple[Fact, ...], policy: AccessPolicy, data: st.DataObject
) -> None:
    ledger = folded(facts)

    found = folded(data.draw(st.permutations(facts)))

    assert found == ledger
    for at in around(ledger, policy=policy):
        assert gives_access(standing(found, policy, at)) is rights(facts, policy, at)


@given(told=histories(), policy=policies, data=st.data())
def test_events_that_come_days_late_give_what_the_oracle_says_of_those_that_came(
    told: Told, policy: AccessPolicy, data: st.DataObject
) -> None:
    """And in the end the same as if each had come at once, with the grace that was named between."""
    facts = coherent(told.facts)
    hours = data.draw(st.lists(st.integers(0, LATE), min_size=len(facts), max_size=len(facts)))
    arrivals = sorted(
        (_happened(fact) + late * HOUR, number)
        for number, (fact, late) in enumerate(zip(facts, hours, strict=True))
    )
    ledger, came = Ledger(), list[Fact]()

    for at, number in arrivals:
        ledger = ledger.join(facts[number])
        promise = _promise(standing(ledger, policy, at), policy)
        ledger = ledger.join_all(promise)
        came += [facts[number], *promise]
        assert gives_access(standing(ledger, policy, at)) is rights(came, policy, at)

    promises = [it for it in came if isinstance(it, GracePromised)]
    assert ledger == folded((*facts, *promises))


def _happened(it: Fact) -> datetime:
    match it:
        case Payment():
            return latest((it.pending_since, it.failed_at, it.paid_at)) or START
        case Observed():
            return it.read_at
        case Granted() | Blocked():
            return it.since
        case GrantWithdrawn() | Unblocked():
            return it.at
        case Refund() | Dispute() | GracePromised():
            return day(20)
        case _:
            assert_never(it)


def _promise(found: Standing, policy: AccessPolicy) -> list[GracePromised]:
    """What the engine writes down when it tells a member of their grace."""
    if not isinstance(found, PastDue) or found.because.reason is Reason.UNVERIFIED:
        return []
    return [GracePromised(found.since, policy.grace, found.until)]
