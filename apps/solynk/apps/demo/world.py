"""Hands in the sandbox's world: time, cards and people, by its control addresses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import msgspec
from msgspec import Struct

RIGHTS: Final = ["can_invite_users", "can_restrict_members"]
MAYHEM: Final = [
    {"kind": "duplicate", "probability": 0.5, "copies": 2},
    {"kind": "reorder", "probability": 0.5, "seconds": 0.4},
]
"""Half of all deliveries come three times, half wait so that others overtake them."""


class Message(Struct, frozen=True):
    chat_id: int
    text: str = ""


class Due(Struct, frozen=True):
    at: datetime
    what: str


class LedgerEntry(Struct, frozen=True):
    direction: str
    vendor: str
    method: str
    path: str
    status: int
    fault: str = ""
    params: dict[str, Any] = {}


@dataclass(slots=True)
class World:
    http: httpx.AsyncClient
    base_url: str
    account: str = ""
    bot: int = 0
    chat: int = 0

    async def _post(self, path: str, **body: object) -> dict[str, Any]:
        answer = await self.http.post(f"{self.base_url}{path}", json=body)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    async def _get(self, path: str) -> bytes:
        answer = await self.http.get(f"{self.base_url}{path}")
        answer.raise_for_status()
        return answer.content

    async def open_creator(self, name: str, chat_title: str, token: str) -> None:
        """A creator with a payment account and a private channel where the bot is an admin."""
        self.account = (await self._post("/sandbox/stripe/accounts", name=name))["id"]
        self.bot = (
            await self._post("/sandbox/telegram/bots", username="solynk_demo_bot", token=token)
        )["id"]
        owner = await self.person(name)
        made = await self._post(
            "/sandbox/telegram/chats",
            type="channel",
            title=chat_title,
            owner=owner,
            bots={str(self.bot): RIGHTS},
        )
        self.chat = made["id"]

    async def deliver_to(self, url: str, secret: str) -> None:
        await self._post("/sandbox/stripe/endpoints", url=url, secret=secret)

    async def misbehave(self, seed: int) -> None:
        faults = {"seed": seed, "faults": MAYHEM}
        answer = await self.http.put(f"{self.base_url}/sandbox/faults", json=faults)
        answer.raise_for_status()

    async def person(self, first_name: str, language: str = "en") -> int:
        path = "/sandbox/telegram/users"
        made = await self._post(path, first_name=first_name, language_code=language)
        return int(made["id"])

    async def starts(self, person: int, payload: str) -> None:
        path = f"/sandbox/telegram/users/{person}/start"
        await self._post(path, bot=self.bot, payload=payload)

    async def asks_to_join(self, person: int, link: str) -> None:
        await self._post(f"/sandbox/telegram/users/{person}/open-link", link=link)

    async def inside(self) -> set[int]:
        found = msgspec.json.decode(await self._get(f"/sandbox/telegram/chats/{self.chat}/members"))
        return {int(it["user"]["id"]) for it in found}

    async def messages(self, person: int) -> Sequence[Message]:
        body = await self._get(f"/sandbox/telegram/users/{person}/messages")
        return msgspec.json.decode(body, type=list[Message])

    async def pays(self, checkout_url: str) -> None:
        """As a browser does it: open the page, press the button."""
        page = await self.http.get(checkout_url)
        page.raise_for_status()
        form = {"way": "pay", "email": "buyer@example.com"}
        done = await self.http.post(checkout_url, data=form, follow_redirects=False)
        if not done.is_redirect:
            done.raise_for_status()

    async def subscriptions(self) -> list[dict[str, Any]]:
        return await self._objects("subscription")

    async def charges(self) -> list[dict[str, Any]]:
        return await self._objects("charge")

    async def _objects(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = msgspec.json.decode(
            await self._get(f"/sandbox/stripe/{self.account}/objects/{kind}")
        )
        return found

    async def card(self, customer: str, mode: str, decline_next: int = 0) -> None:
        path = f"/sandbox/stripe/{self.account}/behaviour"
        await self._post(path, id=customer, mode=mode, decline_next=decline_next)

    async def act(self, act: str, id_: str, **details: object) -> None:
        await self._post(f"/sandbox/stripe/{self.account}/act/{act}/{id_}", **details)

    async def now(self) -> datetime:
        body = await self._get("/sandbox/clock")
        return msgspec.json.decode(body, type=dict[str, datetime])["now"]

    async def agenda(self) -> Sequence[Due]:
        return msgspec.json.decode(await self._get("/sandbox/agenda"), type=list[Due])

    async def advance_to(self, instant: datetime) -> None:
        """Move time; what fell due was delivered and acknowledged when this returns."""
        await self._post("/sandbox/clock/advance", to=instant.isoformat(), settle=True)

    async def delivered(self) -> None:
        """Wait for the webhooks that are on their way, and for those that are held back."""
        await self._post("/sandbox/settle")

    async def next_due(self, until: datetime) -> datetime:
        """The next instant at which something happens at the vendors, `until` at the latest."""
        due = [it.at for it in await self.agenda() if it.at < until]
        return min(due, default=until - timedelta(seconds=1)) + timedelta(seconds=1)

    async def ledger(self) -> Sequence[LedgerEntry]:
        return msgspec.json.decode(await self._get("/sandbox/ledger"), type=list[LedgerEntry])
