"""The kinds of member that the simulation has: what becomes known about them, and their rights.

All of it is told relative to an anchor: the end of the paid period, or for newcomers the payment.
The rights are an oracle: written by hand from the promises, with nothing of the core in them.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from solynk.core.facts import (
    EndReason,
    Fact,
    Observed,
    Payment,
    PaymentStatus,
    ProviderStatus,
    Refund,
    RefundStatus,
)
from solynk.core.instants import DAY, HOUR, Period
from solynk.core.money import Money

LONG: Final = 90 * DAY
"""What a renewal pays for, so that nobody renews twice in one run."""
PRICE: Final = Money(1000, "EUR")
NOW: Final = timedelta(0)
CHARGED: Final = HOUR
"""When after the period's end the provider charges for the next one."""
GRACE_OVER: Final = CHARGED + 5 * DAY
FOREVER: Final = timedelta(days=10_000)


class Kind(StrEnum):
    RENEWS = "renews"
    RECOVERS = "recovers"
    """The renewal fails and is paid two days later."""
    PAYS_LATE = "pays late"
    """It is paid six hours after the grace period is over."""
    LAPSES = "lapses"
    CANCELS = "cancels"
    REFUNDED = "refunded"
    HOLDS_TWO = "holds two"
    """Two subscriptions open one channel, and one of them is cancelled."""
    JOINS = "joins"
    REGRETS = "regrets"
    """Joins, and has all the money back six hours later."""


class Told(Struct, frozen=True):
    """A fact, and when it becomes known."""

    after: timedelta
    subscription: int
    fact: Callable[[datetime], Fact]


def _paid(number: int, start: timedelta, end: timedelta, after: timedelta | None = None) -> Told:
    at = start if after is None else after

    def fact(anchor: datetime) -> Fact:
        cover = Period(anchor + start, anchor + end)
        return Payment(f"in_{number}", cover, PRICE, PaymentStatus.PAID, paid_at=anchor + at)

    return Told(at, number // 10, fact)


def _failed(after: timedelta) -> Told:
    def fact(anchor: datetime) -> Fact:
        cover, failed_at = Period(anchor, anchor + LONG), anchor + after
        return Payment("in_2", cover, PRICE, PaymentStatus.FAILED, failed_at=failed_at)

    return Told(after, 0, fact)


def _refunded(payment: int, after: timedelta) -> Told:
    succeeded = RefundStatus.SUCCEEDED
    return Told(after, 0, lambda _: Refund("re_1", f"in_{payment}", PRICE, succeeded))


def _cancelled(after: timedelta, ended: timedelta) -> Told:
    def fact(anchor: datetime) -> Fact:
        return Observed(
            version=(0, 1),
            status=ProviderStatus.ACTIVE,
            period=Period(anchor - 30 * DAY, anchor),
            paid=True,
            read_at=anchor + after,
            cancel_at=anchor + ended,
        )

    return Told(after, 0, fact)


_BEFORE: Final = _paid(1, -30 * DAY, NOW)
_RENEWAL: Final = _paid(2, NOW, LONG, CHARGED)

TOLD: Final[Mapping[Kind, tuple[Told, ...]]] = {
    Kind.RENEWS: (_BEFORE, _RENEWAL),
    Kind.RECOVERS: (_BEFORE, _failed(CHARGED), _paid(2, NOW, LONG, 2 * DAY)),
    Kind.PAYS_LATE: (_BEFORE, _failed(CHARGED), _paid(2, NOW, LONG, GRACE_OVER + 6 * HOUR)),
    Kind.LAPSES: (_BEFORE, _failed(CHARGED)),
    Kind.CANCELS: (_BEFORE, _cancelled(-3 * DAY, NOW)),
    Kind.REFUNDED: (_BEFORE, _refunded(1, NOW - 2 * DAY)),
    Kind.HOLDS_TWO: (_BEFORE, _cancelled(-3 * DAY, NOW), _paid(11, -20 * DAY, LONG)),
    Kind.JOINS: (_paid(1, NOW, LONG),),
    Kind.REGRETS: (_paid(1, NOW, LONG), _refunded(1, 6 * HOUR)),
}

Right = tuple[timedelta, timedelta]

RIGHTS: Final[Mapping[Kind, tuple[Right, ...]]] = {
    Kind.RENEWS: ((-30 * DAY, FOREVER),),
    Kind.RECOVERS: ((-30 * DAY, FOREVER),),
    Kind.PAYS_LATE: ((-30 * DAY, GRACE_OVER), (GRACE_OVER + 6 * HOUR, FOREVER)),
    Kind.LAPSES: ((-30 * DAY, GRACE_OVER),),
    Kind.CANCELS: ((-30 * DAY, NOW),),
    Kind.REFUNDED: ((-30 * DAY, -2 * DAY),),
    Kind.HOLDS_TWO: ((-30 * DAY, FOREVER),),
    Kind.JOINS: ((NOW, FOREVER),),
    Kind.REGRETS: ((NOW, 6 * HOUR),),
}

NEWCOMERS: Final = frozenset({Kind.JOINS, Kind.REGRETS})
QUIET: Final = frozenset({Kind.RENEWS, Kind.RECOVERS, Kind.HOLDS_TWO})
"""Nothing is called for them, which the planner itself is asked to confirm."""


def has_right(kind: Kind, after: timedelta) -> bool:
    return any(start <= after < end for start, end in RIGHTS[kind])


def edge(kind: Kind, after: timedelta) -> int:
    """When, in seconds after the anchor, the right last began or ended."""
    edges = (edge for right in RIGHTS[kind] for edge in right)
    return int(max(edge for edge in edges if edge <= after).total_seconds())


_RENEWED: Final = {
    Kind.RENEWS: CHARGED,
    Kind.RECOVERS: 2 * DAY,
    Kind.PAYS_LATE: GRACE_OVER + 6 * HOUR,
}


def answer(kind: Kind, anchor: datetime, after: timedelta, number: int) -> Fact:
    """What the provider says of the subscription when it is asked."""
    paid = kind in _RENEWED and after >= _RENEWED[kind]
    ended = kind in {Kind.CANCELS, Kind.HOLDS_TWO} and after >= NOW
    status = ProviderStatus.ACTIVE if paid else ProviderStatus.PAST_DUE
    return Observed(
        version=(0, 100 + number),
        status=ProviderStatus.ENDED if ended else status,
        period=Period(anchor, anchor + LONG),
        paid=paid,
        read_at=anchor + after,
        paid_by="in_2" if paid else None,
        ended_at=anchor if ended else None,
        ended_reason=EndReason.REQUESTED if ended else None,
    )
