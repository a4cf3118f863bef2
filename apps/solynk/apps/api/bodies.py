"""What callers send. A field that is not known here is refused, and so is a value of a wrong form."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeAlias
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict

from solynk.apps import engine
from solynk.apps.api.forms import (
    Currency,
    Days,
    Email,
    GivenId,
    Locale,
    Minor,
    Name,
    Reason,
    Slug,
    Url,
)
from solynk.core.catalog import Platform, ProductStatus, Provider, RemovalMode
from solynk.core.instants import Interval
from solynk.core.money import Money, refuse_unchargeable
from solynk.core.policies import AccessPolicy

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 9000


class Body(Struct, frozen=True, forbid_unknown_fields=True):
    """What every body has in common: nothing in it goes unnoticed."""


class Change(Body, frozen=True):
    """What is left out stays as it is."""

    reason: Reason = "set up through the API"

    @property
    def sent(self) -> dict[str, Any]:
        """What was sent, but for the reason."""
        fields = asdict(self).items()
        return {name: it for name, it in fields if it is not UNSET and name != "reason"}


class PolicyChange(Body, engine.PolicyChange, frozen=True):
    """Lengths are ISO 8601 durations, such as `P5D` or `PT12H`. What is left out stays."""

    def __post_init__(self) -> None:
        self.over(AccessPolicy())


class NewOrganization(Body, frozen=True):
    name: Name
    slug: Slug
    payment_account: GivenId | None = None
    """The creator's own account at the payment provider, such as `acct_...`."""
    policy: PolicyChange = PolicyChange()


class OrganizationChange(Change, frozen=True):
    name: Name | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET
    payment_account: GivenId | UnsetType | None = UNSET
    removals_stopped: bool | UnsetType = UNSET
    """The stop switch: nobody is expelled from any channel, admissions go on."""
    legal_hold: bool | UnsetType = UNSET
    """Nothing of it is deleted by age, such as while a court may ask for it."""
    policy: PolicyChange = PolicyChange()


class OpensChannel(Body, frozen=True, tag="channel"):
    channel: UUID


class OpensFeature(Body, frozen=True, tag="feature"):
    name: Name


class OpensQuota(Body, frozen=True, tag="quota"):
    name: Name
    amount: Minor


Opens: TypeAlias = OpensChannel | OpensFeature | OpensQuota


class NewProduct(Body, frozen=True):
    name: Name
    status: ProductStatus = ProductStatus.DRAFT
    opens: tuple[Opens, ...] = ()


class ProductChange(Change, frozen=True):
    name: Name | UnsetType = UNSET
    status: ProductStatus | UnsetType = UNSET
    opens: tuple[Opens, ...] | UnsetType = UNSET


class Price(Body, frozen=True):
    minor: Minor
    """In the currency's minor unit: 990 is 9.90 EUR, and 990 JPY."""
    currency: Currency

    def __post_init__(self) -> None:
        refuse_unchargeable(Money(self.minor, self.currency))


class NewPlan(Body, frozen=True):
    product: UUID
    name: Name
    price: Price
    interval: Interval
    trial_days: Days = 0
    access_days: Days | None = None
    grace_days: Days | None = None


class PlanChange(Change, frozen=True):
    name: Name | UnsetType = UNSET
    grace_days: Days | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET


class NewChannel(Body, frozen=True):
    platform: Platform
    chat: GivenId
    title: Name | None = None
    """Until the platform's own title is known."""


class ChannelChange(Change, frozen=True):
    removals: RemovalMode | UnsetType = UNSET
    never_remove: Annotated[tuple[GivenId, ...], Meta(max_length=1000)] | UnsetType = UNSET


class NewCustomer(Body, frozen=True):
    email: Email | None = None
    locale: Locale = "en"


class Bound(Body, frozen=True):
    person: GivenId
    """Their id at the platform, such as a Telegram user id."""
    reason: Reason = "bound through the API"


class ClaimOffer(Body, frozen=True):
    platform: Platform
    reason: Reason = "offered through the API"


class InEverything(Body, frozen=True, tag="everywhere"):
    """All that the organization offers."""


class InProduct(Body, frozen=True, tag="product"):
    product: UUID


class InChannel(Body, frozen=True, tag="channel"):
    channel: UUID


class Decision(Body, frozen=True):
    """A grant or a block: of what, until when, and why."""

    reason: Reason
    scope: InEverything | InProduct | InChannel = InEverything()
    until: Annotated[datetime, Meta(tz=True)] | None = None
    """Exclusive; none is without an end."""

    def __post_init__(self) -> None:
        if self.until is not None and not FIRST_YEAR <= self.until.year <= LAST_YEAR:
            raise ValueError(f"until must be in the years {FIRST_YEAR} to {LAST_YEAR}")

    @property
    def ends(self) -> datetime | None:
        return None if self.until is None else self.until.astimezone(UTC)


class NewCheckout(Body, frozen=True):
    customer: UUID
    plan: UUID
    success_url: Url
    cancel_url: Url
    provider: Provider = Provider.STRIPE
    reason: Reason = "asked for through the API"


class Why(Body, frozen=True):
    reason: Reason
