"""I31: what was changed behind our back is found, and mended or told of."""

import pytest

from solynk.apps.demo.cast import Stage
from tests.chaos.arena import Arena
from tests.chaos.members import Eager, a_member, cancels
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON, alerts


@pytest.mark.anyio
async def test_i31_whatever_changes_at_the_platform_is_found_and_mended_or_told_of(
    arena: Arena, shop: Stage
) -> None:
    town, chat = arena.town, shop.world.chat
    kicked, gone, former = [await a_member(shop, it) for it in ("Kicked", "Gone", "Former")]
    await cancels(shop, former)
    await arena.calm()

    await town.tell(f"telegram/chats/{chat}/kick", user=kicked.person)
    await town.tell(f"telegram/users/{gone.person}/leave", chat=chat)
    await town.tell(f"telegram/chats/{chat}/add", user=former.person)

    async def told_and_mended() -> bool:
        told = await alerts(shop)
        return "removed_by_admin" in told and not await shop.inside(former)

    await eventually(told_and_mended, "the kick is told of, and the former member is out", SOON)
    await Eager(shop, [gone]).follow()
    await arena.calm()
    assert await shop.inside(gone)
    assert not await shop.inside(kicked)

    await town.tell(f"telegram/chats/{chat}/demote", user=shop.world.bot)

    async def bot_missed() -> bool:
        return bool(await alerts(shop) & {"channel_gone", "lost_rights"})

    await eventually(bot_missed, "the bot's absence is told of", SOON)
    await town.tell(f"telegram/chats/{chat}/bot-rights", bot=shop.world.bot)

    async def at_home() -> bool:
        return not await alerts(shop) & {"channel_gone", "lost_rights"}

    await eventually(at_home, "its return is noticed", SOON)


@pytest.mark.anyio
async def test_i31_what_no_update_told_is_found_by_the_comparison(
    arena: Arena, shop: Stage
) -> None:
    """The updates are lost on the way to the bot: another process of it has taken them."""
    ann, former = await a_member(shop, "Ann"), await a_member(shop, "Former")
    await cancels(shop, former)
    await arena.calm()
    feeders = [it for it in arena.processes if it.startswith("worker") or it == "serve"]
    for name in feeders:
        await arena.end(name)
    await arena.town.tell(f"telegram/chats/{shop.world.chat}/kick", user=ann.person)
    await arena.town.tell(f"telegram/chats/{shop.world.chat}/add", user=former.person)
    await swallow_updates(arena)
    for name in feeders:
        arena.start(name)
    await arena.is_ready()

    await arena.compares()

    async def found() -> bool:
        told = await alerts(shop)
        return "removed_by_admin" in told and not await shop.inside(former)

    await eventually(found, "both were found by the comparison", 2 * SOON)


async def swallow_updates(arena: Arena) -> None:
    url = f"{arena.town.world_url}/bot{arena.town.token}/getUpdates"
    answer = (await arena.town.http.post(url, json={"timeout": 0})).json()
    if answer["result"]:
        last = answer["result"][-1]["update_id"]
        await arena.town.http.post(url, json={"offset": last + 1, "timeout": 0})
