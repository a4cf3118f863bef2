"""The store over a database, and its unit of work."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from solynk.adapters.sqlalchemy.auditing import (
    SqlAuditChains,
    SqlAuditLog,
    SqlCheckpoints,
    SqlSealedLog,
)
from solynk.adapters.sqlalchemy.bounded import bounded
from solynk.adapters.sqlalchemy.catalog import (
    SqlChannels,
    SqlOrganizations,
    SqlPlans,
    SqlProducts,
)
from solynk.adapters.sqlalchemy.census import SqlCensus
from solynk.adapters.sqlalchemy.checking import SqlAccessReader, access_reader_of
from solynk.adapters.sqlalchemy.commands import SqlCommandQueue, SqlCommands, SqlLanes, SqlLateWork
from solynk.adapters.sqlalchemy.customers import (
    SqlClaims,
    SqlCustomers,
    SqlDueCustomers,
    SqlIdentities,
)
from solynk.adapters.sqlalchemy.errors import NOT_MIGRATED, port_errors
from solynk.adapters.sqlalchemy.events import SqlEventLists, SqlEvents, SqlReads
from solynk.adapters.sqlalchemy.inbox import Inbox, inbox_of
from solynk.adapters.sqlalchemy.months import SqlMonths
from solynk.adapters.sqlalchemy.operations import SqlAlerts, SqlBrakes, SqlLeases
from solynk.adapters.sqlalchemy.purchases import (
    SqlAccesses,
    SqlCheckoutRows,
    SqlEventFacts,
    SqlFactRows,
    SqlSubscriptions,
)
from solynk.adapters.sqlalchemy.retention import (
    SqlPastEntries,
    SqlPastEvents,
    SqlRetentionRecord,
)
from solynk.adapters.sqlalchemy.rounds import Rotation
from solynk.adapters.sqlalchemy.schema import is_current
from solynk.adapters.sqlalchemy.transaction import Transaction
from solynk.core.event import Event
from solynk.core.ids import ChannelId, OrganizationId
from solynk.ports.checking import KeptAccess, Whose
from solynk.ports.errors import Unavailable
from solynk.ports.storage import UnitOfWork


class SqlUnitOfWork:
    """Every repository over one transaction."""

    def __init__(self, transaction: Transaction, rotation: Rotation) -> None:
        self.organizations = SqlOrganizations(transaction)
        self.products = SqlProducts(transaction)
        self.plans = SqlPlans(transaction)
        self.channels = SqlChannels(transaction)
        self.customers = SqlCustomers(transaction)
        self.due_customers = SqlDueCustomers(transaction)
        self.identities = SqlIdentities(transaction)
        self.claims = SqlClaims(transaction)
        self.subscriptions = SqlSubscriptions(transaction)
        self.facts = SqlFactRows(transaction)
        self.event_facts = SqlEventFacts(transaction)
        self.events = SqlEvents(transaction)
        self.event_lists = SqlEventLists(transaction, rotation.events)
        self.reads = SqlReads(transaction)
        self.accesses = SqlAccesses(transaction)
        self.commands = SqlCommands(transaction)
        self.queue = SqlCommandQueue(transaction, rotation.commands)
        self.late = SqlLateWork(transaction)
        self.lanes = SqlLanes(transaction)
        self.brakes = SqlBrakes(transaction)
        self.alerts = SqlAlerts(transaction)
        self.audit = SqlAuditLog(transaction)
        self.chains = SqlAuditChains(transaction)
        self.sealed = SqlSealedLog(transaction)
        self.checkpoints = SqlCheckpoints(transaction)
        self.checkouts = SqlCheckoutRows(transaction)
        self.leases = SqlLeases(transaction)
        self.census = SqlCensus(transaction)
        self.past_events = SqlPastEvents(transaction)
        self.past_entries = SqlPastEntries(transaction)
        self.retention = SqlRetentionRecord(transaction)
        self.months = SqlMonths(transaction)


@dataclass(frozen=True, slots=True)
class SqlStore:
    engine: AsyncEngine
    rotation: Rotation = field(default_factory=Rotation)
    _inbox: Inbox = field(init=False, repr=False)
    _accesses: SqlAccessReader = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_inbox", inbox_of(self.engine))
        object.__setattr__(self, "_accesses", access_reader_of(self.engine))

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[UnitOfWork]:
        with port_errors():
            async with bounded(), self.engine.begin() as connection:
                yield SqlUnitOfWork(Transaction(connection), self.rotation)

    async def keep(self, event: Event) -> bool:
        return await self._inbox.keep(event)

    async def kept_access(
        self, organization: OrganizationId, channel: ChannelId, whose: Whose
    ) -> KeptAccess | None:
        return await self._accesses.kept_access(organization, channel, whose)

    async def ping(self) -> None:
        with port_errors():
            async with bounded(), self.engine.connect() as connection:
                current = await is_current(connection)
        if not current:
            raise Unavailable("database", NOT_MIGRATED)
