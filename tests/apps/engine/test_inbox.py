"""What comes in: owned by whom, in what order, and how often."""

from dataclasses import replace

import msgspec
import pytest

from solynk.apps.engine import drain, replay_event
from solynk.apps.engine.execute import carry_out
from solynk.apps.engine.wiring import LEASE
from solynk.core.command import CommandStatus, Fetch, Topic
from solynk.core.event import EventStatus
from solynk.core.facts import Observed, ProviderStatus
from solynk.core.instants import HOUR
from solynk.ports.errors import Forged
from solynk.ports.payments import RawEvent
from tests.apps.engine.offers import OWNER, US
from tests.apps.engine.world import MOMENT, World

pytestmark = pytest.mark.anyio


async def test_an_event_of_an_unknown_account_is_nobodys_and_has_no_effect(world: World) -> None:
    await world.knows("ann")
    event = msgspec.json.decode((await world.bought("ann")).body)
    event["account"] = "acct_nobody"

    await world.hears(world.provider.sign(msgspec.json.encode(event), world.wall.at))

    assert len(await world.events(EventStatus.UNOWNED)) == 1
    assert await world.subscriptions("ann") == []


async def test_an_event_without_an_account_is_no_sale(world: World) -> None:
    await world.knows("ann")
    event = msgspec.json.decode((await world.bought("ann")).body)
    event["account"] = ""

    (receipt,) = await world.hears(world.provider.sign(msgspec.json.encode(event), world.wall.at))

    assert receipt.status is EventStatus.IGNORED
    assert await world.subscriptions("ann") == []


async def test_a_forged_event_is_not_even_stored(world: World) -> None:
    await world.knows("ann")
    event = await world.bought("ann")
    before = len(await world.events())

    with pytest.raises(Forged):
        await world.receives_as_is(RawEvent(event.body + b" ", event.headers, event.received_at))

    assert len(await world.events()) == before


async def test_work_that_is_done_is_not_done_again(world: World) -> None:
    await world.joins("ann")
    calls, commands = list(world.platform.calls), await world.commands()

    assert await drain(world.w) == 0
    assert await drain(world.w) == 0

    assert world.platform.calls == calls
    assert await world.commands() == commands


async def test_a_read_that_overlaps_a_change_is_followed_by_another(world: World) -> None:
    subscription = await world.joins("ann")

    async def ends_meanwhile() -> None:
        await world.hears(await world.provider.cancel(subscription, at_once=True))

    world.provider.after_fetch = [ends_meanwhile]
    await world.hears(await world.provider.keep(subscription))
    assert world.inside("ann")
    await world.passes(5 * MOMENT)

    assert not world.inside("ann")


async def test_a_slow_answer_never_overwrites_a_newer_one(world: World) -> None:
    subscription = await world.joins("ann")

    async def another_worker_reads_the_end() -> None:
        world.freezes(2 * LEASE)
        await world.hears(await world.provider.cancel(subscription, at_once=True))
        await world.passes(5 * MOMENT)

    world.provider.after_fetch = [another_worker_reads_the_end]
    await world.hears(await world.provider.keep(subscription))
    await world.passes(HOUR)

    assert await _newest(world) is ProviderStatus.ENDED
    assert not world.inside("ann")
    assert world.told("ann") == [Topic.INVITED, Topic.ENDED]


async def _newest(world: World) -> ProviderStatus:
    (subscription,) = await world.subscriptions("ann")
    async with world.store.begin() as tx:
        rows = await tx.facts.of(US, subscription.customer)
    observed = [it.fact for it in rows if isinstance(it.fact, Observed)]
    versions = [it.version for it in observed]
    assert len(set(versions)) == len(versions)
    return max(observed, key=lambda it: it.version).status


async def test_reads_of_one_object_never_overlap(world: World) -> None:
    subscription = await world.joins("ann")
    for _ in range(3):
        await world.receives(await world.provider.keep(subscription))
        await world.applies()
    first = await world.claims(Fetch)
    assert isinstance(first.order, Fetch)
    await world.receives(await world.provider.keep(subscription))
    await world.applies()
    world.jumps(5 * MOMENT)
    second = await world.claims(Fetch)

    before = world.provider.fetches
    await carry_out(world.w, second)
    assert world.provider.fetches == before
    await carry_out(world.w, first)
    await world.passes(10 * MOMENT)

    assert world.provider.fetches == before + 2
    assert not await world.commands(CommandStatus.LEASED)


async def test_a_new_read_waits_for_the_follow_up_of_an_old_one(world: World) -> None:
    subscription = await world.joins("ann")
    await world.receives(await world.provider.keep(subscription))
    await world.applies()
    first = await world.claims(Fetch)
    await world.receives(await world.provider.keep(subscription))
    await world.applies()
    await carry_out(world.w, first)
    world.jumps(5 * MOMENT)
    follow_up = await world.claims(Fetch)
    assert follow_up.subject.endswith(":next")
    before, meanwhile = world.provider.fetches, list[int]()

    async def another_is_asked_for() -> None:
        await world.hears(await world.provider.keep(subscription))
        meanwhile.append(world.provider.fetches)

    world.provider.after_fetch = [another_is_asked_for]
    await carry_out(world.w, follow_up)
    await world.passes(10 * MOMENT)

    assert meanwhile == [before + 1]
    assert world.provider.fetches == before + 2


async def test_a_replay_makes_no_sale_of_a_test_mode_event(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    event = await world.bought("ann")
    world.w = replace(world.w, livemode=not world.w.livemode)
    await world.receives_as_is(event)
    [ignored] = await world.events(EventStatus.IGNORED)

    await replay_event(world.w, ignored.organization, ignored.id, OWNER)
    await world.settle()

    [still] = await world.events(EventStatus.IGNORED)
    assert "mode event" in (still.reason or "")
    assert world.told("ann") == []
