"""I16: calls about one member of one channel are serial, and end in what is desired."""

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import anyio
import pytest

from solynk.apps.demo.cast import Member, Stage
from tests.chaos.arena import Arena
from tests.chaos.members import Eager
from tests.chaos.runs import Run
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON, expelled

ACTS = {"banChatMember", "unbanChatMember", "approveChatJoinRequest"}
FAULTS = [
    {"kind": "slow", "vendor": "telegram", "path": "*banChatMember", "probability": 0.4, "seconds": 2.5},
    {"kind": "slow", "vendor": "telegram", "path": "approve*", "probability": 0.4, "seconds": 2.5},
    {"kind": "cut_after", "vendor": "telegram", "path": "*ban*", "probability": 0.2},
    {"kind": "cut_after", "vendor": "telegram", "path": "approve*", "probability": 0.2},
    {"kind": "error_after", "vendor": "telegram", "path": "*ban*", "probability": 0.1},
]  # fmt: skip


async def gets_a_right(stage: Stage, member: Member) -> str:
    path = f"/customers/{member.customer}/grants"
    return str((await stage.api.call("POST", path, {"reason": "a gift"}))["id"])


async def flips(stage: Stage, member: Member, times: int, chance: random.Random) -> None:
    """Gets a right and loses it, again and again: at first when they have come in, then whenever."""

    async def inside() -> bool:
        return await stage.inside(member)

    for number in range(times):
        given = await gets_a_right(stage, member)
        if number == 0:
            await eventually(inside, f"{member.name} is in", 2 * SOON)
        await anyio.sleep(chance.uniform(0, 4))
        path = f"/customers/{member.customer}/grants/{given}?reason=taken+back"
        await stage.api.call("DELETE", path)
        await anyio.sleep(chance.uniform(0, 2))


def overlaps(calls: Iterable[dict[str, Any]]) -> list[str]:
    """Pairs of calls about one person in one chat that were under way together."""
    by_pair: dict[tuple[str, str], list[tuple[datetime, datetime, str]]] = defaultdict(list)
    for it in calls:
        if it["path"] in ACTS:
            ended = datetime.fromisoformat(it["at"])
            began = ended - timedelta(seconds=it["took"])
            pair = (str(it["params"]["chat_id"]), str(it["params"]["user_id"]))
            by_pair[pair].append((began, ended, it["path"]))
    return [
        f"{pair}: {one[2]} until {one[1]}, {two[2]} from {two[0]}"
        for pair, known in by_pair.items()
        for one, two in zip(sorted(known), sorted(known)[1:], strict=False)
        if two[0] < one[1]
    ]


@pytest.mark.anyio
async def test_i16_calls_about_one_member_are_serial_and_end_in_what_is_desired(
    arena: Arena, shop: Stage, run: Run
) -> None:
    chance = run.chance("i16")
    members = [await shop.joins_the_cast(f"Flip-{it}") for it in range(run.size(4, 60))]
    eager, enough = Eager(shop, members), anyio.Event()
    since = len(await arena.town.ledger())
    await arena.town.misbehave(*FAULTS, seed=run.seed)

    async with anyio.create_task_group() as following:
        following.start_soon(eager.keep_following, enough)
        async with anyio.create_task_group() as flipping:
            for it in members:
                flipping.start_soon(flips, shop, it, run.size(4, 10), chance)
        for it in members[1::2]:
            await gets_a_right(shop, it)
        await arena.town.behave()
        enough.set()
    for _ in range(6):
        await arena.town.time_passes(minutes=10)
        await arena.calm()
        await eager.follow()
    await arena.calm()

    inside = await shop.world.inside()
    assert {it.name for it in members if it.person in inside} == {it.name for it in members[1::2]}
    assert await expelled(shop)
    assert overlaps((await arena.town.ledger())[since:]) == []
