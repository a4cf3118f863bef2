"""I9: grace is exactly as long as it is named, in the provider's time, whenever we hear of it."""

from datetime import UTC, datetime, timedelta

import pytest

from solynk.apps.demo.cast import Member, Stage
from tests.chaos.arena import Arena
from tests.chaos.courier import LOST, Courier
from tests.chaos.members import a_member, declines, subscriptions_of
from tests.chaos.oracle import GRACE, WINDOW
from tests.chaos.runs import Run
from tests.end_to_end.town import expelled

EDGE = timedelta(minutes=2)


async def until(arena: Arena, stage: Stage, instant: datetime) -> None:
    now = await stage.world.now()
    await arena.town.time_passes(seconds=max((instant - now).total_seconds(), 0))
    await arena.calm()


async def period_end(stage: Stage, member: Member) -> datetime:
    [it] = await subscriptions_of(stage, member)
    return datetime.fromtimestamp(it["items"]["data"][0]["current_period_end"], UTC)


async def first_failure(stage: Stage) -> datetime:
    failed = [it["created"] for it in await stage.world.charges() if it["status"] == "failed"]
    return datetime.fromtimestamp(min(failed), UTC)


@pytest.mark.anyio
@pytest.mark.parametrize("days_late", [0, 6])
async def test_i09_access_holds_to_the_end_of_grace_and_no_longer(
    arena: Arena, shop: Stage, run: Run, days_late: int
) -> None:
    ann = await a_member(shop)
    await arena.rest()
    ends = await period_end(shop, ann)
    await declines(shop, ann)
    courier = Courier(arena, run.chance("i09"))
    known = {it["id"] for it in await courier.events(shop)}
    await arena.town.misbehave(LOST)

    await until(arena, shop, ends + timedelta(hours=2))
    failed = await first_failure(shop)
    over = failed + GRACE if not days_late else ends + WINDOW + GRACE
    await until(arena, shop, min(failed + days_late * timedelta(days=1), over - 2 * EDGE))
    await courier.carry([it for it in await courier.events(shop) if it["id"] not in known])
    await arena.calm()

    await until(arena, shop, over - EDGE)
    assert await shop.inside(ann)
    assert not await expelled(shop)

    await until(arena, shop, over + EDGE)
    await arena.calm()
    assert not await shop.inside(ann)
    assert await shop.told(ann, "did not go through") == 1
    assert await shop.told(ann, "has ended") == 1


@pytest.mark.anyio
@pytest.mark.parametrize("seconds", [-60, 60])
async def test_i09_a_payment_at_the_edge_of_grace_decides(
    arena: Arena, shop: Stage, seconds: int
) -> None:
    ann = await a_member(shop)
    await arena.rest()
    ends = await period_end(shop, ann)
    await declines(shop, ann)
    await until(arena, shop, ends + timedelta(hours=2))
    over = await first_failure(shop) + GRACE

    await until(arena, shop, over + timedelta(seconds=seconds))
    await declines(shop, ann, mode="pay")
    [open_] = [it for it in await invoices(shop) if it["status"] == "open"]
    await shop.world.act("collect_invoice", open_["id"])
    await arena.calm()
    await until(arena, shop, over + EDGE)

    assert bool(await expelled(shop)) is (seconds > 0)
    assert await shop.state(ann) == ("pending" if seconds > 0 else "granted")


async def invoices(stage: Stage) -> list[dict[str, str]]:
    world = stage.world
    found = await world.http.get(f"{world.base_url}/sandbox/stripe/{world.account}/objects/invoice")
    answer: list[dict[str, str]] = found.json()
    return answer
