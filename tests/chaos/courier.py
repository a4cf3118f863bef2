"""Carries the provider's events to the webhook: as often, as late and in what order it is told."""

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import anyio
import httpx

from solynk.apps.demo.cast import Stage
from tests.chaos.arena import Arena
from tests.end_to_end.programs import eventually

LOST: Final = {"kind": "lose", "vendor": "stripe"}
"""Tells the sandbox to send nothing itself."""
PATIENCE: Final = 180.0

Event = dict[str, Any]


@dataclass(slots=True)
class Courier:
    arena: Arena
    chance: random.Random
    acknowledged: list[str] = field(default_factory=list[str])
    """The id of each copy that was answered 2xx."""
    refused: list[int] = field(default_factory=list[int])
    """Every other answer; 0 where there was none."""

    async def events(self, stage: Stage) -> list[Event]:
        """All that this shop's account has to tell, in the order in which it came about."""
        town, account = self.arena.town, stage.world.account
        found = await town.http.get(f"{town.world_url}/sandbox/stripe/{account}/objects/event")
        return [{**it, "account": account} for it in found.json()]

    async def carry(self, events: Sequence[Event], *, at_once: int = 1) -> None:
        """Each of them until it is acknowledged, `at_once` under way together."""
        waiting = list(reversed(events))

        async def one_after_the_other() -> None:
            while waiting:
                await self.insist(waiting.pop())

        async with anyio.create_task_group() as carriers:
            for _ in range(at_once):
                carriers.start_soon(one_after_the_other)

    async def insist(self, event: Event) -> None:
        async def taken() -> bool:
            return await self.offer(event)

        await eventually(taken, f"{event['id']} is acknowledged", PATIENCE)

    async def offer(self, event: Event) -> bool:
        """One copy, to any of the doors: whether it was acknowledged."""
        body = json.dumps(event).encode()
        door = self.chance.choice(sorted(self.arena.doors.values()))
        headers = {"Stripe-Signature": self.arena.town.signed(body)}
        url = f"{door}/webhooks/stripe"
        try:
            answer = await self.arena.town.http.post(url, content=body, headers=headers)
        except httpx.HTTPError:
            self.refused.append(0)
            return False
        if answer.is_success:
            self.acknowledged.append(str(event["id"]))
        else:
            self.refused.append(answer.status_code)
        return answer.is_success


def copied(events: Iterable[Event], chance: random.Random, most: int) -> list[Event]:
    """Each of them up to `most` times, in any order."""
    copies = [it for event in events for it in [event] * chance.randint(1, most)]
    chance.shuffle(copies)
    return copies
