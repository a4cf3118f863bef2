"""I13: however long the vendors were out of reach, the truth comes back, and nobody lost by it."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from solynk.apps.demo.cast import Stage
from tests.chaos.arena import Arena
from tests.chaos.checker import (
    inside_without_a_right,
    kicked_with_a_right,
    outside_with_a_right,
)
from tests.chaos.courier import LOST
from tests.chaos.history import MEMBERSHIP, history
from tests.chaos.members import Eager, a_member, cancels, declines, people
from tests.chaos.runs import Run
from tests.end_to_end.town import checkout, expelled

SILENT: list[Mapping[str, object]] = [
    {"kind": "error_before", "vendor": "telegram", "status": 502},
    {"kind": "error_before", "vendor": "stripe", "path": "/v1/*", "status": 503},
    LOST,
]
DAYS = [25 / 24, 4, 29]
"""Telegram keeps updates for a day, Stripe sends for three and keeps events for thirty."""
T = timedelta(minutes=5)


@pytest.mark.anyio
async def test_i13_after_an_outage_one_comparison_brings_the_truth_back(
    arena: Arena, run: Run
) -> None:
    for days in run.chance(f"i13 {sorted(arena.processes)}").sample(DAYS, run.size(1, 3)):
        await comes_back(arena, await arena.town.open_shop(), run, days)


async def comes_back(arena: Arena, shop: Stage, run: Run, days: float) -> None:
    number = run.size(2, 50)
    stay = [await a_member(shop, f"Stays-{it}") for it in range(number)]
    go = [await a_member(shop, f"Goes-{it}") for it in range(number)]
    fail = [await a_member(shop, f"Fails-{it}") for it in range(number)]
    await arena.town.time_passes(days=20)
    await arena.calm()
    fresh = [await shop.joins_the_cast(f"New-{it}") for it in range(number)]
    pages = [await checkout(shop, it) for it in fresh]
    await arena.town.misbehave(*SILENT)

    for page in pages:
        await shop.world.pays(page)
    for it in go:
        await cancels(shop, it)
    for it in fail:
        await declines(shop, it)
    before = await expelled(shop)
    for _ in range(4):
        await arena.town.time_passes(days=days / 4)
        await arena.a_while()
    assert await expelled(shop) == before
    await arena.town.behave()
    await arena.town.time_passes(hours=7)
    await arena.compares()
    members = [*stay, *go, *fail, *fresh]
    eager = Eager(shop, members)
    for _ in range(3):
        await arena.calm()
        await arena.town.time_passes(minutes=10)
        await eager.follow()
    await arena.calm()

    happened = await history(shop, await arena.town.ledger(path=MEMBERSHIP))
    at, inside, who = await shop.world.now(), await shop.world.inside(), people(members)
    assert not kicked_with_a_right(happened, who, shop.world.bot)
    assert not inside_without_a_right(happened, who, inside, at, T)
    assert not outside_with_a_right(happened, who, inside, at)
