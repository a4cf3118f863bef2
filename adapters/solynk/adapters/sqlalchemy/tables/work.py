"""What is to be done, what is being done, and what was told and written down about it."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from solynk.adapters.sqlalchemy.columns import Document, Utc, Word
from solynk.adapters.sqlalchemy.tables.parts import (
    chain,
    maybe_owner,
    metadata,
    own_id,
    ref,
    some,
    where,
)
from solynk.core.alert import AlertKind
from solynk.core.checkpoint import CheckpointKind
from solynk.core.command import CommandStatus, Order
from solynk.core.event import EventStatus
from solynk.core.retention import Kept

LIVE: Final = "status IN ('ready', 'leased', 'parked')"
CLAIMABLE: Final = "status IN ('ready', 'leased')"
DUE: Final = "due_at IS NOT NULL"
UNMATCHED: Final = "status = 'unmatched'"
UNSIGNED: Final = "signed_seq IS NULL OR signed_seq < seq"
CUTS: Final = "kind = 'cut'"
"""Conditions of partial indexes. A query repeats them in these words, with no parameters in them,
or a prepared plan could not use the index."""

events: Final = Table(
    "events",
    metadata,
    own_id(),
    some("source", Text),
    some("account", Text),
    some("livemode", Boolean),
    some("external_id", Text),
    some("kind", Text),
    some("body", LargeBinary),
    some("received_at", Utc),
    some("status", Word(EventStatus)),
    some("correlation", Text),
    maybe_owner(),
    Column("due_at", Utc),
    some("attempts", Integer),
    Column("reason", Text),
    Column("reference", Text),
    Column("applied_at", Utc),
    Column("replayed_at", Utc),
    some("decoder", Text),
    Index(None, "organization", "id"),
    Index(None, "due_at", "id", **where(DUE)),
    Index(None, "account", "due_at", "id", **where(DUE)),
    Index(None, "organization", "reference", **where(UNMATCHED)),
)
"""On PostgreSQL by months, told by the id, which begins with its time."""


event_keys: Final = Table(
    "event_keys",
    metadata,
    some("source", Text, key=True),
    some("account", Text, key=True),
    some("livemode", Boolean, key=True),
    some("external_id", Text, key=True),
)
"""Of every event that ever came, also of a provider's that are gone: no second one is inserted.

A trigger of `events` keeps them, for no unique key reaches from one month into another.
"""


reads: Final = Table(
    "reads",
    metadata,
    some("source", Text, key=True),
    some("account", Text, key=True),
    some("object", Text, key=True),
    some("number", BigInteger),
)


commands: Final = Table(
    "commands",
    metadata,
    own_id(),
    maybe_owner(),
    some("order", Document[Order](Order)),
    some("subject", Text),
    some("lane", Text),
    some("status", Word(CommandStatus)),
    some("due_at", Utc),
    some("deadline", Utc),
    some("created_at", Utc),
    some("correlation", Text),
    Column("caused_at", Utc),
    some("attempts", Integer),
    Column("lease", Text),
    Column("lease_until", Utc),
    Column("reason", Text),
    Column("finished_at", Utc),
    Index(None, "subject", unique=True, **where(LIVE)),
    Index(None, "due_at", "id", **where(CLAIMABLE)),
    Index(None, "lane", "due_at", "id", **where(CLAIMABLE)),
    Index(None, "organization", "due_at", "id", **where(CLAIMABLE)),
    Index(None, "organization", "created_at", "id"),
)


lanes: Final = Table(
    "lanes",
    metadata,
    some("name", Text, key=True),
    some("failures", Integer),
    Column("open_until", Utc),
)


alerts: Final = Table(
    "alerts",
    metadata,
    own_id(),
    maybe_owner(),
    some("kind", Word(AlertKind)),
    some("subject", Text),
    some("message", Text),
    some("opened_at", Utc),
    Column("resolved_at", Utc),
    Index(None, "organization", "kind", "subject", unique=True, **where("resolved_at IS NULL")),
    Index(
        None,
        "kind",
        "subject",
        unique=True,
        **where("resolved_at IS NULL AND organization_id IS NULL"),
    ),
    Index(None, "organization", "opened_at", "id"),
)
"""NULLs are distinct in an index, so alerts of no organization have one of their own."""


audit: Final = Table(
    "audit",
    metadata,
    own_id(),
    maybe_owner(),
    some("at", Utc),
    some("actor", Text),
    some("action", Text),
    some("resource", Text),
    some("correlation", Text),
    some("details", Document[dict[str, str]](dict[str, str])),
    Index(None, "organization", "at", "id"),
    Index(None, "organization", "resource", "at", "id"),
)
"""By months like `events`."""


audit_unsealed: Final = Table("audit_unsealed", metadata, own_id())
"""Ids of entries that wait for their seal: an entry itself is never changed."""


audit_seals: Final = Table(
    "audit_seals",
    metadata,
    chain(key=True),
    some("seq", BigInteger, key=True),
    ref("entry"),
    some("hash", LargeBinary(32)),
    UniqueConstraint("entry"),
)


audit_chains: Final = Table(
    "audit_chains",
    metadata,
    chain(key=True),
    some("seq", BigInteger),
    some("hash", LargeBinary(32)),
    Column("signed_seq", BigInteger),
    Column("signed_at", Utc),
    Index(None, "signed_at", **where(UNSIGNED)),
)
"""The end of each chain, and how far its last checkpoint goes."""


audit_checkpoints: Final = Table(
    "audit_checkpoints",
    metadata,
    chain(key=True),
    some("seq", BigInteger, key=True),
    Column("kind", Word(CheckpointKind), primary_key=True),
    some("hash", LargeBinary(32)),
    some("at", Utc),
    some("key", Text),
    some("signature", LargeBinary),
    Index(None, "organization", "seq", **where(CUTS)),
)


retention: Final = Table(
    "retention",
    metadata,
    some("kind", Word(Kept), key=True),
    some("upto", Utc),
)
"""Until when everything is gone that has to be."""


leases: Final = Table(
    "leases",
    metadata,
    some("name", Text, key=True),
    some("holder", Text),
    some("until", Utc),
)
