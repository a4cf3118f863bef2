"""A small world around the engine: a store, a provider, a platform, clocks, and verbs for a story.

Business time and real time go together, but for `freezes`. Nothing happens between two verbs.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from solynk.adapters.memory.clock import ManualClock
from solynk.adapters.memory.people import InMemoryChat
from solynk.adapters.memory.telemetry import InMemoryTelemetry
from solynk.adapters.memory.waker import InMemoryWaker
from solynk.apps.engine import (
    Feeder,
    Receipt,
    Wanted,
    Wiring,
    apply,
    bind_person,
    drain,
    new_id,
    open_checkout,
    receive,
    save_customer,
)
from solynk.apps.engine.wiring import LEASE
from solynk.core.access import Access
from solynk.core.alert import Alert, AlertKind
from solynk.core.audit import AuditEntry
from solynk.core.catalog import (
    Channel,
    Platform,
    Provider,
)
from solynk.core.command import Command, CommandStatus, Order, Tell, Topic
from solynk.core.customer import Checkout, Customer, Subscription
from solynk.core.event import Event, EventStatus
from solynk.core.ids import (
    ChannelId,
    CustomerId,
    OrganizationId,
    PersonId,
    PlanId,
)
from solynk.core.instants import DAY, earliest
from solynk.ports.payments import CheckoutPage, RawEvent
from solynk.ports.storage import Store
from tests.apps.engine.offers import BOSS, CHAT, LOUNGE, MONTHLY, OWNER, START, US, id_of, set_up
from tests.apps.engine.staged import StagedPlatform, StagedProvider

ALL: Final = 10_000
MOMENT: Final = timedelta(seconds=1)
RESTS_WITHIN: Final = 20
"""Real seconds."""


@dataclass
class World:
    store: Store
    clock: ManualClock
    wall: ManualClock
    provider: StagedProvider
    platform: StagedPlatform
    waker: InMemoryWaker
    telemetry: InMemoryTelemetry
    w: Wiring
    delivers: bool = True
    """While false, what the provider sends is lost on its way."""

    # Work, a step at a time

    async def feeds(self) -> int:
        """What the platform has told is stored, and nothing more."""
        return await Feeder(self.w, Platform.MEMORY, timedelta(0)).poll()

    async def applies(self) -> None:
        """Every stored event is applied, in order; no command is carried out."""
        for it in reversed(await self.events(EventStatus.RECEIVED)):
            await apply(self.w, it.id)

    async def claims(self, kind: type[Order]) -> Command:
        """The command of this kind that is due, leased by a worker that has not begun."""
        at, wall = self.clock.at, self.wall.at
        ready = await self.commands(CommandStatus.READY)
        due = next(it.id for it in ready if isinstance(it.order, kind) and it.due_at <= at)
        async with self.store.begin() as tx:
            claimed = await tx.queue.claim_one(due, at, wall, wall + LEASE, an_id(self))
        assert claimed is not None
        return claimed

    # Time

    async def settle(self) -> None:
        """Do all that is due, and hear what the platform tells of it, until nothing is left.

        Raises:
            TimeoutError: the engine does not come to rest.
        """
        async with asyncio.timeout(RESTS_WITHIN):
            while await drain(self.w) + await self.feeds():
                pass

    async def passes(self, time: timedelta) -> None:
        """From one instant at which something is due to the next, as a worker would."""
        end = self.clock.at + time
        await self.settle()
        while (due := await self._due()) is not None and due <= end:
            self._tick(max(due - self.clock.at, MOMENT))
            await self.settle()
        self._tick(max(end - self.clock.at, timedelta(0)))
        await self.settle()

    async def days_pass(self, days: float) -> None:
        await self.passes(days * DAY)

    def jumps(self, time: timedelta) -> None:
        """Time passes while no worker runs."""
        self._tick(time)

    def freezes(self, time: timedelta) -> None:
        """Real time passes for whoever holds a lease."""
        self.wall.advance(time)

    def _tick(self, time: timedelta) -> None:
        self.clock.advance(time)
        self.wall.advance(time)

    async def _due(self) -> datetime | None:
        async with self.store.begin() as tx:
            organizations = await tx.organizations.all()
            owners = [it.id for it in organizations]
            customers = [it for o in owners for it in await tx.customers.all(o, limit=ALL)]
            ready = await tx.queue.all(None, status=CommandStatus.READY, limit=ALL)
            events = [it for o in (None, *owners) for it in await tx.event_lists.all(o, limit=ALL)]
            lanes = {it.lane: await tx.lanes.get(it.lane) for it in ready}
        opens = {name: it.open_until or self.clock.at for name, it in lanes.items()}
        commands = [max(it.due_at, opens[it.lane]) for it in ready]
        timers = (*(it.due_at for it in customers), *(it.due_at for it in events))
        return earliest((*timers, *commands))

    # Buying

    async def knows(self, customer: str, *, organization: OrganizationId = US) -> CustomerId:
        """A customer of this name, of whom nobody knows yet who they are on the platform."""
        known = CustomerId(id_of(customer))
        await save_customer(self.w, Customer(known, organization), OWNER)
        return known

    async def binds(self, customer: str, person: str | None = None) -> None:
        who = Platform.MEMORY, PersonId(person or customer)
        self.platform.starts(who[1])
        await bind_person(self.w, US, CustomerId(id_of(customer)), who, OWNER)

    async def orders(
        self, customer: str, plan: PlanId = MONTHLY, *, organization: OrganizationId = US
    ) -> Checkout:
        wanted = Wanted(
            CustomerId(id_of(customer)),
            plan,
            "https://shop.example/thanks",
            "https://shop.example/back",
            Provider.MEMORY,
        )
        return await open_checkout(self.w, organization, wanted, OWNER)

    async def bought(self, customer: str, plan: PlanId = MONTHLY) -> RawEvent:
        """The customer pays; what the provider sends is in the caller's hands."""
        checkout = await self.orders(customer, plan)
        assert checkout.reference is not None
        assert checkout.url is not None
        return await self.provider.pay(
            CheckoutPage(checkout.reference, checkout.url, checkout.expires_at)
        )

    async def pays(self, customer: str, plan: PlanId = MONTHLY) -> str:
        """The customer pays, and the event arrives; answers the provider's subscription."""
        await self.hears(await self.bought(customer, plan))
        return list(self.provider.sales.values())[-1].subscription

    async def hears(self, *events: RawEvent) -> list[Receipt]:
        """The events arrive, in this order, and all that follows is done."""
        receipts = [await self.receives(it) for it in events] if self.delivers else []
        await self.settle()
        return receipts

    async def receives(self, event: RawEvent) -> Receipt:
        """The event is stored, and nothing more."""
        return await self.receives_as_is(self.provider.sign(event.body, self.wall.at))

    async def receives_as_is(self, event: RawEvent) -> Receipt:
        """Raises Forged where the signature does not fit."""
        return await receive(self.w, Provider.MEMORY, event)

    # Members

    @property
    def chat(self) -> InMemoryChat:
        return self.platform.chats[CHAT]

    async def asks(self, person: str, chat: str = CHAT) -> None:
        self.platform.asks_to_join(chat, person)
        await self.settle()

    async def joins(self, customer: str, plan: PlanId = MONTHLY) -> str:
        """A customer who pays, asks to join and is let in; answers the subscription."""
        await self.knows(customer)
        await self.binds(customer)
        subscription = await self.pays(customer, plan)
        await self.asks(customer)
        assert self.inside(customer)
        return subscription

    def inside(self, person: str, chat: str = CHAT) -> bool:
        return person in self.platform.chats[chat].members

    def told(self, person: str) -> list[Topic]:
        return [it.tell.topic for it in self.platform.messages if it.tell.person == person]

    def tells(self, person: str, topic: Topic) -> list[Tell]:
        told = [it.tell for it in self.platform.messages]
        return [it for it in told if it.person == person and it.topic is topic]

    # What is stored

    async def access(self, customer: str, channel: ChannelId = LOUNGE) -> Access:
        async with self.store.begin() as tx:
            found = await tx.accesses.of(US, CustomerId(id_of(customer)))
        return next(it for it in found if it.channel == channel)

    async def subscriptions(self, customer: str) -> list[Subscription]:
        async with self.store.begin() as tx:
            return list(await tx.subscriptions.of(US, CustomerId(id_of(customer))))

    async def channel(self, channel: ChannelId = LOUNGE) -> Channel:
        async with self.store.begin() as tx:
            found = await tx.channels.get(US, channel)
        assert found is not None
        return found

    async def commands(self, status: CommandStatus | None = None) -> list[Command]:
        async with self.store.begin() as tx:
            return list(await tx.queue.all(None, status=status, limit=ALL))

    async def events(self, status: EventStatus | None = None) -> list[Event]:
        """Of every organization and of none, the newest first."""
        async with self.store.begin() as tx:
            owners = [None, *(it.id for it in await tx.organizations.all())]
            return [
                it for o in owners for it in await tx.event_lists.all(o, status=status, limit=ALL)
            ]

    async def alerts(self, kind: AlertKind | None = None) -> list[Alert]:
        """The open ones."""
        async with self.store.begin() as tx:
            found = await tx.alerts.all(None, limit=ALL)
        return [it for it in found if kind in {None, it.kind}]

    async def audit(self, action: str) -> list[AuditEntry]:
        async with self.store.begin() as tx:
            found = await tx.audit.about(None, limit=ALL)
        return [it for it in found if it.action == action]


async def a_world(store: Store) -> World:
    """One organization that sells three plans for one channel; the channel's chat is empty."""
    clock, wall = ManualClock(START), ManualClock(START)
    provider, platform = StagedProvider(clock), StagedPlatform()
    waker, telemetry = InMemoryWaker(), InMemoryTelemetry()
    w = Wiring(
        store=store,
        providers={Provider.MEMORY: provider},
        platforms={Platform.MEMORY: platform},
        clock=clock,
        wall=wall,
        waker=waker,
        telemetry=telemetry,
    )
    platform.opens(CHAT, owner=BOSS, title="The lounge")
    world = World(store, clock, wall, provider, platform, waker, telemetry, w)
    await set_up(w)
    return world


def an_id(world: World) -> str:
    return new_id(world.clock.at)
