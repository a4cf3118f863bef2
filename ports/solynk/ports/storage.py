"""Storage: one unit of work, a few small repositories.

Every owned row names its organization, and every read of owned rows asks for it. What is written in
one unit of work is committed together or not at all.
"""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from solynk.core.access import Access
from solynk.core.alert import Alert, AlertKind
from solynk.core.audit import AuditEntry
from solynk.core.brake import Brake
from solynk.core.catalog import Channel, Organization, Plan, Platform, Product, Provider
from solynk.core.command import Command, CommandStatus
from solynk.core.customer import BoundIdentity, Checkout, Claim, Customer, Subscription
from solynk.core.event import Event, EventStatus
from solynk.core.facts import Fact
from solynk.core.ids import (
    AccessId,
    AlertId,
    ChannelId,
    ChatId,
    CheckoutId,
    CommandId,
    CustomerId,
    EventId,
    OrganizationId,
    PersonId,
    PlanId,
    ProductId,
    SubscriptionId,
)
from solynk.ports.census import Census
from solynk.ports.checking import AccessReader
from solynk.ports.retention import Months, PastEntries, PastEvents, RetentionRecord
from solynk.ports.sealing import AuditChains, Checkpoints, SealedLog


class Organizations(Protocol):
    async def get(self, organization: OrganizationId) -> Organization | None: ...

    async def lock(self, organization: OrganizationId) -> Organization | None:
        """The organization, held until the unit of work ends: all changes to one organization are serial."""
        ...

    async def put(self, organization: Organization) -> None:
        """Insert, or replace the one of this id.

        Raises:
            Conflict: the slug is another organization's, or the payment account is or was.
        """
        ...

    async def all(self) -> Sequence[Organization]: ...

    async def owning(self, account: str) -> Organization | None:
        """Whose payment account this is, or once was: what was sold on it goes on being paid there."""
        ...

    async def accounts(self, organization: OrganizationId) -> Sequence[str]:
        """Every payment account that it has or had, in order."""
        ...


class Products(Protocol):
    async def get(self, organization: OrganizationId, product: ProductId) -> Product | None: ...

    async def lock(self, organization: OrganizationId, product: ProductId) -> Product | None:
        """The product, held until the unit of work ends: all changes to one product are serial."""
        ...

    async def among(
        self, organization: OrganizationId, ids: Collection[ProductId]
    ) -> Sequence[Product]:
        """Those of these that there are, by id."""
        ...

    async def put(self, product: Product) -> None: ...

    async def all(self, organization: OrganizationId) -> Sequence[Product]: ...


class Plans(Protocol):
    async def get(self, organization: OrganizationId, plan: PlanId) -> Plan | None: ...

    async def lock(self, organization: OrganizationId, plan: PlanId) -> Plan | None:
        """The plan, held until the unit of work ends: all changes to one plan are serial."""
        ...

    async def among(self, organization: OrganizationId, ids: Collection[PlanId]) -> Sequence[Plan]:
        """Those of these that there are, by id."""
        ...

    async def put(self, plan: Plan) -> None: ...

    async def all(self, organization: OrganizationId) -> Sequence[Plan]: ...


class Channels(Protocol):
    async def get(self, organization: OrganizationId, channel: ChannelId) -> Channel | None: ...

    async def lock(self, organization: OrganizationId, channel: ChannelId) -> Channel | None:
        """The channel, held until the unit of work ends: all changes to one channel are serial."""
        ...

    async def among(
        self, organization: OrganizationId, ids: Collection[ChannelId]
    ) -> Sequence[Channel]:
        """Those of these that there are, by id."""
        ...

    async def put(self, channel: Channel) -> None:
        """Insert, or replace the one of this id.

        Raises:
            Conflict: the chat is a channel already, perhaps another organization's.
        """
        ...

    async def all(self, organization: OrganizationId) -> Sequence[Channel]: ...

    async def at(self, platform: Platform, chat: ChatId) -> Channel | None:
        """The channel that this chat is: the platform, not the caller, tells whose it is."""
        ...


class Customers(Protocol):
    async def get(self, organization: OrganizationId, customer: CustomerId) -> Customer | None: ...

    async def lock(self, organization: OrganizationId, customer: CustomerId) -> Customer | None:
        """The customer, held until the unit of work ends: all changes to one customer are serial."""
        ...

    async def put(self, *customers: Customer) -> None:
        """Insert each, or replace the one of its id."""
        ...

    async def all(
        self, organization: OrganizationId, *, after: CustomerId | None = None, limit: int = 100
    ) -> Sequence[Customer]:
        """By id, a page at a time."""
        ...


class DueCustomers(Protocol):
    async def due(self, at: datetime, limit: int) -> Sequence[Customer]:
        """Customers whose `due_at` has come, in rounds over organizations, the longest due first."""
        ...

    async def lock(
        self, organization: OrganizationId, customers: Collection[CustomerId], at: datetime
    ) -> Sequence[Customer]:
        """Those of these who are due, by id, each held until the unit of work ends.

        Whoever another unit of work holds is left to that one: nobody waits for a lock here.
        """
        ...

    async def any_due(self, organization: OrganizationId, at: datetime) -> bool:
        """Whether anyone of the organization is due."""
        ...

    async def touch(
        self, organization: OrganizationId, channel: ChannelId | None, at: datetime
    ) -> int:
        """Make customers due: those with an access to `channel`, or all of the organization's.

        Each is held until the unit of work ends, as by `lock`, in the order of their ids; also who
        is due already. Answers how many they are.
        """
        ...


class Identities(Protocol):
    async def of(
        self, organization: OrganizationId, *customers: CustomerId
    ) -> Sequence[BoundIdentity]: ...

    async def person(
        self, organization: OrganizationId, platform: Platform, person: PersonId
    ) -> BoundIdentity | None: ...

    async def put(self, identity: BoundIdentity) -> None:
        """Bind; a customer has one person on a platform, so this replaces an earlier one.

        Raises:
            Conflict: the person is another customer's; `holder` names that customer.
        """
        ...


class Claims(Protocol):
    async def put(self, claim: Claim) -> None: ...

    async def take(self, token_hash: str, at: datetime) -> Claim | None:
        """The claim, marked as used; None where it is unknown, used or expired. One taker wins."""
        ...


class Subscriptions(Protocol):
    async def get(
        self, organization: OrganizationId, subscription: SubscriptionId
    ) -> Subscription | None: ...

    async def find(
        self, organization: OrganizationId, provider: Provider, account: str, reference: str
    ) -> Subscription | None:
        """By the provider's own name for it; for passes also by our customer, in the reference."""
        ...

    async def of(
        self, organization: OrganizationId, *customers: CustomerId
    ) -> Sequence[Subscription]:
        """All of these customers', by id."""
        ...

    async def put(self, *subscriptions: Subscription) -> None:
        """Insert each, or replace the one of its id.

        Raises:
            Conflict: another subscription has this (provider, account, reference).
        """
        ...


class StoredFact(Struct, frozen=True):
    organization: OrganizationId
    customer: CustomerId
    subscription: SubscriptionId | None
    """None for what people decided about the customer."""
    fact: Fact
    event: EventId | None
    recorded_at: datetime


class FactRows(Protocol):
    async def add(self, fact: StoredFact) -> bool:
        """Append. False where this very fact (identity and content) was known for its subject."""
        ...

    async def let_go(self, fact: StoredFact) -> None:
        """Delete a read that its ledger is the same without; what is not there is no error."""
        ...

    async def of(
        self, organization: OrganizationId, *customers: CustomerId
    ) -> Sequence[StoredFact]:
        """Every fact of these customers, in the order of recording."""
        ...

    async def paying(self, organization: OrganizationId, payment: str) -> SubscriptionId | None:
        """The subscription that has a payment fact of this id."""
        ...


class EventFacts(Protocol):
    async def of(self, event: EventId) -> Sequence[StoredFact]:
        """What this event was the first to tell, in the order of recording."""
        ...

    async def known(self, organization: OrganizationId, fact: Fact) -> bool:
        """Whether a customer of this organization has this very fact, whatever told it."""
        ...


class Events(Protocol):
    async def add(self, event: Event) -> bool:
        """Insert if new. False where (source, account, livemode, external id) is known.

        It is known for ever, also once the event itself was let go, see `PastEvents.let_go`.
        """
        ...

    async def get(self, event: EventId) -> Event | None: ...

    async def lock(self, event: EventId) -> Event | None:
        """The event, held until the unit of work ends; None where another holds it."""
        ...

    async def put(self, event: Event) -> None:
        """Replace the one of this id; its body never changes."""
        ...


class DueEvent(Struct, frozen=True):
    id: EventId
    source: str
    account: str


class EventLists(Protocol):
    async def due(self, at: datetime, limit: int) -> Sequence[DueEvent]:
        """Events to apply, in rounds over accounts and those of one account the longest due first.

        Listed in the order in which they became due: an account's events are applied in turn.
        """
        ...

    async def first_due(self, source: str, account: str, at: datetime) -> EventId | None:
        """Of the events of this source and account that are due at `at`, the longest due."""
        ...

    async def unmatched(self, organization: OrganizationId, reference: str) -> Sequence[EventId]:
        """Events that wait for this provider's object, oldest first."""
        ...

    async def all(
        self,
        organization: OrganizationId | None,
        *,
        status: EventStatus | None = None,
        sources: Collection[str] = (),
        before: EventId | None = None,
        limit: int = 100,
    ) -> Sequence[Event]:
        """The newest first, of these sources, or of any where none is named.

        None lists those that no organization owns.
        """
        ...


class Reads(Protocol):
    async def next_number(self, source: str, account: str, object_id: str) -> int:
        """A number for a fetch, greater than every one given before for this object.

        Until this unit of work ends, whoever asks for the next one of this object waits.
        """
        ...


class Accesses(Protocol):
    async def get(self, organization: OrganizationId, access: AccessId) -> Access | None: ...

    async def of(self, organization: OrganizationId, *customers: CustomerId) -> Sequence[Access]:
        """All of these customers', by id."""
        ...

    async def put(self, *accesses: Access) -> None:
        """Insert each, or replace the one of its id.

        Raises:
            Conflict: the customer has another access to this channel.
        """
        ...

    async def at(self, organization: OrganizationId, channel: ChannelId) -> Sequence[Access]:
        """Every access to the channel, by id."""
        ...

    async def inside(self, organization: OrganizationId, channel: ChannelId) -> int:
        """How many accesses to the channel there are whose person may be inside."""
        ...


class Commands(Protocol):
    async def add(self, *commands: Command) -> Collection[CommandId]:
        """Insert each, unless a command of its subject is live. Answers which were inserted."""
        ...

    async def get(self, command: CommandId) -> Command | None: ...

    async def live(self, subject: str) -> Command | None:
        """The one command of this subject that is ready, leased or parked."""
        ...

    async def live_among(self, subjects: Collection[str]) -> Sequence[Command]:
        """The live commands of these subjects, one of each at most, by id."""
        ...

    async def put(self, command: Command, *, lease: str | None) -> bool:
        """Replace the one of this id, if its stored lease is still `lease`; False where not."""
        ...


class CommandQueue(Protocol):
    async def claim(
        self, at: datetime, wall: datetime, until: datetime, lease: str, limit: int
    ) -> Sequence[Command]:
        """Lease what is ready and due at `at`, or leased by someone whose lease ended by `wall`.

        Shared out in rounds over organizations, and those of one organization the longest due
        first: whoever has thousands to do holds up nobody else. As many as `limit`, where so many
        are due; listed the longest due first.

        `attempts` is raised by one; two claimants never get the same row.
        Lanes whose breaker is open at `at` are left out, but for one command when it may be tried.
        """
        ...

    async def claim_one(
        self, command: CommandId, at: datetime, wall: datetime, until: datetime, lease: str
    ) -> Command | None:
        """The same for one command that a hint named; None where it is not to be done now."""
        ...

    async def hasten(self, lane: str, at: datetime) -> int:
        """Make due at `at` whatever waits in the lane to be tried again: its vendor answers again.

        A command that was never tried waits for a reason of its own, and goes on waiting. One that
        another unit of work holds is left to that one: nobody waits for a lock here.
        """
        ...

    async def all(
        self,
        organization: OrganizationId | None,
        *,
        status: CommandStatus | None = None,
        before: CommandId | None = None,
        limit: int = 100,
    ) -> Sequence[Command]:
        """The newest first, from the one after `before`; None is for every organization."""
        ...


class LateWork(Protocol):
    async def commands(self, before: datetime, wall: datetime, limit: int) -> Sequence[Command]:
        """Ready and due before `before`, or leased until before `wall`: the oldest due first."""
        ...


class Lane(Struct, frozen=True):
    """The breaker of one bot or account."""

    name: str
    failures: int = 0
    open_until: datetime | None = None
    """No call before this instant; then one, as a probe. None is closed: calls flow."""


class Lanes(Protocol):
    async def get(self, name: str) -> Lane: ...

    async def put(self, lane: Lane) -> None: ...


class Brakes(Protocol):
    async def among(
        self, organization: OrganizationId, channels: Collection[ChannelId]
    ) -> Sequence[Brake]:
        """Those of these channels that there are, by channel."""
        ...

    async def lock(self, organization: OrganizationId, channel: ChannelId, at: datetime) -> Brake:
        """The channel's brake, held until the unit of work ends; begun at `at` where it is new.

        All who count an expulsion are serial by this, so that none is left out of the count.
        """
        ...

    async def put(self, brake: Brake) -> None: ...


class Alerts(Protocol):
    async def open(self, alert: Alert) -> bool:
        """Insert. False, and nothing happens, where one of this kind and subject is open."""
        ...

    async def resolve(
        self, organization: OrganizationId | None, kind: AlertKind, subject: str, at: datetime
    ) -> bool: ...

    async def get(self, organization: OrganizationId | None, alert: AlertId) -> Alert | None: ...

    async def open_about(
        self, organization: OrganizationId, subjects: Collection[str]
    ) -> Sequence[Alert]:
        """The open ones of these subjects, of whatever kind."""
        ...

    async def all(
        self, organization: OrganizationId | None, *, open_only: bool = True, limit: int = 100
    ) -> Sequence[Alert]:
        """The newest first; None is for every organization, and for alerts of none."""
        ...


class AuditLog(Protocol):
    async def append(self, *entries: AuditEntry) -> None:
        """Add; they then wait to be sealed. No entry is ever changed.

        Raises:
            Conflict: an entry has this id.
        """
        ...

    async def about(
        self,
        organization: OrganizationId | None,
        *,
        resource: str | None = None,
        limit: int = 100,
    ) -> Sequence[AuditEntry]:
        """The newest first."""
        ...

    async def since(self, at: datetime, limit: int) -> Sequence[AuditEntry]:
        """Of every organization, by id, from the first one whose id is of `at` or later."""
        ...


class CheckoutRows(Protocol):
    async def get(self, organization: OrganizationId, checkout: CheckoutId) -> Checkout | None: ...

    async def open_for(
        self, organization: OrganizationId, customer: CustomerId, plan: PlanId
    ) -> Checkout | None: ...

    async def put(self, checkout: Checkout) -> None:
        """Insert, or replace the one of this id.

        Raises:
            Conflict: another one is open for this customer and plan.
        """
        ...

    async def named(self, organization: OrganizationId, reference: str) -> Checkout | None:
        """By the provider's id."""
        ...


class Leases(Protocol):
    async def take(self, name: str, holder: str, wall: datetime, until: datetime) -> bool:
        """Hold `name` until `until`; the same holder renews. False while another one holds it."""
        ...


class UnitOfWork(Protocol):
    """The repositories of one transaction."""

    @property
    def organizations(self) -> Organizations: ...
    @property
    def products(self) -> Products: ...
    @property
    def plans(self) -> Plans: ...
    @property
    def channels(self) -> Channels: ...
    @property
    def customers(self) -> Customers: ...
    @property
    def due_customers(self) -> DueCustomers: ...
    @property
    def identities(self) -> Identities: ...
    @property
    def claims(self) -> Claims: ...
    @property
    def subscriptions(self) -> Subscriptions: ...
    @property
    def facts(self) -> FactRows: ...
    @property
    def event_facts(self) -> EventFacts: ...
    @property
    def events(self) -> Events: ...
    @property
    def event_lists(self) -> EventLists: ...
    @property
    def reads(self) -> Reads: ...
    @property
    def accesses(self) -> Accesses: ...
    @property
    def commands(self) -> Commands: ...
    @property
    def queue(self) -> CommandQueue: ...
    @property
    def late(self) -> LateWork: ...
    @property
    def lanes(self) -> Lanes: ...
    @property
    def brakes(self) -> Brakes: ...
    @property
    def alerts(self) -> Alerts: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def chains(self) -> AuditChains: ...
    @property
    def sealed(self) -> SealedLog: ...
    @property
    def checkpoints(self) -> Checkpoints: ...
    @property
    def checkouts(self) -> CheckoutRows: ...
    @property
    def leases(self) -> Leases: ...
    @property
    def census(self) -> Census: ...
    @property
    def past_events(self) -> PastEvents: ...
    @property
    def past_entries(self) -> PastEntries: ...
    @property
    def retention(self) -> RetentionRecord: ...
    @property
    def months(self) -> Months: ...


class Store(AccessReader, Protocol):
    def begin(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """One transaction: committed when the block ends, rolled back when it raises.

        Raises (on entering, inside and on leaving):
            Unavailable: the database does not answer; after leaving began, the commit may have
                happened, so whoever calls must be able to do the same again.
            Lost: the database chose this transaction to fail (deadlock, serialization).
        """
        ...

    async def keep(self, event: Event) -> bool:
        """`events.add` in a transaction of its own: whatever it answers is committed.

        Events that are kept at one time may share a transaction; one that can not be kept fails
        alone. If this is cancelled, the event may be kept.

        Raises:
            Unavailable, Lost: it may not have been kept; the same call works again.
        """
        ...

    async def ping(self) -> None:
        """Raises Unavailable where the database does not answer, or is not migrated."""
        ...
