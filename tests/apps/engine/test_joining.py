"""Coming in is counted once, and measured from the payment."""

from datetime import timedelta

import pytest

from tests.apps.engine.stores import on_every_store
from tests.apps.engine.world import World

pytestmark = [pytest.mark.anyio, on_every_store]

A_WHILE = timedelta(minutes=10)


async def test_a_member_who_comes_in_is_counted_once_and_measured_from_their_payment(
    world: World,
) -> None:
    await world.knows("ann")
    await world.binds("ann")
    await world.pays("ann")

    await world.passes(A_WHILE)
    await world.asks("ann")
    await world.passes(A_WHILE)

    assert world.inside("ann")
    assert world.telemetry.counted("members_joined") == 1
    [seconds] = world.telemetry.observed("payment_to_join_seconds")
    assert seconds == pytest.approx(A_WHILE.total_seconds(), abs=5)
