"""I5: the order of delivery never matters. In process every order of short histories is tried, see
tests/core/test_decisions.py; here a sample of orders goes through every process there is."""

import pytest

from solynk.apps.demo.cast import Member, Stage
from tests.chaos.arena import Arena
from tests.chaos.courier import LOST, Courier
from tests.chaos.history import MEMBERSHIP, history
from tests.chaos.members import a_member, cancels, declines
from tests.chaos.oracle import Due, rights
from tests.chaos.runs import Run
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON, expelled


async def renews(arena: Arena, stage: Stage, member: Member) -> None:
    del stage, member
    await arena.town.time_passes(days=32)


async def fails_and_recovers(arena: Arena, stage: Stage, member: Member) -> None:
    await declines(stage, member, mode="pay", times=1)
    await arena.town.time_passes(days=36)


async def goes_when_it_ends(arena: Arena, stage: Stage, member: Member) -> None:
    await cancels(stage, member, "cancel_at_period_end")
    await arena.town.time_passes(days=40)


async def goes(arena: Arena, stage: Stage, member: Member) -> None:
    await arena.town.time_passes(days=3)
    await cancels(stage, member)


async def is_paid_back(arena: Arena, stage: Stage, member: Member) -> None:
    del member
    await arena.town.time_passes(days=1)
    await stage.world.act("refund", (await stage.world.charges())[0]["id"])


LIVES = [renews, fails_and_recovers, goes_when_it_ends, goes, is_paid_back]


@pytest.mark.anyio
async def test_i05_any_order_of_delivery_ends_in_what_is_due(arena: Arena, run: Run) -> None:
    chance = run.chance("i05")
    for life in chance.sample(LIVES, run.size(2, len(LIVES))) * run.size(1, 100):
        await arena.town.behave()
        shop = await arena.town.open_shop()
        ann = await a_member(shop)
        known = len(await Courier(arena, chance).events(shop))
        await arena.town.misbehave(LOST)
        await life(arena, shop, ann)
        events = (await Courier(arena, chance).events(shop))[known:]
        chance.shuffle(events)

        await Courier(arena, chance).carry(events)
        await arena.calm()

        facts = (await history(shop, await arena.town.ledger(path=MEMBERSHIP))).bought[ann.customer]
        due = rights(facts, await shop.world.now()) is Due.IN

        async def as_it_is_due(stage: Stage = shop, member: Member = ann, due: bool = due) -> bool:  # noqa: FBT001 -- bound for the loop
            return await stage.state(member) == ("granted" if due else "revoked")

        await eventually(as_it_is_due, f"after {life.__name__} it is as it is due: {due}", SOON)
        assert bool(await expelled(shop)) is not due
