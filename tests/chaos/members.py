"""Buyers of a shop: how they come to be, and what they do without being told."""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx

from solynk.apps.demo.cast import LINK, Member, Stage
from tests.end_to_end.town import SOON, checkout, let_in, pay

LOOK_EVERY = 0.3


async def buyers(stage: Stage, number: int) -> list[Member]:
    """They have paid; whether anybody has heard of it is another matter."""
    members = [await stage.joins_the_cast(f"Buyer-{it}") for it in range(number)]
    for it in members:
        await pay(stage, it)
    return members


async def a_member(stage: Stage, name: str = "Ann") -> Member:
    member = await stage.joins_the_cast(name)
    await pay(stage, member)
    await let_in(stage, member, 2 * SOON)
    return member


async def subscriptions_of(stage: Stage, member: Member) -> list[dict[str, Any]]:
    """The oldest first."""
    found = await stage.world.subscriptions()
    mine = [it for it in found if it["metadata"].get("solynk_customer") == member.customer]
    return sorted(mine, key=lambda it: int(it["created"]))


async def cancels(stage: Stage, member: Member, act: str = "cancel") -> None:
    for it in await subscriptions_of(stage, member):
        if it["ended_at"] is None:
            await stage.world.act(act, it["id"])


async def declines(stage: Stage, member: Member, *, mode: str = "decline", times: int = 0) -> None:
    for payer in {it["customer"] for it in await subscriptions_of(stage, member)}:
        await stage.world.card(payer, mode, times)


async def pays_again(stage: Stage, member: Member) -> None:
    await stage.world.pays(await checkout(stage, member))


@dataclass(slots=True)
class Eager:
    """They follow every new way in that they are sent."""

    stage: Stage
    members: Sequence[Member]
    wishes: Callable[[Member], bool] = lambda _: True
    _read: dict[int, int] = field(default_factory=dict[int, int])

    async def follow(self) -> None:
        """One look at what has come. What they follow in vain, they follow in vain."""
        inside = await self.stage.world.inside()
        for it in self.members:
            messages = await self.stage.world.messages(it.person)
            for message in messages[self._read.get(it.person, 0) :]:
                it.link = _link(message.text) or it.link
            self._read[it.person] = len(messages)
            if it.link and it.person not in inside and self.wishes(it):
                with contextlib.suppress(httpx.HTTPStatusError):
                    await self.stage.world.asks_to_join(it.person, it.link)

    async def keep_following(self, enough: anyio.Event) -> None:
        while not enough.is_set():
            await self.follow()
            with anyio.move_on_after(LOOK_EVERY):
                await enough.wait()


def _link(text: str) -> str:
    found = LINK.search(text)
    return "" if found is None else found.group(0).rstrip(".,)")


def people(members: Iterable[Member]) -> dict[int, str]:
    return {it.person: it.customer for it in members}
