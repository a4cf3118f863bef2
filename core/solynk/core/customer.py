"""A buyer, and the subscriptions they have."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from solynk.core.catalog import Platform, Provider
from solynk.core.ids import (
    CheckoutId,
    CustomerId,
    OrganizationId,
    PersonId,
    PlanId,
    ProductId,
    SubscriptionId,
)
from solynk.core.instants import earliest


class Customer(Struct, frozen=True):
    id: CustomerId
    organization: OrganizationId
    email: str | None = None
    locale: str = "en"
    due_at: datetime | None = None
    """When the clock alone next changes something for this customer; None is never."""
    failing_since: datetime | None = None
    """Since when a change has been due that could not be derived; None where all was."""

    @property
    def settled_until(self) -> datetime | None:
        """Until when what was derived stands, if nothing new becomes known; None is for good."""
        return earliest((self.due_at, self.failing_since))


class BoundIdentity(Struct, frozen=True):
    """A person of a platform, known to be this customer. One person, one customer."""

    organization: OrganizationId
    customer: CustomerId
    platform: Platform
    person: PersonId
    bound_at: datetime
    reachable: bool = True
    """False once the person has blocked the bot: that ends messages, never access."""


class Claim(Struct, frozen=True):
    """A one-time token by which a person says 'this customer is me'. Only its hash is kept."""

    token_hash: str
    organization: OrganizationId
    customer: CustomerId
    platform: Platform
    expires_at: datetime
    used_at: datetime | None = None


class Subscription(Struct, frozen=True):
    """A provider's subscription, or all one-time purchases of one customer and product."""

    id: SubscriptionId
    organization: OrganizationId
    customer: CustomerId
    product: ProductId
    plan: PlanId
    provider: Provider
    account: str
    reference: str
    """The provider's subscription id; one-time purchases share `passes:<product>:<customer>`."""
    created_at: datetime
    standing: str = "incomplete"
    """The last derived standing, kept so that lists can be filtered; never a source of truth."""
    access_until: datetime | None = None
    asked_since: datetime | None = None
    """Since when the provider is being asked whether it is unpaid, where no answer has come yet."""
    asked_at: datetime | None = None
    """When it was last asked that."""


class CheckoutStatus(StrEnum):
    """How a checkout ended, as far as we know; access never depends on it."""

    OPEN = "open"
    COMPLETED = "completed"
    CLOSED = "closed"


class Checkout(Struct, frozen=True):
    """An order to pay. One is open per customer and plan, so a double click opens no second one."""

    id: CheckoutId
    organization: OrganizationId
    customer: CustomerId
    plan: PlanId
    provider: Provider
    account: str
    reference: str | None
    url: str | None
    created_at: datetime
    expires_at: datetime
    status: CheckoutStatus = CheckoutStatus.OPEN
