"""Processes that are asked to end do so, having finished what they had begun; others are killed."""

import pytest

from solynk.apps.demo.cast import Stage
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON, WORKERS, City, Town, let_in, pay

LEASED = "select id from commands where status = 'leased' and \"order\"::text like %s"


async def a_minute_goes_by(city: City) -> None:
    """For the leases of a worker that is no more: real time, so the test makes it."""
    city.rows("update commands set lease_until = lease_until - interval '1 minute'")
    city.rows("update leases set until = until - interval '1 minute'")


@pytest.mark.anyio
async def test_what_a_killed_worker_had_begun_is_finished_by_another(
    city: City, shop: Stage
) -> None:
    first, second = city.workers
    assert await second.stop() == 0
    ann = await shop.joins_the_cast("Ann")
    await city.town.misbehave(
        {"kind": "slow", "vendor": "telegram", "path": "createChatInviteLink", "seconds": 15}
    )
    await pay(shop, ann)

    async def in_the_middle() -> bool:
        return bool(city.rows(LEASED, "%admit%"))

    await eventually(in_the_middle, "a worker has begun to invite", SOON)
    first.kill()
    await city.town.behave()
    await city.start(*WORKERS)
    assert await in_the_middle()
    await a_minute_goes_by(city)

    await let_in(shop, ann)

    assert await shop.told(ann, "Welcome") == 1


@pytest.mark.anyio
async def test_the_one_process_ends_by_itself_when_it_is_asked_to(village: Town) -> None:
    code = await village.programs["serve"].stop()

    assert code == 0
    village.run("serve", "serve")
    await village.is_ready()
