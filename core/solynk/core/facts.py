"""What became known, identified by what it is about.

A provider delivers events at least once, late, twice and out of order. A fact is therefore keyed
by (kind, id of the provider's object), and its times come from the object, never from the envelope
or from our clock. Two copies of one fact join to one.

Payments, refunds and disputes only move up a rank. A provider's subscription object is a register:
the greatest version wins. Grants and blocks are facts made by people.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from msgspec import Struct

from solynk.core.ids import ChannelId, PlanId, ProductId
from solynk.core.instants import DAY, Period
from solynk.core.money import Money

MAX_ACCESS_DAYS: Final = 36_500


class Days(Struct, frozen=True, tag="days"):
    """A pass: so many days, counted from the payment or from the end of the pass before."""

    days: int

    def __post_init__(self) -> None:
        if not 1 <= self.days <= MAX_ACCESS_DAYS:
            raise ValueError(f"a pass lasts 1 to {MAX_ACCESS_DAYS} days, not {self.days}")

    @property
    def length(self) -> timedelta:
        return self.days * DAY


class Forever(Struct, frozen=True, tag="forever"):
    """Access for life."""


Cover: TypeAlias = Period | Days | Forever
"""What a payment pays for."""


class PaymentStatus(StrEnum):
    PENDING = "pending"
    """On its way, as bank debits are for days. Only money that arrived opens a door."""
    FAILED = "failed"
    PAID = "paid"


class RefundStatus(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    FAILED = "failed"
    """The money came back to the seller, even after it had succeeded: the payment stands again."""


class DisputeStatus(StrEnum):
    INQUIRY = "inquiry"
    """A question before a dispute. No money has moved, so nothing is suspended."""
    OPEN = "open"
    LOST = "lost"
    WON = "won"


class ProviderStatus(StrEnum):
    """A provider's subscription, in the words that matter for access."""

    INCOMPLETE = "incomplete"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    PAUSED = "paused"
    ENDED = "ended"
    UNKNOWN = "unknown"
    """A word the adapter has not met: it opens nothing and closes nothing by itself."""


class EndReason(StrEnum):
    REQUESTED = "requested"
    MERCHANT = "merchant"
    DISPUTED = "disputed"
    PAYMENT_FAILED = "payment_failed"


Status: TypeAlias = PaymentStatus | RefundStatus | DisputeStatus

_RANK: Final[Mapping[type[Status], Mapping[Status, int]]] = {
    PaymentStatus: {it: rank for rank, it in enumerate(PaymentStatus, 1)},
    RefundStatus: {it: rank for rank, it in enumerate(RefundStatus, 1)},
    DisputeStatus: {it: rank for rank, it in enumerate(DisputeStatus, 1)},
}
"""By kind: in one table the members of different enums with the same text would be one key."""


def rank_of(status: Status) -> int:
    """Of two copies of one object the higher rank is the later truth; each enum is in order."""
    return _RANK[type(status)][status]


class Payment(Struct, frozen=True, tag="payment"):
    """One invoice or charge. `id` is the provider's: the invoice's, else the payment's own."""

    id: str
    cover: Cover
    amount: Money
    status: PaymentStatus
    pending_since: datetime | None = None
    failed_at: datetime | None = None
    """The first failed attempt; None with status failed is 'failed, nobody knows when'."""
    paid_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.status is PaymentStatus.PAID and self.paid_at is None:
            raise ValueError(f"payment {self.id} is paid, so it needs paid_at")
        if self.status is PaymentStatus.PENDING and self.pending_since is None:
            raise ValueError(f"payment {self.id} is pending, so it needs pending_since")


class Refund(Struct, frozen=True, tag="refund"):
    id: str
    payment: str
    amount: Money
    status: RefundStatus


class Dispute(Struct, frozen=True, tag="dispute"):
    id: str
    payment: str
    status: DisputeStatus


class Pause(Struct, frozen=True):
    """Collection is paused while the subscription stays active; unlike a paused subscription."""

    resumes_at: datetime | None


_DENIALS: Final = frozenset(
    {ProviderStatus.INCOMPLETE, ProviderStatus.PAST_DUE, ProviderStatus.UNPAID}
)


_GIVEN_AWAY: Final = frozenset({ProviderStatus.ACTIVE, ProviderStatus.TRIALING})


class Observed(Struct, frozen=True, tag="observed"):
    """A provider's whole subscription object, as one good read found it.

    `paid` tells whether the current period is paid for. An unpaid current period says nothing about
    the one before: that is for the payments to tell, or a subscription that is left unpaid for
    months would begin a grace period every month.
    """

    version: tuple[int, int]
    """(epoch, number): for a fetch (0, its number, given before the request was sent)."""
    status: ProviderStatus
    period: Period | None
    paid: bool
    read_at: datetime
    paid_by: str | None = None
    """The payment whose cover begins with `period`, so that its refund takes this cover away too.

    None where another invoice settled it, or none: then the payment that covers the period's start
    tells what became of the money."""
    plan: PlanId | None = None
    trial_end: datetime | None = None
    cancel_at: datetime | None = None
    pause: Pause | None = None
    ended_at: datetime | None = None
    ended_reason: EndReason | None = None

    @property
    def denies(self) -> bool:
        """Whether the provider itself says that the current period is not paid.

        'Active' with an open or a draft invoice is no denial, nor is a word that nobody knows.
        """
        return self.status in _DENIALS or self.ended_reason is EndReason.PAYMENT_FAILED

    @property
    def pauses_collection(self) -> bool:
        """A subscription that was not paid before it was paused is not given away by that."""
        return self.pause is not None and self.status in _GIVEN_AWAY

    def __post_init__(self) -> None:
        if (self.ended_at is None) != (self.ended_reason is None):
            raise ValueError("ended_at and ended_reason go together")
        if self.paid and self.period is None:
            raise ValueError("a paid period needs the period")


class Everywhere(Struct, frozen=True, tag="everywhere"):
    """All that the organization offers."""


class OnProduct(Struct, frozen=True, tag="product"):
    product: ProductId


class OnChannel(Struct, frozen=True, tag="channel"):
    channel: ChannelId


Scope: TypeAlias = Everywhere | OnProduct | OnChannel


class Granted(Struct, frozen=True, tag="granted"):
    """A right given by a person: a gift, an import, a repair by support."""

    id: str
    scope: Scope
    since: datetime
    until: datetime | None
    """Exclusive; None is for life."""
    reason: str
    by: str


class GrantWithdrawn(Struct, frozen=True, tag="grant_withdrawn"):
    id: str
    at: datetime
    reason: str
    by: str


class Blocked(Struct, frozen=True, tag="blocked"):
    """A ban laid by a person. It outranks every right."""

    id: str
    scope: Scope
    since: datetime
    until: datetime | None
    reason: str
    by: str


class Unblocked(Struct, frozen=True, tag="unblocked"):
    id: str
    at: datetime
    reason: str
    by: str


class GracePromised(Struct, frozen=True, tag="grace_promised"):
    """The grace that was in force when it began to run, so that a shorter one set later waits.

    `until` is the end that was derived then, and perhaps told: a failure that is learnt late does
    not take it back.
    """

    unpaid_from: datetime
    length: timedelta
    until: datetime | None = None

    @property
    def id(self) -> str:
        return self.unpaid_from.isoformat()


ProviderFact: TypeAlias = Payment | Refund | Dispute | Observed
PeopleFact: TypeAlias = Granted | GrantWithdrawn | Blocked | Unblocked
Fact: TypeAlias = ProviderFact | PeopleFact | GracePromised


def identity(fact: Fact) -> tuple[str, str]:
    """(kind, id): what the fact is about. Of a register there is one for each version."""
    kind = str(fact.__struct_config__.tag)
    match fact:
        case Observed():
            return kind, f"{fact.version[0]}.{fact.version[1]}"
        case _:
            return kind, fact.id


def rank(fact: Fact) -> int:
    """Where the fact stands among the copies of its object; facts that never change have 0."""
    match fact:
        case Payment() | Refund() | Dispute():
            return rank_of(fact.status)
        case _:
            return 0
