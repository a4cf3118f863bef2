"""I35: what must hold in the code must hold in production; each is broken here by hand."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from solynk.apps.engine import Watch, advance, seal, touch
from solynk.core.access import By, Inside, Outside
from solynk.core.alert import Alert, AlertKind
from solynk.core.command import CommandStatus
from solynk.core.entitlement import Desired
from solynk.core.event import EventStatus
from solynk.core.facts import Granted, OnChannel
from solynk.core.ids import AlertId, CommandId, CustomerId, PersonId
from solynk.core.instants import HOUR
from solynk.ports.storage import Lane, Store, StoredFact
from tests.apps.engine.offers import LOUNGE, US, id_of
from tests.apps.engine.stores import on_every_store
from tests.apps.engine.world import World, a_world, an_id

pytestmark = pytest.mark.anyio

LATE = timedelta(minutes=6)


async def looks(world: World, watch: Watch | None = None) -> list[Alert]:
    """What is open after a look at a log that is sealed."""
    await seal(world.w, "the tests")
    await (watch or Watch()).look(world.w)
    return await world.alerts()


async def only(world: World, kind: AlertKind) -> Alert:
    (alert,) = await looks(world)
    assert alert.kind is kind
    assert alert.fix
    return alert


@on_every_store
async def test_where_all_is_well_nothing_is_told(store: Store) -> None:
    world = await a_world(store)
    subscription = await world.joins("ann")
    await world.joins("ben")
    await world.hears(await world.provider.cancel(subscription, at_once=True))
    world.jumps(LATE)

    assert await looks(world) == []
    assert not world.inside("ann")
    assert world.telemetry.counted("watches") == 1


@on_every_store
async def test_a_member_with_a_right_who_is_outside_by_us(store: Store) -> None:
    world = await a_world(store)
    await world.joins("ann")
    world.jumps(LATE)
    access = await world.access("ann")
    async with world.store.begin() as tx:
        await tx.accesses.put(replace(access, seen=Outside(By.US)))

    alert = await only(world, AlertKind.SHUT_OUT)

    assert (alert.organization, alert.subject) == (US, access.id)
    assert id_of("ann") in alert.message
    async with world.store.begin() as tx:
        await tx.accesses.put(access)
    assert await looks(world) == []


async def test_a_right_that_was_taken_for_none(world: World) -> None:
    """The row says that nobody should be in; the facts say otherwise, and so does the log."""
    await world.joins("ann")
    world.jumps(LATE)
    access = await world.access("ann")
    async with world.store.begin() as tx:
        out = replace(access, desired=Desired.OUT, seen=Outside(By.US))
        await tx.accesses.put(out)

    alerts = await looks(world)

    assert {it.kind for it in alerts} == {AlertKind.SHUT_OUT, AlertKind.UNEXPLAINED}
    assert {it.subject for it in alerts} == {access.id}


@on_every_store
async def test_somebody_without_a_right_who_is_inside_with_nothing_on_its_way(
    store: Store,
) -> None:
    world = await a_world(store)
    subscription = await world.joins("ann")
    await world.hears(await world.provider.cancel(subscription, at_once=True))
    world.jumps(LATE)
    access = await world.access("ann")
    async with world.store.begin() as tx:
        await tx.accesses.put(replace(access, seen=Inside(), acted_on=PersonId("ann")))

    alert = await only(world, AlertKind.STILL_INSIDE)

    assert alert.subject == access.id
    async with world.store.begin() as tx:
        await tx.accesses.put(access)
    assert await looks(world) == []


async def test_a_right_of_which_nothing_came(world: World) -> None:
    """A fact was written down, and nobody drew the consequence."""
    await world.knows("ann")
    await world.binds("ann")
    ann = CustomerId(id_of("ann"))
    gift = Granted("a gift", OnChannel(LOUNGE), world.clock.at, None, "the owner", "a gift")
    async with world.store.begin() as tx:
        await tx.facts.add(StoredFact(US, ann, None, gift, None, world.clock.at))
    assert await looks(world) == []
    world.jumps(LATE)

    first, again = await only(world, AlertKind.SHUT_OUT), await only(world, AlertKind.SHUT_OUT)

    assert first == again
    assert first.subject == f"{ann}:{LOUNGE}"
    await touch(world.w, US)
    await world.settle()
    assert await looks(world) == []


async def test_what_is_being_done_is_no_trouble_however_long_ago_it_was_due(world: World) -> None:
    """A command on its way is looked at as a command, and not once more as a member."""
    await world.joins("ann")
    world.jumps(LATE)
    access = await world.access("ann")
    async with world.store.begin() as tx:
        await tx.accesses.put(replace(access, seen=Outside(By.US)))
        customer = await tx.customers.get(US, CustomerId(id_of("ann")))
        assert customer is not None
        await tx.customers.put(replace(customer, due_at=world.clock.at))
    await advance(world.w)

    assert await looks(world) == []
    assert await world.commands(CommandStatus.READY)


@on_every_store
async def test_a_change_that_the_log_does_not_tell(store: Store) -> None:
    world = await a_world(store)
    await world.joins("ann")
    access = await world.access("ann")
    async with world.store.begin() as tx:
        await tx.accesses.put(replace(access, desired=Desired.GRACE))

    alert = await only(world, AlertKind.UNEXPLAINED)

    assert alert.subject == access.id
    async with world.store.begin() as tx:
        await tx.accesses.put(access)
    assert await looks(world) == []


@on_every_store
async def test_work_that_nobody_does(store: Store) -> None:
    world = await a_world(store)
    await world.joins("ann")
    done = (await world.commands(CommandStatus.DONE))[0]
    event = (await world.events())[-1]
    late = replace(
        done, id=CommandId(an_id(world)), status=CommandStatus.READY, due_at=world.clock.at
    )
    async with world.store.begin() as tx:
        await tx.commands.add(late)
        again = replace(event, status=EventStatus.RECEIVED, due_at=world.clock.at)
        await tx.events.put(again)
        customer = await tx.customers.get(US, CustomerId(id_of("ann")))
        assert customer is not None
        await tx.customers.put(replace(customer, due_at=world.clock.at))
    assert await looks(world) == []
    world.jumps(LATE)

    alerts = await looks(world)

    assert {it.kind for it in alerts} == {AlertKind.LATE}
    names = {f"command:{late.id}", f"event:{event.id}", f"customer:{customer.id}"}
    assert {it.subject for it in alerts} == names
    await world.settle()
    assert await looks(world) == []


async def test_a_lease_that_nobody_gives_back(world: World) -> None:
    await world.joins("ann")
    done = (await world.commands(CommandStatus.DONE))[0]
    left = replace(
        done,
        id=CommandId(an_id(world)),
        status=CommandStatus.LEASED,
        lease="gone",
        lease_until=world.wall.at,
    )
    async with world.store.begin() as tx:
        await tx.commands.add(left)
    world.freezes(LATE)

    assert (await only(world, AlertKind.LATE)).subject == f"command:{left.id}"


async def test_a_vendor_that_does_not_answer_is_told_elsewhere(world: World) -> None:
    await world.joins("ann")
    done = (await world.commands(CommandStatus.DONE))[0]
    waits = replace(
        done, id=CommandId(an_id(world)), status=CommandStatus.READY, due_at=world.clock.at
    )
    world.jumps(LATE)
    async with world.store.begin() as tx:
        await tx.commands.add(waits)
        await tx.lanes.put(Lane(waits.lane, 5, world.clock.at + HOUR))

    assert await looks(world) == []


async def test_entries_that_nobody_seals(world: World) -> None:
    await world.joins("ann")
    world.jumps(timedelta(minutes=2))
    await Watch().look(world.w)

    (alert,) = await world.alerts()

    assert (alert.kind, alert.subject) == (AlertKind.UNSEALED, "audit")
    assert await looks(world) == []


async def test_what_stays_wrong_is_told_once(world: World) -> None:
    await world.joins("ann")
    access = await world.access("ann")
    async with world.store.begin() as tx:
        await tx.accesses.put(replace(access, desired=Desired.GRACE))

    first, second = await looks(world), await looks(world)

    assert first == second
    assert len(first) == 1
    assert world.telemetry.counted("invariants_broken", kind="unexplained") == 1


async def test_everybody_has_their_turn_and_an_open_alert_is_always_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solynk.apps.engine.watching.PAGE", 2)
    names = ("ann", "ben", "cleo", "dora", "eve")
    for name in names:
        await world.joins(name)
    world.jumps(HOUR)
    accesses = [await world.access(it) for it in names]
    async with world.store.begin() as tx:
        for it in accesses:
            await tx.accesses.put(replace(it, desired=Desired.GRACE))
    watch = Watch()

    counts = [len(await looks(world, watch)) for _ in range(4)]

    assert counts == [2, 4, 5, 5]
    async with world.store.begin() as tx:
        for it in accesses:
            await tx.accesses.put(it)
    assert await looks(world, watch) == []


async def test_an_alert_of_another_kind_is_left_alone(world: World) -> None:
    opened = Alert(
        id=AlertId(an_id(world)),
        organization=US,
        kind=AlertKind.DEAD_LETTER,
        subject="a letter",
        message="it gave up",
        opened_at=world.clock.at,
    )
    async with world.store.begin() as tx:
        await tx.alerts.open(opened)

    assert await looks(world) == [opened]
