"""I4: each event of the provider takes effect exactly once, however often it comes."""

import anyio
import pytest

from solynk.apps.demo.cast import Stage
from tests.chaos.arena import Arena
from tests.chaos.courier import LOST, Courier, copied
from tests.chaos.members import buyers
from tests.chaos.runs import Run
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON, let_in

AT_ONCE = 16
COPIES = 12


@pytest.mark.anyio
async def test_i04_copies_of_an_event_have_one_effect_whoever_is_killed_meanwhile(
    arena: Arena, shop: Stage, run: Run
) -> None:
    chance = run.chance("i04")
    courier = Courier(arena, chance)
    await arena.town.misbehave(LOST)
    members = await buyers(shop, run.size(6, 60))
    events = await courier.events(shop)
    first, *_ = sorted(arena.doors)

    async with anyio.create_task_group() as meanwhile:
        meanwhile.start_soon(dies_and_comes_back, arena, first, chance.uniform(0.2, 1.5))
        await courier.carry(copied(events, chance, COPIES), at_once=AT_ONCE)
    await arena.town.behave()
    for member in members:
        await let_in(shop, member, 2 * SOON)
    await arena.calm()

    ids = {str(it["id"]) for it in events}
    kept = arena.rows("select external_id from events where source = 'stripe'")
    assert sorted(it for (it,) in kept if it in ids) == sorted(ids)
    assert set(courier.acknowledged) == ids
    applied = arena.rows("select resource from audit where action = 'event.applied'")
    assert len(applied) == len(set(applied))
    assert {await shop.told(it, "Welcome") for it in members} == {1}
    assert {await shop.state(it) for it in members} == {"granted"}
    assert len(await shop.world.subscriptions()) == len(members)


async def dies_and_comes_back(arena: Arena, name: str, after: float) -> None:
    await anyio.sleep(after)
    arena.program(name).kill()
    arena.leases_lapse()
    arena.start(name)

    async def ready() -> bool:
        return await arena.answers(name)

    await eventually(ready, f"{name} is back", 60)
