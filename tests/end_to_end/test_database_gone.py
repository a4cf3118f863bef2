"""The database is the truth: while it is gone nothing is acknowledged, so nothing is lost."""

from collections.abc import AsyncGenerator

import pytest

from solynk.apps.demo.cast import Stage
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON, City, checkout, let_in, pay

BACK_WITHIN = 15.0


@pytest.fixture
async def frail(city: City) -> AsyncGenerator[City]:
    yield city
    if not city.postgres.answers():
        city.postgres.start()
    await city.town.is_ready()


@pytest.mark.anyio
async def test_a_crash_of_postgresql_costs_time_and_nothing_else(frail: City, shop: Stage) -> None:
    town = frail.town
    ann, bob = await shop.joins_the_cast("Ann"), await shop.joins_the_cast("Bob")
    await pay(shop, ann)
    await let_in(shop, ann)
    page = await checkout(shop, bob)
    await town.tell("settle")
    before = len(await town.deliveries(shop))
    programs = {name: it.pid for name, it in town.programs.items()}

    frail.postgres.crash()
    await shop.world.pays(page)

    async def refused() -> list[int]:
        return [it["status"] for it in (await town.deliveries(shop))[before:]]

    await eventually(refused, "an event was delivered to an API without a database", SOON)
    forged = await town.webhook(b"{}", town.signed(b"{}", secret="whsec_of_nobody"))
    ready = await town.http.get(f"{town.app_url}/readyz")
    assert set(await refused()) == {503}
    assert forged.status_code == 400
    assert ready.status_code == 503

    frail.postgres.start()
    await town.is_ready(BACK_WITHIN)
    await let_in(shop, bob)

    assert await shop.inside(ann)
    assert {name: it.pid for name, it in town.programs.items()} == programs

    async def every_event_is_acknowledged() -> bool:
        last = {it["params"]["event"]: it["status"] for it in await town.deliveries(shop)}
        return set(last.values()) == {200}

    await eventually(every_event_is_acknowledged, "all events were delivered again", SOON)
    kept = {id_ for (id_,) in frail.rows("select external_id from events")}
    assert {it["params"]["event"] for it in await town.deliveries(shop)} <= kept
