"""I1: whoever paid gets in. The short form counts heads; the long form also reports how fast."""

import time

import anyio
import pytest

from solynk.apps.demo.cast import Member, Stage
from tests.chaos.arena import Arena
from tests.chaos.courier import LOST
from tests.chaos.figures import Figures
from tests.chaos.members import Eager, buyers
from tests.chaos.runs import Run
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON, pay

SINGLE: dict[str, list[dict[str, object]]] = {
    "telegram fails": [
        {"kind": kind, "vendor": "telegram", "method": "POST", "probability": 0.2}
        for kind in ("error_before", "error_after", "cut_before", "cut_after")
    ],
    "stripe fails": [
        {"kind": kind, "vendor": "stripe", "method": "GET", "probability": 0.2}
        for kind in ("error_before", "cut_after", "rate_limit")
    ],
}


@pytest.mark.anyio
@pytest.mark.parametrize("fault", SINGLE)
async def test_i01_whoever_paid_is_in_soon_after_the_fault_has_gone(
    arena: Arena, shop: Stage, run: Run, fault: str
) -> None:
    members = [await shop.joins_the_cast(f"Payer-{it}") for it in range(run.size(4, 100))]
    await arena.town.misbehave(*SINGLE[fault], seed=run.seed)
    for it in members:
        await pay(shop, it)
    await anyio.sleep(run.size(1, 10))
    await arena.town.behave()
    await arena.town.time_passes(minutes=1)
    eager = Eager(shop, members)

    async def all_are_in() -> bool:
        await eager.follow()
        return {it.person for it in members} <= await shop.world.inside()

    await eventually(all_are_in, "all buyers are in", 2 * SOON)


@pytest.mark.anyio
async def test_i01_a_payment_gives_access_within_moments(
    shop: Stage, run: Run, figures: Figures
) -> None:
    """Nothing is asserted about moments: the figures are for the report of a long run."""
    members = [await shop.joins_the_cast(f"Payer-{it}") for it in range(run.size(5, 500))]
    took: list[float] = []

    async def pays(member: Member) -> None:
        began = time.perf_counter()
        await pay(shop, member)

        async def welcomed() -> bool:
            return await shop.told(member, "Welcome") == 1

        await eventually(welcomed, f"{member.name} is welcomed", SOON)
        took.append(time.perf_counter() - began)

    for member in members:
        await pays(member)

    assert len(took) == len(members)
    figures.add("payment -> invitation, one by one", *took)


@pytest.mark.anyio
async def test_i01_a_payment_of_which_no_event_ever_came_is_found(
    arena: Arena, shop: Stage
) -> None:
    """The provider was asked for nothing yet; the comparison at the start of the schedule asks."""
    await arena.town.misbehave(LOST)
    members = await buyers(shop, 2)
    await arena.town.behave()

    await arena.compares()

    eager = Eager(shop, members)

    async def all_are_in() -> bool:
        await eager.follow()
        return {it.person for it in members} <= await shop.world.inside()

    await eventually(all_are_in, "all buyers are in", 2 * SOON)
