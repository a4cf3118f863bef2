"""The tables. A column is keyed by the name that its field has in our values.

Every owned table leads with its organization, in its key and in the indexes by which it lists.
There are no foreign keys: the organization in the key keeps tenants apart, the port promises no
order of writing, and on PostgreSQL a foreign key would make each new row of a customer wait for the
lock on that customer.
"""

from solynk.adapters.sqlalchemy.tables.owned import (
    accesses,
    brakes,
    channels,
    checkouts,
    claims,
    customers,
    facts,
    identities,
    organizations,
    payment_accounts,
    plans,
    products,
    subscriptions,
)
from solynk.adapters.sqlalchemy.tables.parts import metadata
from solynk.adapters.sqlalchemy.tables.work import (
    CLAIMABLE,
    CUTS,
    DUE,
    LIVE,
    UNMATCHED,
    UNSIGNED,
    alerts,
    audit,
    audit_chains,
    audit_checkpoints,
    audit_seals,
    audit_unsealed,
    commands,
    event_keys,
    events,
    lanes,
    leases,
    reads,
    retention,
)

__all__ = [
    "CLAIMABLE",
    "CUTS",
    "DUE",
    "LIVE",
    "UNMATCHED",
    "UNSIGNED",
    "accesses",
    "alerts",
    "audit",
    "audit_chains",
    "audit_checkpoints",
    "audit_seals",
    "audit_unsealed",
    "brakes",
    "channels",
    "checkouts",
    "claims",
    "commands",
    "customers",
    "event_keys",
    "events",
    "facts",
    "identities",
    "lanes",
    "leases",
    "metadata",
    "organizations",
    "payment_accounts",
    "plans",
    "products",
    "reads",
    "retention",
    "subscriptions",
]
