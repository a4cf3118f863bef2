"""What an organization has, and what became known about its customers."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from solynk.adapters.sqlalchemy.columns import Document, Utc, Word
from solynk.adapters.sqlalchemy.tables.parts import (
    metadata,
    own_id,
    owner,
    ref,
    some,
    where,
)
from solynk.core.access import Seen
from solynk.core.catalog import (
    ChannelHealth,
    Closed,
    Entitlement,
    Platform,
    ProductStatus,
    Provider,
    RemovalMode,
)
from solynk.core.customer import CheckoutStatus
from solynk.core.entitlement import Desired
from solynk.core.facts import Fact
from solynk.core.instants import Interval
from solynk.core.policies import AccessPolicy

organizations: Final = Table(
    "organizations",
    metadata,
    own_id(),
    some("name", Text),
    some("slug", Text),
    some("policy", Document[AccessPolicy](AccessPolicy)),
    Column("payment_account", Text),
    some("removals_stopped", Boolean),
    Column("legal_hold", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("slug"),
)


payment_accounts: Final = Table(
    "payment_accounts",
    metadata,
    some("account", Text, key=True),
    owner(),
)
"""Every account that was ever connected: it stays its organization's."""


products: Final = Table(
    "products",
    metadata,
    owner(key=True),
    own_id(),
    some("name", Text),
    some("status", Word(ProductStatus)),
    some("opens", Document[tuple[Entitlement, ...]](tuple[Entitlement, ...])),
    some("closed", Document[tuple[Closed, ...]](tuple[Closed, ...])),
)


plans: Final = Table(
    "plans",
    metadata,
    owner(key=True),
    own_id(),
    ref("product"),
    some("name", Text),
    some("price_minor", BigInteger),
    some("price_currency", String(3)),
    some("interval", Word(Interval)),
    some("trial_days", Integer),
    Column("access_days", Integer),
    Column("grace_days", Integer),
    some("active", Boolean),
)


channels: Final = Table(
    "channels",
    metadata,
    owner(key=True),
    own_id(),
    some("platform", Word(Platform)),
    some("chat", Text),
    some("title", Text),
    Column("join_link", Text),
    some("health", Word(ChannelHealth)),
    Column("fault", Text),
    some("removals", Word(RemovalMode)),
    some("never_remove", Document[tuple[str, ...]](tuple[str, ...])),
    UniqueConstraint("platform", "chat"),
)


customers: Final = Table(
    "customers",
    metadata,
    owner(key=True),
    own_id(),
    Column("email", Text),
    some("locale", Text),
    Column("due_at", Utc),
    Column("failing_since", Utc),
    Index(None, "due_at", **where("due_at IS NOT NULL")),
)


identities: Final = Table(
    "identities",
    metadata,
    owner(key=True),
    ref("customer", key=True),
    some("platform", Word(Platform), key=True),
    some("person", Text),
    some("bound_at", Utc),
    some("reachable", Boolean),
    UniqueConstraint("organization", "platform", "person"),
)


claims: Final = Table(
    "claims",
    metadata,
    some("token_hash", Text, key=True),
    owner(),
    ref("customer"),
    some("platform", Word(Platform)),
    some("expires_at", Utc),
    Column("used_at", Utc),
)


subscriptions: Final = Table(
    "subscriptions",
    metadata,
    owner(key=True),
    own_id(),
    ref("customer"),
    ref("product"),
    ref("plan"),
    some("provider", Word(Provider)),
    some("account", Text),
    some("reference", Text),
    some("created_at", Utc),
    some("standing", Text),
    Column("access_until", Utc),
    Column("asked_since", Utc),
    Column("asked_at", Utc),
    UniqueConstraint("organization", "provider", "account", "reference"),
    Index(None, "organization", "customer"),
)


facts: Final = Table(
    "facts",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    owner(),
    ref("customer"),
    ref("subscription", nullable=True),
    some("kind", Text),
    some("object", Text),
    some("fact", Document[Fact](Fact)),
    some("digest", LargeBinary(32)),
    ref("event", nullable=True),
    some("recorded_at", Utc),
    UniqueConstraint("organization", "customer", "digest"),
    Index(None, "organization", "kind", "object"),
    Index(None, "event", **where("event_id IS NOT NULL")),
)
"""`digest` is of subject and content: what makes a fact this very fact."""


accesses: Final = Table(
    "accesses",
    metadata,
    owner(key=True),
    own_id(),
    ref("customer"),
    ref("channel"),
    some("desired", Word(Desired)),
    some("seen", Document[Seen](Seen)),
    some("may_be_inside", Boolean),
    some("generation", Integer),
    Column("acted_on", Text),
    some("claim_offered", Boolean),
    Column("inside_since", Utc),
    Column("given_up", Integer),
    UniqueConstraint("organization", "customer", "channel"),
    Index(None, "organization", "channel", "may_be_inside"),
)
"""`may_be_inside` is what `seen` says, where it can be counted."""


brakes: Final = Table(
    "brakes",
    metadata,
    owner(key=True),
    ref("channel", key=True),
    some("window_since", Utc),
    some("expulsions", Integer),
    some("engaged", Boolean),
    Column("released_until", Utc),
)


checkouts: Final = Table(
    "checkouts",
    metadata,
    owner(key=True),
    own_id(),
    ref("customer"),
    ref("plan"),
    some("provider", Word(Provider)),
    some("account", Text),
    Column("reference", Text),
    Column("url", Text),
    some("created_at", Utc),
    some("expires_at", Utc),
    some("status", Word(CheckoutStatus)),
    Index(None, "organization", "customer", "plan", unique=True, **where("status = 'open'")),
    Index(None, "organization", "reference"),
)
