"""Those who pay, come, cancel and go again within one visit, to measure how long each takes.

They follow a link at once, and look again every 50 ms: so much of each figure is their own.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import anyio

from solynk.apps.demo.cast import Member, Stage
from tests.chaos.figures import Figures
from tests.chaos.members import cancels
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import checkout, let_in

PATIENCE = 600.0
"""A try that failed is made again later and later: a visit waits for it."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Has the page before them where they can pay: all else is done without asking the API."""

    member: Member
    page: str


async def visitors(stage: Stage, number: int, name: str) -> list[Visitor]:
    members = [await stage.joins_the_cast(f"{name}-{it}") for it in range(number)]
    return [Visitor(it, await checkout(stage, it)) for it in members]


@dataclass(slots=True)
class Visits:
    stage: Stage
    figures: Figures
    mood: str
    """What was the matter, in the words of the report."""

    async def all_come_and_go(self, them: Sequence[Visitor]) -> None:
        async with anyio.create_task_group() as together:
            for it in them:
                together.start_soon(self._comes_and_goes, it)

    async def _comes_and_goes(self, it: Visitor) -> None:
        began = time.perf_counter()
        await self.stage.world.pays(it.page)
        await let_in(self.stage, it.member, PATIENCE)
        self.figures.add(f"payment -> access, {self.mood}", time.perf_counter() - began)

        began = time.perf_counter()
        await cancels(self.stage, it.member)

        async def outside() -> bool:
            return not await self.stage.inside(it.member)

        await eventually(outside, f"{it.member.name} is out", PATIENCE)
        self.figures.add(f"right's end -> out, {self.mood}", time.perf_counter() - began)
