"""The answers: what a subscription is worth, each with only the fields that exist in it.

Each says why, and until when the clock alone leaves it so.
"""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct


class Reason(StrEnum):
    """Why a standing is what it is."""

    BLOCKED = "blocked"
    GRANTED = "granted"
    GRANT_OVER = "grant_over"
    TRIAL = "trial"
    PAID = "paid"
    RENEWAL_IN_PROGRESS = "renewal_in_progress"
    PAYMENT_PENDING = "payment_pending"
    PAYMENT_FAILED = "payment_failed"
    UNVERIFIED = "unverified"
    NOT_PAID = "not_paid"
    PAUSED = "paused"
    COLLECTION_PAUSED = "collection_paused"
    DISPUTED = "disputed"
    DISPUTE_LOST = "dispute_lost"
    REFUNDED = "refunded"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELED_BY_MERCHANT = "canceled_by_merchant"
    ACCESS_DAYS_OVER = "access_days_over"
    NEVER_PAID = "never_paid"
    FIRST_PAYMENT_FAILED = "first_payment_failed"
    FIRST_PAYMENT_PENDING = "first_payment_pending"


class Because(Struct, frozen=True):
    reason: Reason
    fact: str = ""
    """The id of the payment, grant or block that decided, where there is one."""


class Incomplete(Struct, frozen=True, tag="incomplete"):
    """Never covered: nothing has been given yet, so nothing can end."""

    because: Because


class Trialing(Struct, frozen=True, tag="trialing"):
    until: datetime
    because: Because


class Active(Struct, frozen=True, tag="active"):
    until: datetime | None
    """Exclusive; None is for life."""
    because: Because


class PastDue(Struct, frozen=True, tag="past_due"):
    """A renewal failed, or never came, and the grace period runs: access is kept."""

    since: datetime
    until: datetime
    because: Because


class Paused(Struct, frozen=True, tag="paused"):
    resumes_at: datetime | None
    because: Because


class Canceled(Struct, frozen=True, tag="canceled"):
    """Ended by someone's decision: the member's, the merchant's, a block."""

    at: datetime
    because: Because


class Expired(Struct, frozen=True, tag="expired"):
    """Ended because time or money ran out."""

    at: datetime
    because: Because
    verified_at: datetime | None = None
    """For non-payment: when the provider itself last said so. None is 'it never did'."""


Standing: TypeAlias = Incomplete | Trialing | Active | PastDue | Paused | Canceled | Expired


def gives_access(it: Standing) -> bool:
    return isinstance(it, Trialing | Active | PastDue)


def name_of(it: Standing) -> str:
    """The glossary's word for it, such as `past_due`."""
    return str(it.__struct_config__.tag)
