"""A store in memory: real, shipped, and the quickest way to try Solynk. It forgets at the end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime

from solynk.adapters.memory.storage.auditing import (
    CheckpointRows,
    EntryRows,
    HeadRows,
    InMemoryAuditChains,
    InMemoryAuditLog,
    InMemoryCheckpoints,
    InMemorySealedLog,
    SealRows,
)
from solynk.adapters.memory.storage.catalog import (
    InMemoryChannels,
    InMemoryOrganizations,
    InMemoryPlans,
    InMemoryProducts,
)
from solynk.adapters.memory.storage.census import InMemoryCensus
from solynk.adapters.memory.storage.checking import kept_access
from solynk.adapters.memory.storage.commands import (
    InMemoryCommandQueue,
    InMemoryCommands,
    InMemoryLanes,
    InMemoryLateWork,
)
from solynk.adapters.memory.storage.customers import (
    InMemoryClaims,
    InMemoryCustomers,
    InMemoryDueCustomers,
    InMemoryIdentities,
)
from solynk.adapters.memory.storage.events import (
    InMemoryEventLists,
    InMemoryEvents,
    InMemoryReads,
    KeyRows,
)
from solynk.adapters.memory.storage.operations import (
    InMemoryAlerts,
    InMemoryBrakes,
    InMemoryLeases,
)
from solynk.adapters.memory.storage.purchases import (
    FactKey,
    InMemoryAccesses,
    InMemoryCheckoutRows,
    InMemoryEventFacts,
    InMemoryFactRows,
    InMemorySubscriptions,
)
from solynk.adapters.memory.storage.retention import (
    InMemoryMonths,
    InMemoryPastEntries,
    InMemoryPastEvents,
    InMemoryRetentionRecord,
)
from solynk.adapters.memory.storage.rows import Rows
from solynk.core.access import Access
from solynk.core.alert import Alert
from solynk.core.brake import Brake
from solynk.core.catalog import Channel, Organization, Plan, Platform, Product
from solynk.core.command import Command
from solynk.core.customer import BoundIdentity, Checkout, Claim, Customer, Subscription
from solynk.core.event import Event
from solynk.core.ids import (
    AccessId,
    AlertId,
    ChannelId,
    CheckoutId,
    CommandId,
    CustomerId,
    EventId,
    OrganizationId,
    PlanId,
    ProductId,
    SubscriptionId,
)
from solynk.core.retention import Kept
from solynk.ports.checking import KeptAccess, Whose
from solynk.ports.storage import Lane, StoredFact, UnitOfWork


@dataclass(frozen=True, slots=True)
class Tables:
    """All rows of the store."""

    organizations: Rows[OrganizationId, Organization] = field(default_factory=Rows)
    products: Rows[tuple[OrganizationId, ProductId], Product] = field(default_factory=Rows)
    plans: Rows[tuple[OrganizationId, PlanId], Plan] = field(default_factory=Rows)
    channels: Rows[tuple[OrganizationId, ChannelId], Channel] = field(default_factory=Rows)
    customers: Rows[tuple[OrganizationId, CustomerId], Customer] = field(default_factory=Rows)
    identities: Rows[tuple[OrganizationId, CustomerId, Platform], BoundIdentity] = field(
        default_factory=Rows
    )
    claims: Rows[str, Claim] = field(default_factory=Rows)
    subscriptions: Rows[tuple[OrganizationId, SubscriptionId], Subscription] = field(
        default_factory=Rows
    )
    facts: Rows[FactKey, StoredFact] = field(default_factory=Rows)
    events: Rows[EventId, Event] = field(default_factory=Rows)
    event_keys: KeyRows = field(default_factory=Rows)
    reads: Rows[tuple[str, str, str], int] = field(default_factory=Rows)
    accesses: Rows[tuple[OrganizationId, AccessId], Access] = field(default_factory=Rows)
    commands: Rows[CommandId, Command] = field(default_factory=Rows)
    lanes: Rows[str, Lane] = field(default_factory=Rows)
    brakes: Rows[tuple[OrganizationId, ChannelId], Brake] = field(default_factory=Rows)
    alerts: Rows[AlertId, Alert] = field(default_factory=Rows)
    audit: EntryRows = field(default_factory=Rows)
    seals: SealRows = field(default_factory=Rows)
    chains: HeadRows = field(default_factory=Rows)
    checkpoints: CheckpointRows = field(default_factory=Rows)
    checkouts: Rows[tuple[OrganizationId, CheckoutId], Checkout] = field(default_factory=Rows)
    accounts: Rows[str, tuple[str, OrganizationId]] = field(default_factory=Rows)
    leases: Rows[str, tuple[str, datetime]] = field(default_factory=Rows)
    retention: Rows[Kept, datetime] = field(default_factory=Rows)

    def keep(self) -> None:
        for it in fields(self):
            getattr(self, it.name).keep()

    def undo(self) -> None:
        for it in fields(self):
            getattr(self, it.name).undo()


class InMemoryUnitOfWork:
    """Every repository over the tables of one store."""

    def __init__(self, tables: Tables) -> None:
        self.organizations = InMemoryOrganizations(tables.organizations, tables.accounts)
        self.products = InMemoryProducts(tables.products)
        self.plans = InMemoryPlans(tables.plans)
        self.channels = InMemoryChannels(tables.channels)
        self.customers = InMemoryCustomers(tables.customers)
        self.due_customers = InMemoryDueCustomers(tables.customers, tables.accesses)
        self.identities = InMemoryIdentities(tables.identities)
        self.claims = InMemoryClaims(tables.claims)
        self.subscriptions = InMemorySubscriptions(tables.subscriptions)
        self.facts = InMemoryFactRows(tables.facts)
        self.event_facts = InMemoryEventFacts(tables.facts)
        self.events = InMemoryEvents(tables.events, tables.event_keys)
        self.event_lists = InMemoryEventLists(tables.events)
        self.reads = InMemoryReads(tables.reads)
        self.accesses = InMemoryAccesses(tables.accesses)
        self.commands = InMemoryCommands(tables.commands)
        self.queue = InMemoryCommandQueue(tables.commands, tables.lanes)
        self.late = InMemoryLateWork(tables.commands)
        self.lanes = InMemoryLanes(tables.lanes)
        self.brakes = InMemoryBrakes(tables.brakes)
        self.alerts = InMemoryAlerts(tables.alerts)
        self.audit = InMemoryAuditLog(tables.audit)
        self.chains = InMemoryAuditChains(tables.audit, tables.seals, tables.chains)
        self.sealed = InMemorySealedLog(tables.audit, tables.seals, tables.chains)
        self.checkpoints = InMemoryCheckpoints(tables.checkpoints, tables.chains)
        self.checkouts = InMemoryCheckoutRows(tables.checkouts)
        self.leases = InMemoryLeases(tables.leases)
        self.census = InMemoryCensus(
            tables.events, tables.commands, tables.customers, tables.alerts, tables.lanes
        )
        self.past_events = InMemoryPastEvents(tables.events, tables.event_keys, tables.alerts)
        self.past_entries = InMemoryPastEntries(tables.audit, tables.seals, tables.checkpoints)
        self.retention = InMemoryRetentionRecord(
            tables.retention, tables.organizations, tables.events, tables.audit
        )
        self.months = InMemoryMonths()


class InMemoryStore:
    """One unit of work at a time: the next one waits, so a unit inside a unit waits for ever."""

    def __init__(self) -> None:
        self._tables = Tables()
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[UnitOfWork]:
        async with self._turn:
            try:
                yield InMemoryUnitOfWork(self._tables)
            except BaseException:
                self._tables.undo()
                raise
            self._tables.keep()

    async def keep(self, event: Event) -> bool:
        async with self.begin() as unit:
            return await unit.events.add(event)

    async def kept_access(
        self, organization: OrganizationId, channel: ChannelId, whose: Whose
    ) -> KeptAccess | None:
        async with self.begin() as unit:
            return await kept_access(unit, organization, channel, whose)

    async def ping(self) -> None:
        """Memory always answers."""
