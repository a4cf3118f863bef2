"""I2 and I3: nobody with a right is ever put out, and nobody without one stays.

A population lives a random life over months of virtual time while the nemesis strikes. Who was due
to be where is computed from the world alone.
"""

import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import anyio
import httpx
import pytest

from solynk.apps.demo.cast import Member, Stage
from tests.chaos.arena import Arena
from tests.chaos.checker import (
    inside_without_a_right,
    kicked_with_a_right,
    outside_with_a_right,
)
from tests.chaos.figures import Figures
from tests.chaos.history import MEMBERSHIP, History, history
from tests.chaos.members import (
    Eager,
    a_member,
    cancels,
    declines,
    pays_again,
    people,
    subscriptions_of,
)
from tests.chaos.nemesis import Nemesis
from tests.chaos.runs import Run
from tests.chaos.visits import Visits, visitors

T = timedelta(minutes=5)
STEP_HOURS = (6, 24, 60, 132)
SETTLES = timedelta(hours=2)
STEPS = 5
"""And more, for as long as the long form goes on."""
VISITORS = 3
TOLD = 40
"""How much of the story is shown with a failure."""
BLOW_LASTS = 4.0


@dataclass(slots=True)
class Life:
    """What members do of their own accord."""

    arena: Arena
    stage: Stage
    chance: random.Random
    members: list[Member]
    figures: Figures
    told: list[str] = field(default_factory=list[str])

    async def one_deed(self) -> None:
        member = self.chance.choice(self.members)
        deeds: list[Callable[[Member], Awaitable[None]]] = [
            self._buys_again,
            self._cancels_now,
            self._cancels_at_the_end,
            self._card_fails,
            self._card_fails_once,
            self._card_works,
            self._gets_money_back,
            self._leaves,
        ]
        deed = self.chance.choice(deeds)
        self.told.append(f"{await self.stage.world.now()} {member.name} {deed.__name__}")
        self.figures.count("deeds of members")
        await deed(member)

    async def _buys_again(self, member: Member) -> None:
        try:
            await pays_again(self.stage, member)
        except (RuntimeError, httpx.HTTPError) as refused:
            self.told.append(f"  in vain: {type(refused).__name__}")

    async def _cancels_now(self, member: Member) -> None:
        await cancels(self.stage, member)

    async def _cancels_at_the_end(self, member: Member) -> None:
        await cancels(self.stage, member, "cancel_at_period_end")

    async def _card_fails(self, member: Member) -> None:
        await declines(self.stage, member)

    async def _card_fails_once(self, member: Member) -> None:
        await declines(self.stage, member, mode="pay", times=1)

    async def _card_works(self, member: Member) -> None:
        await declines(self.stage, member, mode="pay")

    async def _gets_money_back(self, member: Member) -> None:
        payers = {it["customer"] for it in await subscriptions_of(self.stage, member)}
        for charge in await self.stage.world.charges():
            if charge["customer"] in payers and charge["paid"] and not charge["refunded"]:
                await self.stage.world.act("refund", charge["id"])
                return

    async def _leaves(self, member: Member) -> None:
        if await self.stage.inside(member):
            path = f"telegram/users/{member.person}/leave"
            await self.arena.town.tell(path, chat=self.stage.world.chat)


async def what_happened(arena: Arena, stage: Stage) -> History:
    return await history(stage, await arena.town.ledger(path=MEMBERSHIP))


async def visited(stage: Stage, nemesis: Nemesis, figures: Figures, step: int) -> list[Member]:
    """Some come and go while all is well, and some while the nemesis strikes: for the figures."""
    calm = await visitors(stage, VISITORS, f"Calm-{step}")
    await Visits(stage, figures, "all is well").all_come_and_go(calm)
    struck = await visitors(stage, VISITORS, f"Struck-{step}")
    await nemesis.strike()
    async with anyio.create_task_group() as meanwhile:
        visits = Visits(stage, figures, "a blow meanwhile")
        meanwhile.start_soon(visits.all_come_and_go, struck)
        await anyio.sleep(BLOW_LASTS)
        await nemesis.relent()
    return [it.member for it in (*calm, *struck)]


@pytest.mark.anyio
async def test_i02_i03_whoever_has_a_right_stays_and_whoever_has_none_goes(
    arena: Arena, shop: Stage, run: Run, figures: Figures
) -> None:
    chance = run.chance(f"i02 {sorted(arena.processes)}")
    await arena.town.behave()
    members = [await a_member(shop, f"M{it}") for it in range(run.size(5, 12))]
    life, guests = Life(arena, shop, chance, members, figures), list[Member]()
    eager, nemesis = Eager(shop, members), Nemesis(arena, chance, figures)
    ends, steps = time.monotonic() + run.seconds, 0

    while steps < STEPS or time.monotonic() < ends:
        steps += 1
        figures.count("steps")
        await nemesis.strike()
        for _ in range(chance.randint(1, 3)):
            await life.one_deed()
        await arena.town.time_passes(hours=chance.choice(STEP_HOURS))
        await nemesis.relent()
        await arena.calm()
        await arena.town.time_passes(seconds=SETTLES.total_seconds())
        await arena.calm()
        await eager.follow()
        await arena.calm()
        if run.long:
            guests += await visited(shop, nemesis, figures, steps)
            await arena.calm()
        story = "\n".join([*life.told[-TOLD:], *nemesis.told[-TOLD:]])
        happened, at = await what_happened(arena, shop), await shop.world.now()
        inside, who = await shop.world.inside(), people([*members, *guests])
        assert not kicked_with_a_right(happened, who, shop.world.bot), story
        assert not inside_without_a_right(happened, who, inside, at, T), story
        assert not outside_with_a_right(happened, who, inside, at), story
