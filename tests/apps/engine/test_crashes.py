"""A process may die at any commit: nothing is lost, and every change has its audit entry."""

from dataclasses import replace

import pytest

from solynk.adapters.memory.store import InMemoryStore
from solynk.apps.engine.wiring import LEASE
from solynk.core.access import AccessState
from solynk.core.instants import HOUR
from solynk.ports.errors import Unavailable
from tests.apps.engine.offers import CHAT, MEETING
from tests.apps.engine.stores import CrashingStore, WatchedStore, told_wishes
from tests.apps.engine.world import World, a_world

pytestmark = pytest.mark.anyio

COMMITS = 60
"""More than the story has."""


async def a_story(world: World) -> None:
    """In by two plans, out by hand and in again, out by refund and end."""
    subscription = await world.joins("ann")
    await world.pays("ann", MEETING)
    world.platform.leaves(CHAT, "ann")
    await world.settle()
    await world.asks("ann")
    await world.hears(await world.provider.refund("pay_2"))
    await world.hears(await world.provider.cancel(subscription, at_once=True))


async def test_every_change_of_an_access_is_explained_in_its_own_transaction(
    world: World,
) -> None:
    watched = WatchedStore(world.store)
    world.w = replace(world.w, store=watched)

    await a_story(world)
    await world.joins("ben")
    world.platform.leaves(CHAT, "ben")
    world.platform.updates.clear()
    await world.asks("ben")
    await world.binds("ben", "new")
    await world.settle()
    await world.asks("new")

    assert watched.unexplained == []
    assert sorted(await told_wishes(world.store)) == sorted(watched.wishes)
    assert (await world.access("ann")).state is AccessState.REVOKED


@pytest.mark.parametrize("after_commit", [False, True])
async def test_the_story_ends_well_wherever_the_worker_dies(
    after_commit: bool,  # noqa: FBT001 a parameter of the story
) -> None:
    died = 0
    for commits in range(COMMITS):
        world = await a_world(InMemoryStore())
        watched = WatchedStore(world.store)
        world.w = replace(world.w, store=watched)
        survives = world.w
        subscription = await world.joins("ann")
        world.platform.asks_to_join(CHAT, "eve")
        await world.receives(await world.provider.cancel(subscription, at_once=True))
        await world.receives(await world.bought("ann", MEETING))
        await world.receives(await world.provider.refund("pay_2"))

        world.w = replace(survives, store=CrashingStore(watched, commits, after_commit))
        try:
            await world.settle()
        except Unavailable:
            died += 1
        world.w = survives
        world.jumps(2 * LEASE)
        await world.passes(HOUR)

        assert not world.inside("ann"), commits
        assert "eve" not in world.chat.pending, commits
        assert (await world.access("ann")).state is AccessState.REVOKED, commits
        assert watched.unexplained == [], commits
        # I21: an entry for every change that was committed, and for nothing else.
        assert sorted(await told_wishes(world.store)) == sorted(watched.wishes), commits
        if died <= commits:
            break

    assert 10 < died < COMMITS
