"""The sandbox's Telegram with aiogram on one side and the people on the other."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import ChatInviteLink, Update

from solynk.apps.sandbox import World, start_in_process

TOKEN = "7000000000:gate"
INVITE = "can_invite_users"
RESTRICT = "can_restrict_members"
POST = "can_post_messages"
ALL_KINDS = ["message", "callback_query", "chat_join_request", "chat_member", "my_chat_member"]


@dataclass(frozen=True)
class Stage:
    """`bot` is the real client; everything else goes through the control side."""

    base_url: str
    world: World
    http: httpx.AsyncClient
    bot: Bot

    async def cleared(self) -> None:
        (await self.http.post("/sandbox/reset", json={})).raise_for_status()
        await self.do("/bots", username="gate_bot", token=TOKEN)

    async def do(self, path: str, **body: Any) -> Any:  # noqa: ANN401 - JSON
        answer = await self.http.post(f"/sandbox/telegram{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def read(self, path: str) -> Any:  # noqa: ANN401 - JSON
        return (await self.http.get(f"/sandbox/telegram{path}")).raise_for_status().json()

    async def fault(self, kind: str, **about: Any) -> None:  # noqa: ANN401 - JSON
        fault = {"kind": kind, "vendor": "telegram", "times": 1, **about}
        (await self.http.post("/sandbox/faults", json=fault)).raise_for_status()

    async def later(self, **seconds: float) -> None:
        (await self.http.post("/sandbox/clock/advance", json=seconds)).raise_for_status()

    async def a_person(self, first_name: str = "Ann", **more: Any) -> int:  # noqa: ANN401 - JSON
        return int((await self.do("/users", first_name=first_name, **more))["id"])

    async def a_chat(
        self,
        kind: str = "supergroup",
        *,
        owner: int = 0,
        rights: tuple[str, ...] = (INVITE, RESTRICT, POST),
        title: str = "Lounge",
    ) -> int:
        """With `bot` as an administrator who has these rights."""
        owner = owner or await self.a_person("Olga")
        bots = {self.bot.id: rights}
        return int((await self.do("/chats", type=kind, title=title, owner=owner, bots=bots))["id"])

    async def a_member(self, chat: int, first_name: str = "Ann") -> int:
        person = await self.a_person(first_name)
        await self.do(f"/chats/{chat}/add", user=person)
        return person

    async def asks_to_join(self, person: int, link: ChatInviteLink) -> bool:
        answer = await self.do(f"/users/{person}/open-link", link=link.invite_link)
        return bool(answer["pending"])

    async def inside(self, chat: int) -> set[int]:
        return {one["user"]["id"] for one in await self.read(f"/chats/{chat}/members")}

    async def banned(self, chat: int) -> set[int]:
        return {one["user"]["id"] for one in await self.read(f"/chats/{chat}/bans")}

    async def ledger(self, path: str) -> list[dict[str, Any]]:
        query = {"vendor": "telegram", "path": path}
        rows: list[dict[str, Any]] = (await self.http.get("/sandbox/ledger", params=query)).json()
        return rows

    async def listens(self) -> None:
        """Forget what waits, and from here on ask for every kind of update."""
        await self.bot.delete_webhook(drop_pending_updates=True)
        await self.bot.get_updates(allowed_updates=ALL_KINDS)

    async def heard(self) -> list[Update]:
        """All that waits, confirmed."""
        updates = await self.bot.get_updates()
        if updates:
            await self.bot.get_updates(offset=updates[-1].update_id + 1)
        return updates


@asynccontextmanager
async def a_stage() -> AsyncGenerator[Stage]:
    async with (
        start_in_process() as sandbox,
        httpx.AsyncClient(base_url=sandbox.base_url, trust_env=False) as http,
        a_client(sandbox.base_url, TOKEN) as bot,
    ):
        yield Stage(sandbox.base_url, sandbox.world, http, bot)


@asynccontextmanager
async def a_client(base_url: str, token: str) -> AsyncGenerator[Bot]:
    server = TelegramAPIServer.from_base(base_url)
    session = AiohttpSession(api=server)
    try:
        yield Bot(token, session=session)
    finally:
        await session.close()
