"""Redis carries hints, and no truth: without it everything is late, and nothing is lost."""

from collections.abc import AsyncGenerator

import anyio
import pytest

from solynk.apps.demo.cast import Member, Stage
from tests.end_to_end.town import City, let_in, pay


@pytest.fixture
async def frail(city: City) -> AsyncGenerator[City]:
    """Redis may be killed or frozen here; in the end it is there again."""
    yield city
    if city.redis.process is not None and city.redis.process.poll() is not None:
        city.redis.start()
    city.redis.thaw()


async def serves(city: City, stage: Stage) -> None:
    """Every delivery was acknowledged, and the API says that it works."""
    assert {it["status"] for it in await city.town.deliveries(stage)} == {200}
    assert await city.town.answers(f"{city.town.app_url}/readyz")


async def buyers(stage: Stage, *names: str) -> list[Member]:
    return [await stage.joins_the_cast(it) for it in names]


@pytest.mark.anyio
async def test_a_redis_that_is_wiped_again_and_again_costs_nobody_their_place(
    frail: City, shop: Stage
) -> None:
    members = await buyers(shop, "Ann", "Bob", "Cleo", "Dan", "Eve", "Fay")

    async def wipes() -> None:
        for member in members:
            await pay(shop, member)
            frail.redis.wipe()

    async with anyio.create_task_group() as together:
        together.start_soon(wipes)
        for member in members:
            together.start_soon(let_in, shop, member)

    await serves(frail, shop)


@pytest.mark.anyio
async def test_while_redis_is_gone_whoever_pays_is_let_in(frail: City, shop: Stage) -> None:
    members = await buyers(shop, "Ann", "Bob", "Cleo")
    frail.redis.end()

    for member in members:
        await pay(shop, member)
    for member in members:
        await let_in(shop, member)

    await serves(frail, shop)
    frail.redis.start()
    [late] = await buyers(shop, "Dan")
    await pay(shop, late)
    await let_in(shop, late)


@pytest.mark.anyio
async def test_a_redis_that_hangs_holds_nobody_up_for_long(frail: City, shop: Stage) -> None:
    members = await buyers(shop, "Ann", "Bob")
    frail.redis.freeze()

    for member in members:
        await pay(shop, member)
    for member in members:
        await let_in(shop, member)

    await serves(frail, shop)
