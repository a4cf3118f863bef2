"""I30: an invitation is good for nobody but the person it was made for."""

import anyio
import httpx
import pytest

from solynk.apps.demo.cast import Member, Stage
from tests.chaos.arena import Arena
from tests.chaos.history import MEMBERSHIP, history
from tests.chaos.members import a_member, cancels
from tests.chaos.runs import Run


async def others_knock(arena: Arena, stage: Stage, member: Member, number: int) -> list[int]:
    strangers = [await stage.world.person(f"Stranger-{it}") for it in range(number)]
    async with anyio.create_task_group() as crowd:
        for it in strangers:
            crowd.start_soon(knocks, stage, it, member.link)
    await arena.calm()
    return strangers


async def knocks(stage: Stage, person: int, link: str) -> None:
    try:
        await stage.world.asks_to_join(person, link)
    except httpx.HTTPStatusError as closed:
        assert closed.response.status_code == 409  # noqa: PT017 -- the link is closed, which is as good


@pytest.mark.anyio
async def test_i30_a_link_lets_in_nobody_else_before_during_or_after_its_life(
    arena: Arena, shop: Stage, run: Run
) -> None:
    number = run.size(6, 50)
    ann = await a_member(shop)
    strangers = await others_knock(arena, shop, ann, number)
    await arena.town.tell(f"telegram/users/{ann.person}/leave", chat=shop.world.chat)
    strangers += await others_knock(arena, shop, ann, number)
    await cancels(shop, ann)
    await arena.calm()
    strangers += await others_knock(arena, shop, ann, number)
    await knocks(shop, ann.person, ann.link)
    await arena.calm()

    happened = await history(shop, await arena.town.ledger(path=MEMBERSHIP))
    assert {it.person for it in happened.moves if it.inside} & set(strangers) == set()
    assert not await shop.inside(ann)
    requests = await arena.town.http.get(
        f"{arena.town.world_url}/sandbox/telegram/chats/{shop.world.chat}/requests"
    )
    assert requests.json() == []
