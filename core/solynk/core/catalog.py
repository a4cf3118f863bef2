"""What is sold, and the places it opens."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from solynk.core.facts import MAX_ACCESS_DAYS
from solynk.core.ids import ChannelId, ChatId, OrganizationId, PlanId, ProductId
from solynk.core.instants import DAY, Interval
from solynk.core.money import Money, refuse_unchargeable
from solynk.core.policies import MAX_GRACE, AccessPolicy

MAX_TRIAL_DAYS: Final = 730
MAX_STARS: Final = 10_000
"""The dearest plan payable in Stars: core.telegram.org/bots/api#createinvoicelink."""

_STARS_INTERVALS: Final = frozenset({Interval.MONTH, Interval.ONE_TIME})


class Provider(StrEnum):
    """Who takes the money."""

    STRIPE = "stripe"
    STARS = "stars"
    PAYPAL = "paypal"
    MEMORY = "memory_provider"

    @property
    def keeps_subscriptions(self) -> bool:
        """Whether there is a subscription object that can be asked for the truth."""
        return self is not Provider.STARS


class Platform(StrEnum):
    """Who runs the channel."""

    TELEGRAM = "telegram"
    DISCORD = "discord"
    WHATSAPP = "whatsapp"
    MEMORY = "memory_platform"


class Organization(Struct, frozen=True):
    """A creator's business: the tenant."""

    id: OrganizationId
    name: str
    slug: str
    policy: AccessPolicy = AccessPolicy()
    payment_account: str | None = None
    """The creator's own account at the payment provider, such as `acct_...`: they are the seller."""
    removals_stopped: bool = False
    """The stop switch: nobody is expelled from any channel, admissions go on."""
    legal_hold: bool = False
    """Nothing of it is deleted by age, such as while a court may ask for it."""


class ProductStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ARCHIVED = "archived"


class ToChannel(Struct, frozen=True, tag="channel"):
    channel: ChannelId


class ToFeature(Struct, frozen=True, tag="feature"):
    name: str


class ToQuota(Struct, frozen=True, tag="quota"):
    name: str
    amount: int


Entitlement: TypeAlias = ToChannel | ToFeature | ToQuota


class Closed(Struct, frozen=True):
    """The creator's decision that a product opens a channel no longer."""

    channel: ChannelId
    since: datetime


class Product(Struct, frozen=True):
    id: ProductId
    organization: OrganizationId
    name: str
    status: ProductStatus
    opens: tuple[Entitlement, ...] = ()
    closed: tuple[Closed, ...] = ()
    """The channels that it opened once: why those who hold it are in there, and are to go."""

    @property
    def channels(self) -> tuple[ChannelId, ...]:
        return tuple(it.channel for it in self.opens if isinstance(it, ToChannel))

    def closed_since(self, channel: ChannelId) -> datetime | None:
        return next((it.since for it in self.closed if it.channel == channel), None)

    def following(self, before: "Product", at: datetime) -> "Product":
        """This product, which remembers what the one before opened and it does not any more."""
        kept = tuple(it for it in before.closed if it.channel not in self.channels)
        left = (it for it in before.channels if it not in self.channels)
        return replace(self, closed=(*kept, *(Closed(it, at) for it in left)))


class Plan(Struct, frozen=True):
    """A price for a product. Amount, currency and interval never change: sell a new plan instead."""

    id: PlanId
    organization: OrganizationId
    product: ProductId
    name: str
    price: Money
    interval: Interval
    trial_days: int = 0
    access_days: int | None = None
    """How long a one-time plan gives access; None is for life."""
    grace_days: int | None = None
    """Overrides the organization's grace period for this plan."""
    active: bool = True

    def __post_init__(self) -> None:
        refuse_unchargeable(self.price)
        if not 0 <= self.trial_days <= MAX_TRIAL_DAYS:
            raise ValueError(f"trial_days must be 0 to {MAX_TRIAL_DAYS}, not {self.trial_days}")
        if self.access_days is not None and not 1 <= self.access_days <= MAX_ACCESS_DAYS:
            raise ValueError(f"access_days must be 1 to {MAX_ACCESS_DAYS}, not {self.access_days}")
        if self.grace_days is not None and not 0 <= self.grace_days <= MAX_GRACE // DAY:
            raise ValueError(f"grace_days must be 0 to {MAX_GRACE // DAY}, not {self.grace_days}")
        self._refuse_mixtures()

    def _refuse_mixtures(self) -> None:
        if self.interval.renews and self.access_days is not None:
            raise ValueError(
                "access_days is for one-time plans: a renewing plan gives its interval"
            )
        if not self.interval.renews and (self.trial_days or self.grace_days is not None):
            raise ValueError("a one-time plan has no trial and no grace period")
        if self.price.currency == "XTR" and self.price.minor > MAX_STARS:
            raise ValueError(f"a plan in Stars costs at most {MAX_STARS}, not {self.price.minor}")
        if self.price.currency == "XTR" and self.interval not in _STARS_INTERVALS:
            raise ValueError("a plan in Stars renews every 30 days, so monthly, or is one-time")

    def policy(self, organization: AccessPolicy) -> AccessPolicy:
        """The organization's policy as it applies to this plan."""
        return organization.for_interval(
            self.interval,
            grace=None if self.grace_days is None else timedelta(days=self.grace_days),
        )

    @property
    def access(self) -> timedelta | None:
        return None if self.access_days is None else self.access_days * DAY


class ChannelHealth(StrEnum):
    """What `inspect` found, and therefore whether calls make sense."""

    READY = "ready"
    NO_RIGHTS = "no_rights"
    """The bot is not an admin, or lacks a right: commands wait, and a person is told."""
    GONE = "gone"
    """The chat does not exist any more, or the bot was removed from it."""
    UNCHECKED = "unchecked"

    @property
    def usable(self) -> bool:
        """An unchecked channel is tried: the platform's answer then says what is wrong."""
        return self in {ChannelHealth.READY, ChannelHealth.UNCHECKED}


class RemovalMode(StrEnum):
    """Whether expulsions from a channel are carried out."""

    ENFORCED = "enforced"
    SHADOW = "shadow"
    """Would-be expulsions are logged and not carried out: the default after an import."""
    STOPPED = "stopped"


class Channel(Struct, frozen=True):
    """A place where access is given. One chat belongs to one organization only."""

    id: ChannelId
    organization: OrganizationId
    platform: Platform
    chat: ChatId
    title: str
    join_link: str | None = None
    """A permanent link that asks to join. It is no secret: the bound identity is the lock."""
    health: ChannelHealth = ChannelHealth.UNCHECKED
    fault: str | None = None
    removals: RemovalMode = RemovalMode.ENFORCED
    never_remove: tuple[str, ...] = ()
    """Platform user ids that are never expelled, whatever their rights."""
