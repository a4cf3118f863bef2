"""The provider's word on non-payment: asked for, waited for, and not waited for without an end."""

from datetime import timedelta

import pytest

from solynk.apps.engine import save_organization, touch
from solynk.core.alert import AlertKind
from solynk.core.catalog import Organization
from solynk.core.instants import DAY, HOUR
from solynk.core.policies import AccessPolicy
from tests.apps.engine.offers import OWNER, US
from tests.apps.engine.world import World

pytestmark = pytest.mark.anyio

MONTH = 31 * DAY
GRACE_OVER = MONTH + DAY + 5 * DAY
"""A month, the renewal window and the grace, after the first payment."""


async def allows(world: World, outage_allowance: timedelta) -> None:
    policy = AccessPolicy(outage_allowance=outage_allowance)
    us = Organization(US, "Us", "us", policy, payment_account="acct_us")
    await save_organization(world.w, us, OWNER)


async def is_touched_often(world: World, time: timedelta) -> None:
    """Something happens that makes the customer due, every six hours."""
    for _ in range(time // (6 * HOUR)):
        await touch(world.w, US)
        await world.passes(6 * HOUR)


async def test_reads_that_are_refused_for_good_delay_an_expulsion_by_one_allowance_in_all(
    world: World,
) -> None:
    await allows(world, 4 * DAY)
    await world.joins("ann")
    world.provider.sales.clear()

    await world.passes(GRACE_OVER)
    await is_touched_often(world, 3 * DAY)
    assert world.inside("ann")
    await is_touched_often(world, 4 * DAY)

    assert not world.inside("ann")


async def test_reads_that_are_refused_for_good_are_tried_again_once_a_day(world: World) -> None:
    await allows(world, 4 * DAY)
    await world.joins("ann")
    world.provider.sales.clear()

    await world.passes(GRACE_OVER)
    await is_touched_often(world, 3 * DAY)

    assert 4 <= len(await world.alerts(AlertKind.DEAD_LETTER)) <= 1 + 4


async def test_a_question_that_came_to_nothing_is_put_again_though_nothing_else_happens(
    world: World,
) -> None:
    """The renewal's webhook is lost, and the provider refuses for half a day to be asked."""
    await allows(world, 4 * DAY)
    await world.joins("ann")
    sales = dict(world.provider.sales)
    world.provider.sales.clear()
    await world.passes(GRACE_OVER + 12 * HOUR)

    world.provider.sales.update(sales)
    await world.provider.renew("sub_1")
    await world.passes(8 * DAY)

    assert world.inside("ann")


async def test_our_own_downtime_after_a_question_in_vain_is_no_silence_of_the_provider(
    world: World,
) -> None:
    """She pays while we are away, and the webhook comes to nobody."""
    await world.joins("ann")
    sales = dict(world.provider.sales)
    world.provider.sales.clear()
    await world.passes(GRACE_OVER + HOUR)

    world.jumps(20 * DAY)
    world.provider.sales.update(sales)
    await world.provider.renew("sub_1")
    await world.passes(DAY)

    assert world.inside("ann")
    assert ("expel", "ann") not in world.platform.calls


async def test_an_allowance_longer_than_a_reads_deadline_ends(world: World) -> None:
    await allows(world, 10 * DAY)
    await world.joins("ann")
    world.provider.down = True

    await world.passes(GRACE_OVER + 9 * DAY)
    assert world.inside("ann")
    await world.passes(3 * DAY)

    assert not world.inside("ann")


async def test_an_answer_ends_the_question_so_that_the_next_one_has_its_own_allowance(
    world: World,
) -> None:
    await world.joins("ann")
    world.provider.down = True
    await world.passes(GRACE_OVER + DAY)
    (asked,) = await world.subscriptions("ann")
    world.provider.down = False
    await world.provider.renew("sub_1")
    await world.passes(DAY)
    (answered,) = await world.subscriptions("ann")

    world.provider.down = True
    await world.passes(29 * DAY)

    assert asked.asked_since is not None
    assert answered.asked_since is None
    assert world.inside("ann")
