"""Two reads of one object, taken at the same moment by whoever works."""

import asyncio

import pytest

from solynk.apps.engine.execute import carry_out
from solynk.core.command import CommandStatus, Fetch
from tests.apps.engine.stores import on_every_store
from tests.apps.engine.world import MOMENT, World

pytestmark = [pytest.mark.anyio, on_every_store]


async def test_of_two_reads_that_are_claimed_together_one_is_made_and_the_other_waits(
    world: World,
) -> None:
    subscription = await world.joins("ann")
    await world.receives(await world.provider.keep(subscription))
    await world.applies()
    first = await world.claims(Fetch)
    await world.receives(await world.provider.keep(subscription))
    await world.applies()
    world.jumps(5 * MOMENT)
    second = await world.claims(Fetch)
    before = world.provider.fetches

    await asyncio.gather(carry_out(world.w, first), carry_out(world.w, second))

    assert world.provider.fetches == before + 1
    reads = [it for it in await world.commands() if it.id in {first.id, second.id}]
    assert {it.status for it in reads} == {CommandStatus.DONE, CommandStatus.READY}
