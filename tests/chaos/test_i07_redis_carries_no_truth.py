"""I7: no job is lost when Redis is wiped, robbed of its groups, or replaced by an empty one."""

import random

import anyio
import pytest

from solynk.apps.demo.cast import Stage
from tests.chaos.arena import Arena
from tests.chaos.members import Eager, a_member, buyers
from tests.chaos.runs import OVER_SERVERS, Run
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON
from tests.servers.databases import redis_client

UNDONE = "commands where status in ('ready', 'leased', 'dead')"


async def torment(arena: Arena, chance: random.Random, enough: anyio.Event) -> None:
    redis = arena.redis
    assert redis is not None
    while not enough.is_set():
        match chance.choice(["wipe", "replace", "forget the group", "cut"]):
            case "wipe":
                redis.wipe()
            case "replace":
                redis.end()
                redis.start()
            case "cut":
                arena.wires["redis"].cut()
            case _:
                with redis_client(redis.url) as client:
                    client.flushdb()
        with anyio.move_on_after(0.5):
            await enough.wait()


@pytest.mark.anyio
@OVER_SERVERS
async def test_i07_no_job_is_lost_whatever_becomes_of_redis(arena: Arena, run: Run) -> None:
    enough = anyio.Event()
    shop: Stage = await arena.town.open_shop()
    members = [await a_member(shop)]

    async with anyio.create_task_group() as meanwhile:
        meanwhile.start_soon(torment, arena, run.chance("i07"), enough)
        members += await buyers(shop, run.size(6, 200))
        eager = Eager(shop, members)
        everybody = {it.person for it in members}

        async def all_are_in() -> bool:
            await eager.follow()
            return everybody <= await shop.world.inside()

        await eventually(all_are_in, "all buyers are in", 3 * SOON)
        enough.set()
    await arena.calm()

    owner = f"organization_id = '{shop.api.organization}'"

    async def all_is_done() -> bool:
        return not arena.rows(f"select id from {UNDONE} and {owner}")  # noqa: S608 -- our own words

    await eventually(all_is_done, "every job was done, the later ones too", SOON)
    assert {await shop.told(it, "Welcome") for it in members} == {1}
