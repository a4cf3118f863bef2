"""I14: clocks that are wrong by minutes hurt nobody by more than those minutes."""

from datetime import timedelta

import pytest

from tests.chaos.arena import Arena
from tests.chaos.checker import (
    inside_without_a_right,
    kicked_with_a_right,
    outside_with_a_right,
)
from tests.chaos.history import history
from tests.chaos.members import Eager, a_member, cancels, declines, people
from tests.chaos.runs import Run

SKEWS = {"worker-1": "600", "worker-2": "-600", "api": "-200", "api-2": "200", "scheduler": "3600"}
"""Seconds. A webhook's signature is good for 300: an API that is further off refuses them all."""
WRONG_BY = timedelta(minutes=10)
MINUTES_AHEAD = 12
"""What a clock that is ahead has leased, it gives back as of its own time: till then nobody has it."""
T = timedelta(minutes=5)


@pytest.mark.anyio
async def test_i14_skewed_processes_put_nobody_out_early_and_let_nobody_stay(
    separately: Arena, run: Run
) -> None:
    arena = separately
    shop = await arena.town.open_shop()
    for name, skew in SKEWS.items():
        await arena.end(name)
        arena.start(name, CHAOS_SKEW=skew)
    await arena.is_ready()

    number = run.size(2, 50)
    stay = [await a_member(shop, f"Stays-{it}") for it in range(number)]
    go = [await a_member(shop, f"Goes-{it}") for it in range(number)]
    fail = [await a_member(shop, f"Fails-{it}") for it in range(number)]
    for it in go:
        await cancels(shop, it, "cancel_at_period_end")
    for it in fail:
        await declines(shop, it)
    members = [*stay, *go, *fail]
    eager = Eager(shop, members)
    for _ in range(9):
        await arena.town.time_passes(days=4.7)
        await arena.calm()
        await arena.town.time_passes(minutes=30)
        await arena.calm()
        await eager.follow()
        await arena.calm()
        happened = await history(shop, await arena.town.ledger())
        at, inside, who = await shop.world.now(), await shop.world.inside(), people(members)
        assert not kicked_with_a_right(happened, who, shop.world.bot, late=WRONG_BY)
        assert not inside_without_a_right(happened, who, inside, at, T + WRONG_BY)
        assert not outside_with_a_right(happened, who, inside, at)

    assert {it.person for it in members} & await shop.world.inside() == {it.person for it in stay}
    for name in SKEWS:
        await arena.end(name)
    arena.leases_lapse(MINUTES_AHEAD)
