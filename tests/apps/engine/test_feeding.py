"""The process that takes a platform's updates: stored before acknowledged, applied in order."""

import asyncio
import importlib
from dataclasses import replace
from datetime import timedelta

import pytest

from solynk.apps.engine import Feeder, apply
from solynk.apps.engine.signals import apply_signal
from solynk.apps.engine.turn import Turn
from solynk.core.access import Inside, Outside, Seen
from solynk.core.catalog import Platform
from solynk.core.event import EventStatus
from solynk.core.signals import Departed, Signal
from solynk.ports.errors import Unavailable
from tests.apps.engine.offers import CHAT, WEEK_PASS
from tests.apps.engine.stores import CrashingStore, on_every_store
from tests.apps.engine.world import World

pytestmark = pytest.mark.anyio

TAKES_WITHIN = 20
"""Real seconds."""


async def is_fed(world: World) -> list[str]:
    """A process of its own takes what was told, then stops; no worker runs.

    Answers what was stored when it acknowledged.
    """
    feeder, stored = Feeder(world.w, Platform.MEMORY), list[str]()

    async def stops() -> None:
        stored.extend(await waiting(world))
        feeder.stop()

    world.platform.before["acknowledge"] = [stops]
    async with asyncio.timeout(TAKES_WITHIN):
        await feeder.run()
    return stored


def a_feeder(world: World, *, commits: int, after_commit: bool = False) -> Feeder:
    """Its storage fails once, after so many commits."""
    store = CrashingStore(world.store, commits, after_commit)
    return Feeder(replace(world.w, store=store), Platform.MEMORY, timedelta(0))


async def waiting(world: World) -> list[str]:
    """What is stored and not applied, the oldest first."""
    return [it.kind for it in reversed(await world.events(EventStatus.RECEIVED))]


async def seen(world: World) -> Seen:
    return (await world.access("ann")).seen


async def may_come(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    await world.pays("ann")


async def test_who_came_and_went_is_seen_outside_before_any_worker_runs(world: World) -> None:
    await may_come(world)
    for _ in range(3):
        world.platform.is_added_by_admin(CHAT, "ann")
        world.platform.leaves(CHAT, "ann")

    stored = await is_fed(world)

    assert stored == ["joined", "departed"] * 3
    assert await waiting(world) == []
    assert not world.platform.updates
    assert isinstance(await seen(world), Outside)


async def test_who_went_and_came_back_is_seen_inside_before_any_worker_runs(world: World) -> None:
    await world.joins("ann")
    for _ in range(3):
        world.platform.leaves(CHAT, "ann")
        world.platform.is_added_by_admin(CHAT, "ann")

    await is_fed(world)

    assert isinstance(await seen(world), Inside)


async def test_updates_that_are_not_stored_are_not_acknowledged(world: World) -> None:
    await world.joins("ann")
    feeder = a_feeder(world, commits=0)
    world.platform.leaves(CHAT, "ann")

    with pytest.raises(Unavailable):
        await feeder.poll()

    assert await waiting(world) == []
    assert len(world.platform.updates) == 1
    assert await feeder.poll() == 1
    assert isinstance(await seen(world), Outside)


async def test_updates_that_were_stored_and_not_acknowledged_are_taken_once(world: World) -> None:
    await world.joins("ann")
    feeder = a_feeder(world, commits=0, after_commit=True)
    world.platform.leaves(CHAT, "ann")

    with pytest.raises(Unavailable):
        await feeder.poll()
    assert await waiting(world) == ["departed"]
    assert len(world.platform.updates) == 1
    await world.settle()

    assert not world.platform.updates
    assert [it.kind for it in await world.events()].count("departed") == 1
    assert isinstance(await seen(world), Outside)


async def test_updates_that_the_storage_let_nobody_apply_are_due(world: World) -> None:
    await may_come(world)
    world.platform.is_added_by_admin(CHAT, "ann")
    world.platform.leaves(CHAT, "ann")

    with pytest.raises(Unavailable):
        await a_feeder(world, commits=1).poll()

    assert not world.platform.updates
    assert await waiting(world) == ["joined", "departed"]
    assert {it.due_at for it in await world.events(EventStatus.RECEIVED)} == {world.clock.at}
    await world.settle()
    assert isinstance(await seen(world), Outside)


@on_every_store
async def test_an_update_is_not_applied_before_an_older_one_whoever_takes_it(world: World) -> None:
    await may_come(world)
    world.platform.is_added_by_admin(CHAT, "ann")
    world.platform.leaves(CHAT, "ann")
    with pytest.raises(Unavailable):
        await a_feeder(world, commits=1).poll()
    left, came = await world.events(EventStatus.RECEIVED)

    assert await apply(world.w, left.id) is None
    assert await apply(world.w, came.id) is EventStatus.APPLIED
    assert await apply(world.w, left.id) is EventStatus.APPLIED

    assert isinstance(await seen(world), Outside)


async def test_an_update_does_not_overtake_one_that_is_due_still(world: World) -> None:
    await may_come(world)
    feeder = a_feeder(world, commits=1)
    world.platform.is_added_by_admin(CHAT, "ann")
    with pytest.raises(Unavailable):
        await feeder.poll()
    world.platform.leaves(CHAT, "ann")

    await feeder.poll()
    await world.settle()

    assert isinstance(await seen(world), Outside)


async def test_an_update_that_failed_and_was_overtaken_is_not_believed_but_looked_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She leaves, which fails to be applied, and comes again, which does not."""
    await world.joins("ann", WEEK_PASS)
    failed: list[Signal] = []

    async def fails_once(now: Turn, platform: Platform, signal: Signal, *, late: bool) -> None:
        if isinstance(signal, Departed) and not failed:
            failed.append(signal)
            raise RuntimeError("unforeseen")
        await apply_signal(now, platform, signal, late=late)

    applying = importlib.import_module("solynk.apps.engine.apply")
    monkeypatch.setattr(applying, "apply_signal", fails_once)
    world.platform.leaves(CHAT, "ann")
    world.platform.is_added_by_admin(CHAT, "ann")
    await world.passes(timedelta(minutes=5))

    assert failed
    assert isinstance(await seen(world), Inside)
    await world.days_pass(8)
    assert not world.inside("ann")
