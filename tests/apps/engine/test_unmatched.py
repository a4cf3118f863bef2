"""Events whose payment is not known yet: looked at again, in case the two passed each other."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from msgspec.structs import replace

from solynk.core.catalog import Provider
from solynk.core.entitlement import Desired
from solynk.core.event import EventStatus
from solynk.core.instants import DAY, HOUR
from tests.apps.engine.offers import US
from tests.apps.engine.world import MOMENT, World

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)
LOOKS = (MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY)


@asynccontextmanager
async def unseen(world: World) -> AsyncGenerator[None]:
    """Whatever is applied meanwhile sees nothing of the one unmatched event, nor re-drives it."""
    (waiting,) = await world.events(EventStatus.UNMATCHED)
    hidden = replace(waiting, status=EventStatus.IGNORED, due_at=None)
    async with world.store.begin() as tx:
        await tx.events.put(hidden)
    yield
    async with world.store.begin() as tx:
        await tx.events.put(waiting)


async def is_refunded_before_the_payment_is_known(world: World) -> None:
    """The refund looks before the payment is written, the payment before the refund waits."""
    await world.knows("ann")
    await world.binds("ann")
    paid = await world.bought("ann")
    await world.hears(await world.provider.refund("pay_1"))
    async with unseen(world):
        await world.hears(paid)
        await world.asks("ann")
    assert world.inside("ann")


async def test_an_event_that_its_payment_passed_unseen_is_applied_a_minute_later(
    world: World,
) -> None:
    await is_refunded_before_the_payment_is_known(world)

    await world.passes(MINUTE - MOMENT)
    assert world.inside("ann")
    await world.passes(MOMENT)

    assert not world.inside("ann")
    assert not await world.events(EventStatus.UNMATCHED)


async def test_an_event_that_never_matches_rests_after_five_looks_and_stays_listed(
    world: World,
) -> None:
    await world.knows("ann")
    await world.bought("ann")
    looks = list[int]()

    await world.hears(await world.provider.refund("pay_1"))
    for wait in LOOKS:
        await world.passes(wait - MOMENT)
        looks.append(looked(world))
        await world.passes(MOMENT)
    await world.days_pass(30)

    assert looks == [1, 2, 3, 4, 5]
    assert looked(world) == 6
    (resting,) = await world.events(EventStatus.UNMATCHED)
    assert resting.due_at is None
    assert resting.organization == US
    assert resting.reference == "pay_1"


def looked(world: World) -> int:
    return world.telemetry.counted(
        "events_applied", source=Provider.MEMORY.value, status="unmatched"
    )


async def test_an_event_that_rests_is_applied_when_its_payment_becomes_known(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    paid = await world.bought("ann")
    await world.hears(await world.provider.refund("pay_1"))
    await world.days_pass(2)
    (resting,) = await world.events(EventStatus.UNMATCHED)
    assert resting.due_at is None

    await world.hears(paid)

    assert not await world.events(EventStatus.UNMATCHED)
    assert (await world.access("ann")).desired is Desired.OUT
