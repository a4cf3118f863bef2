"""One story through every layer: a payment lets a member in, its end takes them out."""

import pytest

from solynk.core.access import AccessState
from solynk.core.command import Topic
from tests.apps.engine.stores import on_every_store
from tests.apps.engine.world import World

pytestmark = [pytest.mark.anyio, on_every_store]


async def test_a_payment_lets_a_member_in_and_the_end_takes_them_out(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")

    subscription = await world.pays("ann")

    assert world.told("ann") == [Topic.INVITED]
    assert (await world.access("ann")).state is AccessState.PENDING

    await world.asks("ann")

    assert world.inside("ann")
    assert (await world.access("ann")).state is AccessState.GRANTED

    await world.hears(await world.provider.cancel(subscription, at_once=True))

    assert not world.inside("ann")
    assert (await world.access("ann")).state is AccessState.REVOKED
    assert world.told("ann") == [Topic.INVITED, Topic.ENDED]
