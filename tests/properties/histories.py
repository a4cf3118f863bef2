"""Strategies: wild facts, that need not make sense together, and histories that a provider tells.

A law of merging, of totality or of the clock holds for wild facts. A law about what a payment or a
failure does to access is tried on histories.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec import Struct
from msgspec.structs import replace

from solynk.core.facts import (
    Cover,
    Days,
    Dispute,
    DisputeStatus,
    EndReason,
    Everywhere,
    Fact,
    Forever,
    GracePromised,
    Observed,
    OnChannel,
    OnProduct,
    Pause,
    Payment,
    PaymentStatus,
    ProviderStatus,
    Refund,
    RefundStatus,
    Scope,
    identity,
)
from solynk.core.ids import ChannelId, ProductId
from solynk.core.instants import DAY, HOUR, Period
from solynk.core.money import Money
from solynk.core.policies import AccessPolicy
from tests.builders import (
    a_block,
    a_grant,
    a_payment,
    a_withdrawal,
    an_observed,
    an_unblock,
    day,
)

Draw: TypeAlias = st.DrawFn

PAYMENTS = ("in_1", "in_2", "in_3", "in_4")
AMOUNT = Money(1000, "EUR")

# Days and hours from a coarse grid, so that edges meet; a second off it, so that they just do not.
_DAYS = (-1, 0, 5, 7, 15, 29, 30, 31, 35, 36, 44, 49, 60, 61, 65, 90)


@st.composite
def _instants(draw: Draw) -> datetime:
    hours = draw(st.sampled_from([0, 0, 0, 1, 23]))
    seconds = draw(st.sampled_from([0, 0, 0, -1, 1]))
    return day(draw(st.sampled_from(_DAYS)), timedelta(hours=hours, seconds=seconds))


instants = _instants()
maybe_instants = st.none() | instants


@st.composite
def periods(draw: Draw) -> Period:
    start = draw(instants)
    return Period(start, start + draw(st.sampled_from([HOUR, 7 * DAY, 30 * DAY, 365 * DAY])))


covers: SearchStrategy[Cover] = st.one_of(
    periods(), periods(), st.builds(Days, st.sampled_from([1, 30])), st.just(Forever())
)
amounts = st.sampled_from([Money(0, "EUR"), Money(400, "EUR"), AMOUNT, Money(1000, "USD")])


@st.composite
def payments(draw: Draw, statuses: Sequence[PaymentStatus] = tuple(PaymentStatus)) -> Payment:
    status = draw(st.sampled_from(statuses))
    needs = instants if status is PaymentStatus.PENDING else maybe_instants
    return Payment(
        draw(st.sampled_from(PAYMENTS)),
        draw(covers),
        draw(amounts),
        status,
        draw(needs),
        draw(maybe_instants),
        draw(instants if status is PaymentStatus.PAID else maybe_instants),
    )


refunds = st.builds(
    Refund,
    st.sampled_from(["re_1", "re_2"]),
    st.sampled_from(PAYMENTS),
    amounts,
    st.sampled_from(RefundStatus),
)
disputes = st.builds(
    Dispute,
    st.sampled_from(["du_1", "du_2"]),
    st.sampled_from(PAYMENTS),
    st.sampled_from(DisputeStatus),
)


@st.composite
def observations(draw: Draw) -> Fact:
    period = draw(st.none() | periods())
    reason = draw(st.none() | st.sampled_from(EndReason))
    return an_observed(
        number=draw(st.integers(1, 6)),
        status=draw(st.sampled_from(ProviderStatus)),
        period=period,
        paid=period is not None and draw(st.booleans()),
        paid_by=draw(st.none() | st.sampled_from(PAYMENTS)),
        trial_end=draw(maybe_instants),
        cancel_at=draw(maybe_instants),
        pause=draw(st.none() | st.builds(Pause, maybe_instants)),
        ended_at=None if reason is None else draw(instants),
        ended_reason=reason,
        read_at=draw(instants),
    )


scopes: SearchStrategy[Scope] = st.sampled_from(
    [Everywhere(), OnProduct(ProductId("pr_1")), OnChannel(ChannelId("ch_1"))]
)


@st.composite
def people(draw: Draw) -> Fact:
    at, until, scope = draw(instants), draw(maybe_instants), draw(scopes)
    number = draw(st.integers(1, 2))
    choices: list[Fact] = [
        a_grant(id=f"gr_{number}", scope=scope, since=at, until=until),
        a_withdrawal(id=f"gr_{number}", at=at),
        a_block(id=f"bl_{number}", scope=scope, since=at, until=until),
        an_unblock(id=f"bl_{number}", at=at),
    ]
    return draw(st.sampled_from(choices))


promises = st.builds(
    GracePromised,
    st.sampled_from([day(30), day(60)]),
    st.sampled_from([DAY, 10 * DAY]),
    st.none() | st.sampled_from([day(35), day(66)]),
)
provided: SearchStrategy[Fact] = st.one_of(
    payments([PaymentStatus.PAID]), payments(), observations(), refunds, disputes, promises
)
facts: SearchStrategy[Fact] = st.one_of(provided, provided, provided, people())
wild: SearchStrategy[list[Fact]] = st.lists(facts, max_size=10) | st.lists(
    st.one_of(payments([PaymentStatus.PAID]), payments(), observations()), min_size=2, max_size=6
)


def coherent(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """What of these one provider may tell: an object has one amount, one cover and one payment.

    Copies that contradict each other join to the same in any order; to what, is nobody's promise.
    """
    first: dict[tuple[str, str], Fact] = {}
    return tuple(_like(first.setdefault(identity(it), it), it) for it in facts)


def _like(first: Fact, it: Fact) -> Fact:
    match first, it:
        case Payment(), Payment():
            return replace(it, cover=first.cover, amount=first.amount)
        case Refund(), Refund():
            return replace(it, payment=first.payment, amount=first.amount)
        case Dispute(), Dispute():
            return replace(it, payment=first.payment)
        case GracePromised(), _:
            return it
        case _:
            return first


policies = st.builds(
    AccessPolicy,
    grace=st.sampled_from([timedelta(0), 3 * DAY, 5 * DAY, 30 * DAY]),
    renews=st.sampled_from([True, True, False]),
    verifies=st.booleans(),
    renewal_window=st.sampled_from([DAY, HOUR]),
    pending_limit=st.sampled_from([DAY, 14 * DAY]),
    outage_allowance=st.sampled_from([timedelta(0), 2 * DAY]),
    grace_after_trial=st.booleans(),
    suspend_on_dispute=st.booleans(),
    access_while_paused=st.booleans(),
    access_while_collection_paused=st.booleans(),
)


class Told(Struct, frozen=True):
    """What a provider told, in some order, and the periods that it told it about."""

    facts: tuple[Fact, ...]
    months: int


def month(number: int) -> Period:
    return Period(day(30 * number), day(30 * number + 30))


@st.composite
def histories(draw: Draw, most: int = 4) -> Told:
    """A monthly subscription: its invoices in their stages, reads, money going back, people.

    A month may have no invoice that is known: a draft, a voided one, or one whose events are lost.
    """
    months = draw(st.integers(1, most))
    first = draw(st.sampled_from([True, True, True, False]))
    begun = [a_payment(cover=month(0), amount=AMOUNT)] if first else []
    later = range(1 if first else 0, months)
    invoices = [*begun, *(fact for number in later for fact in draw(_invoice(number)))]
    reads = draw(_reads(months))
    others = draw(
        st.just([]) | st.lists(st.one_of(refunds, disputes, people(), promises), max_size=3)
    )
    return Told(tuple(draw(st.permutations([*invoices, *reads, *others]))), months)


@st.composite
def _invoice(draw: Draw, number: int) -> Sequence[Fact]:
    """The copies of one invoice that arrive: any of its stages may be lost."""
    id_, period = f"in_{number + 1}", month(number)
    charged = period.start + draw(st.sampled_from([timedelta(0), HOUR, 20 * HOUR]))
    settled = charged + draw(st.sampled_from([HOUR, 4 * DAY, 6 * DAY]))
    pending = Payment(id_, period, AMOUNT, PaymentStatus.PENDING, pending_since=charged)
    failed = Payment(id_, period, AMOUNT, PaymentStatus.FAILED, failed_at=charged)
    again = replace(failed, failed_at=settled)
    late = Payment(
        id_, period, AMOUNT, PaymentStatus.FAILED, pending_since=charged, failed_at=settled
    )
    paid = Payment(id_, period, AMOUNT, PaymentStatus.PAID, paid_at=settled)
    stages = draw(
        st.sampled_from(
            [
                *([paid], [paid], [failed], [failed, paid], [pending], [pending, late], []),
                *([failed, again], [failed, again, paid]),
            ]
        )
    )
    return [it for it in stages if draw(st.integers(0, 9))]


@st.composite
def _reads(draw: Draw, months: int) -> list[Fact]:
    """The reads of all months, numbered by time."""
    asked = draw(
        st.lists(
            st.tuples(st.integers(0, months - 1), st.sampled_from(_ASKED)),
            max_size=6,
            unique=True,
        )
    )
    return [
        draw(_read(number, month(number).start + after, version))
        for version, (number, after) in enumerate(sorted(asked), 1)
    ]


_ASKED = (HOUR, 23 * HOUR, 2 * DAY, 5 * DAY, 6 * DAY, 20 * DAY)
_USUAL = (ProviderStatus.ACTIVE, ProviderStatus.ACTIVE, ProviderStatus.PAST_DUE)
_RARE = (ProviderStatus.TRIALING, ProviderStatus.UNPAID, ProviderStatus.UNKNOWN)


@st.composite
def _read(draw: Draw, number: int, read_at: datetime, version: int) -> Observed:
    """The subscription's object as a read in this month may find it.

    What it says of the status and of the money are not tied: the invoice of an active subscription
    may be a draft, open or voided, and that of a past-due one is an upgrade's.
    """
    paid = draw(st.booleans())
    reason = draw(st.sampled_from([None, None, None, None, None, *EndReason]))
    status = draw(st.sampled_from(_USUAL) | st.sampled_from(_RARE))
    ends = [None, read_at + 3 * DAY, month(number).end, month(number).end + 15 * DAY]
    return an_observed(
        number=version,
        status=status if reason is None else ProviderStatus.ENDED,
        period=month(number),
        paid=paid,
        paid_by=f"in_{number + 1}" if paid and draw(st.booleans()) else None,
        trial_end=draw(st.sampled_from([None, None, None, month(0).end])),
        cancel_at=draw(st.sampled_from([None, None, None, month(number).end])),
        pause=draw(st.none() | st.none() | st.builds(Pause, st.sampled_from(ends))),
        ended_at=None if reason is None else read_at,
        ended_reason=reason,
        read_at=read_at,
    )
