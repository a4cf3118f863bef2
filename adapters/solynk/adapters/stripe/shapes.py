"""What all objects of Stripe have in common, read tolerantly: unknown fields do not matter.

A webhook's payload follows the API version of its endpoint and a read follows the SDK's, so every
object is read in the shapes of 2024 and in today's.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Generic, TypeAlias, TypeVar

from msgspec import Struct

from solynk.core.instants import Period
from solynk.core.money import Money
from solynk.ports.payments import Subject

T = TypeVar("T")

CUSTOMER: Final = "solynk_customer"
PLAN: Final = "solynk_plan"
CHECKOUT: Final = "solynk_checkout"
ORGANIZATION: Final = "solynk_organization"
ACCESS_DAYS: Final = "solynk_access_days"
"""What a one-time plan gives, frozen at the purchase: a number of days, or `FOREVER`."""
FOREVER: Final = "forever"


class Named(Struct, frozen=True):
    """An object of which only the id matters."""

    id: str


Ref: TypeAlias = str | Named | None
"""Where Stripe gives an id or, expanded, the whole object."""


class Data(Struct, Generic[T], frozen=True):
    object: T


class Event(Struct, Generic[T], frozen=True):
    created: int
    data: Data[T]


def id_of(ref: Ref) -> str | None:
    return ref.id if isinstance(ref, Named) else ref


def instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def instant_or_none(seconds: int | None) -> datetime | None:
    return None if seconds is None else instant(seconds)


def period(start: int | None, end: int | None) -> Period | None:
    """None where it is empty: Stripe gives one-off lines a period without length."""
    if start is None or end is None or end <= start:
        return None
    return Period(instant(start), instant(end))


def money(minor: int, currency: str) -> Money:
    return Money(minor, currency.upper())


def subject(
    metadata: Mapping[str, str] | None,
    *,
    subscription: str | None = None,
    payment: str | None = None,
) -> Subject:
    """The subject that these ids of ours claim; Stripe clears a key by emptying it."""
    ours = metadata or {}
    return Subject(
        subscription=subscription,
        payment=payment,
        customer_id=ours.get(CUSTOMER) or None,
        plan_id=ours.get(PLAN) or None,
        checkout_id=ours.get(CHECKOUT) or None,
        organization_id=ours.get(ORGANIZATION) or None,
    )
