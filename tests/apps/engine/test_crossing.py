"""Units of work that want one another's rows, on the database that lets them run side by side.

Where two of them wait for one another, PostgreSQL ends one after a second: `Lost`, and nothing of
that is to be seen here.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from solynk.apps.engine import ProductChange, change_product, drain, inspect_channel
from solynk.apps.engine import derive as deriving
from solynk.apps.engine.derive import derive
from solynk.apps.engine.health import set_health
from solynk.apps.engine.snapshot import Snapshot, read_snapshots
from solynk.apps.engine.turn import turn_of
from solynk.apps.engine.worker import CONCURRENCY
from solynk.core.alert import AlertKind
from solynk.core.catalog import Provider, ToChannel
from solynk.core.command import CommandStatus, Topic
from solynk.core.customer import Customer
from solynk.core.event import Event, EventStatus
from solynk.core.facts import Blocked, Everywhere
from solynk.core.ids import CustomerId, EventId, OrganizationId, ProductId
from solynk.ports.errors import NeedsHuman
from solynk.ports.storage import StoredFact, UnitOfWork
from tests.apps.engine.offers import CHAT, LOUNGE, MONTHLY, OWNER, START, US, WEEK_PASS, id_of
from tests.apps.engine.staged import Deed
from tests.apps.engine.stores import AroundStore
from tests.apps.engine.world import World

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("store", ["postgres"], indirect=True),
]


ANN = CustomerId(id_of("ann"))
PRODUCT = ProductId(id_of(f"product of {MONTHLY}"))
MEETS_WITHIN = 10
"""Real seconds, which only a failure takes."""
WAITS_FOR = 0.5
"""Real seconds in which another unit of work goes as far as it can."""


def when_read(monkeypatch: pytest.MonkeyPatch, deed: Deed) -> None:
    """Do this once, after the next derivation has read all that it goes by."""

    async def read(
        tx: UnitOfWork, organization: OrganizationId, customers: Sequence[Customer], at: datetime
    ) -> Sequence[Snapshot]:
        found = await read_snapshots(tx, organization, customers, at)
        monkeypatch.undo()
        await deed()
        return found

    monkeypatch.setattr(deriving, "read_snapshots", read)


async def rights(world: World, *, fault: str | None) -> None:
    """What the bot may do in the lounge, as it was just learnt."""
    async with turn_of(world.w, "platform:memory", "rights") as now:
        lounge = await now.tx.channels.lock(US, LOUNGE)
        assert lounge is not None
        await set_health(now, lounge, present=True, fault=fault)


def all_at_once(many: int) -> Sequence[Deed]:
    """So many deeds, each of which ends when all have begun."""
    together = asyncio.Barrier(many)
    return [together.wait] * many


async def test_a_bot_that_loses_its_rights_with_several_calls_in_flight_parks_all_of_them(
    world: World,
) -> None:
    people = [f"member {number}" for number in range(CONCURRENCY)]
    for person in people:
        await world.knows(person)
        await world.binds(person)
        await world.receives(await world.bought(person))
    await world.applies()
    world.platform.before["admit"] = [*all_at_once(len(people))]
    world.platform.fails("admit", error=NeedsHuman("memory", "no rights"), times=len(people))

    await world.settle()

    (alert,) = await world.alerts(AlertKind.LOST_RIGHTS)
    assert alert.subject == LOUNGE
    assert not await world.commands(CommandStatus.READY)

    await inspect_channel(world.w, US, LOUNGE, OWNER)
    await world.settle()
    for person in people:
        await world.asks(person, CHAT)

    assert all(world.inside(person) for person in people)
    assert not await world.alerts(AlertKind.LOST_RIGHTS)


async def test_a_change_reaches_whoever_is_being_derived_by_what_held_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip closes a channel, and is mended while a worker has read the slip."""
    await world.joins("ann")
    await change_product(world.w, US, PRODUCT, ProductChange(opens=()), OWNER)
    mending: list[asyncio.Task[object]] = []

    async def mend() -> None:
        opened = ProductChange(opens=(ToChannel(LOUNGE),))
        mending.append(asyncio.create_task(change_product(world.w, US, PRODUCT, opened, OWNER)))
        await asyncio.wait(mending, timeout=WAITS_FOR)

    when_read(monkeypatch, mend)
    async with turn_of(world.w, "clock", "story") as now:
        await derive(now, US, ANN)
    await mending[0]
    await world.days_pass(1)

    assert world.inside("ann")
    assert ("expel", "ann") not in world.platform.calls


async def test_whoever_buys_while_the_rights_come_back_is_invited_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first access of a buyer is not there yet for those who make its channel's members due."""
    await world.knows("ann")
    await world.binds("ann")
    await rights(world, fault="no rights")
    await world.receives(await world.bought("ann", WEEK_PASS))

    when_read(monkeypatch, lambda: rights(world, fault=None))
    await world.applies()
    await world.days_pass(1)

    assert Topic.INVITED in world.told("ann")


async def test_rights_that_come_back_and_a_member_derived_without_them_do_not_cross(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both want the alert about the channel, and the member."""
    await world.joins("ann")
    await rights(world, fault="no rights")
    await world.settle()
    regaining: list[asyncio.Task[None]] = []

    async def regain() -> None:
        regaining.append(asyncio.create_task(rights(world, fault=None)))
        await asyncio.wait(regaining, timeout=WAITS_FOR)

    when_read(monkeypatch, regain)
    async with turn_of(world.w, "owner", "story") as now:
        await now.tx.customers.lock(US, ANN)
        ban = Blocked("block", Everywhere(), now.at, None, "the story wants it", "owner")
        await now.tx.facts.add(StoredFact(US, ANN, None, ban, None, now.at))
        await derive(now, US, ANN)
    await regaining[0]
    await world.settle()

    assert not world.inside("ann")


def an_event(account: str, number: int) -> Event:
    """About something that concerns nobody here."""
    return Event(
        id=EventId(id_of(f"{account} {number}")),
        source=Provider.MEMORY.value,
        account=account,
        livemode=False,
        external_id=f"{account} {number}",
        kind="noise",
        body=b"{}",
        received_at=START,
        status=EventStatus.RECEIVED,
        correlation="story",
        due_at=START - timedelta(seconds=9 - number),
    )


@dataclass
class MeetingStore(AroundStore):
    """After the first one, so many units of work begin together, or none does."""

    many: int
    begun: int = 0

    def __post_init__(self) -> None:
        self._together = asyncio.Barrier(self.many)

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[UnitOfWork]:
        self.begun += 1
        if 1 < self.begun <= 1 + self.many:
            async with asyncio.timeout(MEETS_WITHIN):
                await self._together.wait()
        async with self.store.begin() as tx:
            yield tx


async def test_events_of_several_accounts_are_applied_side_by_side_and_those_of_one_in_turn(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "solynk.apps.engine.apply")
    events = [an_event(account, number) for number in range(3) for account in ("acct_1", "acct_2")]
    for it in reversed(events):
        await world.store.keep(it)

    await drain(replace(world.w, store=MeetingStore(world.store, 2)))

    told = [str(it.args[0]) for it in caplog.records if isinstance(it.args, tuple)]
    for account in ("acct_1", "acct_2"):
        its = [it.id for it in events if it.account == account]
        assert [it for it in told if it in its] == its
