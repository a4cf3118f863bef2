"""The people of the story, and what they can do."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from solynk.apps.demo.api import Api
from solynk.apps.demo.timeline import Timeline
from solynk.apps.demo.world import World

PATIENCE: Final = 15.0
"""Seconds of real time until something that was expected counts as missing."""
LINK: Final = re.compile(r"https?://\S+|tg://\S+")


T = TypeVar("T")


@dataclass(slots=True)
class Member:
    """A buyer: a person in the chat world, a customer at the creator's."""

    name: str
    person: int
    customer: str
    link: str = ""


@dataclass(slots=True)
class Stage:
    """Everything the scenes act on."""

    world: World
    api: Api
    timeline: Timeline
    channel: str = ""
    plans: dict[str, str] | None = None

    async def joins_the_cast(self, name: str, language: str = "en") -> Member:
        """A customer who has opened the bot by their own claim link."""
        person = await self.world.person(name, language)
        email = f"{name.lower()}@example.com"
        made = await self.api.call("POST", "/customers", {"email": email, "locale": language})
        claim = await self.api.call(
            "POST", f"/customers/{made['id']}/claim-link", {"platform": "telegram"}
        )
        await self.world.starts(person, claim["url"].rsplit("start=", 1)[1])
        return Member(name, person, made["id"])

    async def buys(self, member: Member, plan: str) -> float:
        """Pay on the checkout page; seconds until the invitation is in the member's hands."""
        before = len(await self.world.messages(member.person))
        order = {
            "customer": member.customer,
            "plan": plan,
            "success_url": "https://example.com/thanks",
            "cancel_url": "https://example.com/back",
        }
        checkout = await self.api.call("POST", "/checkouts", order)
        began = time.perf_counter()
        await self.world.pays(checkout["url"])
        link = await self._invitation(member, before)
        member.link = link or member.link
        return time.perf_counter() - began if link else float("inf")

    async def _invitation(self, member: Member, before: int) -> str | None:
        async def arrived() -> str | None:
            for message in (await self.world.messages(member.person))[before:]:
                found = LINK.search(message.text)
                if found:
                    return found.group(0).rstrip(".,)")
            return None

        return await _until(arrived)

    async def enters(self, member: Member) -> bool:
        """Ask to join by the link; whether the door opens."""
        await self.world.asks_to_join(member.person, member.link)
        return await self.soon_inside(member)

    async def soon_inside(self, member: Member) -> bool:
        async def inside() -> bool | None:
            return member.person in await self.world.inside() or None

        return bool(await _until(inside))

    async def soon_outside(self, member: Member) -> bool:
        async def outside() -> bool | None:
            return member.person not in await self.world.inside() or None

        return bool(await _until(outside))

    async def settles(self) -> None:
        """Wait until all that the vendors have to tell has arrived, and was acted upon."""
        await self.world.delivered()
        await self.api.quiet()

    async def inside(self, member: Member) -> bool:
        return member.person in await self.world.inside()

    async def told(self, member: Member, words: str) -> int:
        """How many messages to the member hold these words."""
        messages = await self.world.messages(member.person)
        return sum(words in it.text for it in messages)

    async def state(self, member: Member) -> str:
        found = await self.api.call("GET", f"/customers/{member.customer}/access")
        states = {it["state"] for it in found if it["channel"] == self.channel}
        return str(next(iter(states), "none"))

    async def passes(self, days: float) -> None:
        """Let time pass, an event at a time, as it does in life."""
        until = await self.world.now() + timedelta(days=days)
        while (now := await self.world.now()) < until:
            step = min(until, max(await self.world.next_due(until), now))
            await self.world.advance_to(step)
            await self.api.quiet()
            if step >= until:
                return


async def _until(ask: Callable[[], Awaitable[T | None]]) -> T | None:
    """What `ask` finds as soon as it finds something; None where it never did."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        found = await ask()
        if found is not None:
            return found
        await asyncio.sleep(0.02)
    return None
