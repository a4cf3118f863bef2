"""The periodic comparison: what was never told is found, and an error is no evidence."""

import pytest

from solynk.apps.engine import reconcile
from solynk.core.access import AccessState
from solynk.core.alert import AlertKind
from solynk.core.command import Topic
from solynk.core.instants import DAY
from tests.apps.engine.offers import CHAT
from tests.apps.engine.world import World

pytestmark = pytest.mark.anyio


async def compares(world: World) -> int:
    """One pass, and what follows from it; how many members were elsewhere than believed."""
    found = await reconcile(world.w)
    await world.settle()
    return found.drifted


async def test_who_was_thrown_out_by_hand_unseen_is_found(world: World) -> None:
    await world.joins("ann")
    world.platform.is_kicked_by_admin(CHAT, "ann")
    world.platform.updates.clear()

    assert await compares(world) == 1

    assert await world.alerts(AlertKind.REMOVED_BY_ADMIN)
    assert await compares(world) == 0


async def test_who_left_unseen_is_found_and_left_in_peace(world: World) -> None:
    await world.joins("ann")
    world.platform.leaves(CHAT, "ann")
    world.platform.updates.clear()

    assert await compares(world) == 1

    access = await world.access("ann")
    assert access.state is AccessState.PENDING
    assert access.inside_since is None
    assert world.told("ann") == [Topic.INVITED]


async def test_a_subscription_whose_webhooks_were_all_lost_is_found(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    world.delivers = False
    subscription = await world.pays("ann")

    await compares(world)
    await world.asks("ann")
    assert world.inside("ann")
    await world.provider.cancel(subscription, at_once=True)
    world.jumps(DAY)
    await compares(world)

    assert not world.inside("ann")


async def test_a_comparison_without_an_answer_proves_nothing(world: World) -> None:
    await world.joins("ann")
    world.platform.is_unavailable("state_of")
    world.provider.down = True

    found = await reconcile(world.w)
    await world.settle()

    assert len(found.failures) == 2
    assert (await world.access("ann")).state is AccessState.GRANTED


async def test_a_former_member_who_came_back_unseen_is_taken_out(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    await world.pays("ann")
    world.platform.is_added_by_admin(CHAT, "ann")
    world.platform.updates.clear()

    assert await compares(world) == 1

    assert (await world.access("ann")).state is AccessState.GRANTED
