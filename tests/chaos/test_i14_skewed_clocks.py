"""I14: clocks that are wrong by minutes hurt nobody by more than those minutes."""

from datetime import timedelta

import pytest

from tests.chaos.arena import Arena
from tests.chaos.checker import (
    inside_without_a_right,
    kicked_with_a_right,
    outside_with_a_right,
)
from tests.chaos.history import MEMBERSHIP, history
from tests.chaos.members import Eager, buyers, cancels, declines, people
from tests.chaos.runs import OVER_SERVERS, Run
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON

SKEWS = {"worker-1": "600", "worker-2": "-600", "api": "-200", "api-2": "200", "scheduler": "3600"}
"""Seconds. A webhook's signature is good for 300: an API that is further off refuses them all."""
WRONG_BY = timedelta(minutes=10)
T = timedelta(minutes=5)
STEPS = (16, 13, 3, 4, 3, 3.5)
"""Days: through a renewal, and the grace of those whose card fails."""


@pytest.mark.anyio
@OVER_SERVERS
async def test_i14_skewed_processes_put_nobody_out_early_and_let_nobody_stay(
    arena: Arena, run: Run
) -> None:
    shop = await arena.town.open_shop()
    for name, skew in SKEWS.items():
        await arena.end(name)
        arena.start(name, CHAOS_SKEW=skew)
    await arena.is_ready()

    number = run.size(2, 50)
    stay, go, fail = [await buyers(shop, number) for _ in range(3)]
    members = [*stay, *go, *fail]
    eager = Eager(shop, members)

    async def all_are_in() -> bool:
        """To a clock that is behind a payment lies in the future: until then it denies the right."""
        await arena.calm()
        await arena.town.time_passes(seconds=WRONG_BY.total_seconds())
        await arena.calm()
        await eager.follow()
        return {it.person for it in members} <= await shop.world.inside()

    await eventually(all_are_in, "all buyers are in", 3 * SOON)
    for it in go:
        await cancels(shop, it, "cancel_at_period_end")
    for it in fail:
        await declines(shop, it)
    for days in STEPS:
        await arena.town.time_passes(days=days)
        await arena.calm()
        await arena.town.time_passes(minutes=30)
        await arena.calm()
        await eager.follow()
        await arena.calm()
        happened = await history(shop, await arena.town.ledger(path=MEMBERSHIP))
        at, inside, who = await shop.world.now(), await shop.world.inside(), people(members)
        assert not kicked_with_a_right(happened, who, shop.world.bot, late=WRONG_BY)
        assert not inside_without_a_right(happened, who, inside, at, T + WRONG_BY)
        assert not outside_with_a_right(happened, who, inside, at)

    assert {it.person for it in members} & await shop.world.inside() == {it.person for it in stay}
