"""The application as its operator runs it, beside a sandbox that plays Stripe and Telegram."""

import asyncio
import hashlib
import hmac
import io
import secrets
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, LiteralString

import httpx
import psycopg

from solynk.apps.demo.api import Api
from solynk.apps.demo.cast import LINK, Member, Stage
from solynk.apps.demo.processes import free_port
from solynk.apps.demo.timeline import Timeline
from solynk.apps.demo.world import RIGHTS, World
from tests.end_to_end.outages import Postgres, Redis, own_postgres, own_redis
from tests.end_to_end.programs import Program, eventually

TOKEN: Final = "7000000001:sandbox-end-to-end"
WORKERS: Final = ("worker-1", "worker-2")
PROCESSES: Final = {"api": "api", "scheduler": "scheduler", **dict.fromkeys(WORKERS, "worker")}
STARTS_WITHIN: Final = 180.0
SOON: Final = 90.0


@dataclass(slots=True)
class Town:
    folder: Path
    http: httpx.AsyncClient
    app_port: int
    world_url: str
    secret: str = field(default_factory=lambda: f"whsec_{secrets.token_hex(16)}")
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    token: str = TOKEN
    bot: int = 0
    programs: dict[str, Program] = field(default_factory=dict[str, Program])
    shops: list[Stage] = field(default_factory=list[Stage])
    database_url: str = ""
    redis_url: str = ""

    @property
    def app_url(self) -> str:
        return f"http://127.0.0.1:{self.app_port}"

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "SOLYNK_SANDBOX_URL": self.world_url,
            "SOLYNK_DATA_DIR": str(self.folder),
            "SOLYNK_API_KEY": self.key,
            "STRIPE_SECRET_KEY": "sk_test_sandbox",
            "STRIPE_WEBHOOK_SECRET": self.secret,
            "TELEGRAM_BOT_TOKEN": self.token,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "PORT": str(self.app_port),
        }

    def run(self, name: str, *words: str, **more: str) -> Program:
        """Start `solynk WORDS`; one that ran before under this name begins anew."""
        program = Program(name, words, {**self.environment, **more}, self.folder)
        program.start()
        self.programs[name] = program
        return program

    async def finish(self, *words: str, **more: str) -> tuple[int, str]:
        """Run `solynk WORDS` to its end: its exit code, and what it said."""
        program = Program(f"once-{secrets.token_hex(4)}", words, {**self.environment, **more},
                          self.folder)  # fmt: skip
        program.start()
        return await program.ended(), program.said()

    async def answers(self, url: str) -> bool:
        """Whether it is there, and says that it can work."""
        try:
            return (await self.http.get(url, timeout=5)).is_success
        except httpx.HTTPError:
            return False

    async def is_over(self, database_url: str, redis_url: str) -> None:
        """Servers instead of one file, with all tables in place."""
        self.database_url, self.redis_url = database_url, redis_url
        code, said = await self.finish("migrate")
        assert code == 0, said

    async def is_ready(self, seconds: float = STARTS_WITHIN) -> None:
        async def ready() -> bool:
            return await self.answers(f"{self.app_url}/readyz")

        await eventually(ready, "the API is ready", seconds)

    async def open_shop(self) -> Stage:
        """A creator with an account, a channel where the bot is an admin, and a monthly plan."""
        number = len(self.shops) + 1
        name = f"Shop {number}"
        world = World(self.http, self.world_url, bot=self.bot)
        world.account = (await self.tell("stripe/accounts", name=name))["id"]
        owner = await world.person(name)
        chat = await self.tell(
            "telegram/chats",
            type="channel",
            title=name,
            owner=owner,
            bots={str(self.bot): RIGHTS},
        )
        world.chat = chat["id"]
        api = Api(self.http, self.app_url, self.key)
        await api.create_organization(
            name=name, slug=f"shop-{number}", payment_account=world.account
        )
        stage = Stage(world, api, Timeline(out=io.StringIO()))
        body = {"platform": "telegram", "chat": str(world.chat)}
        stage.channel = (await api.call("POST", "/channels", body))["id"]
        stage.plans = {"monthly": await _monthly(stage)}
        self.shops.append(stage)
        return stage

    async def tell(self, path: str, **body: object) -> dict[str, Any]:
        """Tell the sandbox to do something."""
        answer = await self.http.post(f"{self.world_url}/sandbox/{path}", json=body)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    async def misbehave(self, *faults: Mapping[str, object], seed: int = 1) -> None:
        body = {"seed": seed, "faults": list(faults)}
        (await self.http.put(f"{self.world_url}/sandbox/faults", json=body)).raise_for_status()

    async def behave(self) -> None:
        await self.misbehave()

    async def time_passes(self, **length: float) -> None:
        await self.tell("clock/advance", seconds=timedelta(**length).total_seconds(), settle=True)

    async def ledger(self, **only: str) -> list[dict[str, Any]]:
        """What the vendors were asked, and what they delivered, in its order."""
        few = {name: value for name, value in only.items() if name in {"path", "vendor"}}
        answer = await self.http.get(f"{self.world_url}/sandbox/ledger", params=few)
        return [it for it in answer.json() if all(it[name] == only[name] for name in only)]

    async def deliveries(self, stage: Stage) -> list[dict[str, Any]]:
        """Every attempt to deliver an event of this shop."""
        return await self.ledger(direction="delivery", account=stage.world.account)

    async def webhook(self, body: bytes, signature: str) -> httpx.Response:
        headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
        url = f"{self.app_url}/webhooks/stripe"
        return await self.http.post(url, content=body, headers=headers)

    def signed(self, body: bytes, *, secret: str = "") -> str:
        """As Stripe signs it: real time, whatever the sandbox's clock says."""
        at = int(time.time())  # noqa: TID251 -- the tolerance of a signature is about that
        key, words = (secret or self.secret).encode(), f"{at}.".encode() + body
        return f"t={at},v1={hmac.new(key, words, hashlib.sha256).hexdigest()}"


async def _monthly(stage: Stage) -> str:
    opens = [{"type": "channel", "channel": stage.channel}]
    product = await stage.api.call(
        "POST", "/products", {"name": "The Lounge", "status": "active", "opens": opens}
    )
    price = {"minor": 990, "currency": "EUR"}
    plan = {"product": product["id"], "name": "Monthly", "price": price, "interval": "month"}
    return str((await stage.api.call("POST", "/plans", plan))["id"])


async def checkout(stage: Stage, member: Member) -> str:
    """The address of a page where the member can pay."""
    order = {
        "customer": member.customer,
        "plan": (stage.plans or {})["monthly"],
        "success_url": "https://example.com/thanks",
        "cancel_url": "https://example.com/back",
    }
    return str((await stage.api.call("POST", "/checkouts", order))["url"])


async def pay(stage: Stage, member: Member) -> None:
    await stage.world.pays(await checkout(stage, member))


async def invited(stage: Stage, member: Member, seconds: float = SOON) -> None:
    """Wait until the member holds a link, and remember it."""

    async def link() -> str:
        for message in await stage.world.messages(member.person):
            found = LINK.search(message.text)
            if found:
                return found.group(0).rstrip(".,)")
        return ""

    member.link = await eventually(link, f"{member.name} is invited", seconds)


async def let_in(stage: Stage, member: Member, seconds: float = SOON) -> None:
    """Wait for the invitation, follow it, and wait until the door opens."""
    await invited(stage, member, seconds)
    await stage.world.asks_to_join(member.person, member.link)

    async def inside() -> bool:
        return await stage.inside(member)

    await eventually(inside, f"{member.name} is in", seconds)


async def alerts(stage: Stage) -> set[str]:
    """The kinds of those that are open."""
    return {it["kind"] for it in await stage.api.call("GET", "/alerts")}


async def expelled(stage: Stage) -> set[str]:
    """Everybody whom the bot ever threw out of this channel."""
    chat = str(stage.world.chat)
    calls = (it for it in await stage.world.ledger() if it.path == "banChatMember")
    return {str(it.params["user_id"]) for it in calls if str(it.params["chat_id"]) == chat}


@asynccontextmanager
async def a_world(folder: Path) -> AsyncGenerator[Town]:
    """The sandbox alone, with a bot in it. In the end every program is ended."""
    port = free_port()
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
        town = Town(folder, http, free_port(), f"http://127.0.0.1:{port}")
        try:
            town.run("sandbox", "sandbox", "--port", str(port))
            await eventually(
                lambda: town.answers(f"{town.world_url}/sandbox/clock"), "a sandbox", STARTS_WITHIN
            )
            bot = await town.tell("telegram/bots", username="solynk_test_bot", token=town.token)
            town.bot = bot["id"]
            hooks = f"{town.app_url}/webhooks/stripe"
            await town.tell("stripe/endpoints", url=hooks, secret=town.secret)
            yield town
        finally:
            for program in town.programs.values():
                program.kill()


@dataclass(slots=True)
class City:
    """The application as several processes, over servers that may crash."""

    town: Town
    postgres: Postgres
    redis: Redis

    @property
    def workers(self) -> list[Program]:
        return [self.town.programs[name] for name in WORKERS]

    async def start(self, *names: str) -> None:
        """Start the named ones of `PROCESSES`, each known to the database by its name."""
        for name in names:
            self.town.run(name, PROCESSES[name], PGAPPNAME=name)
        for name in names:
            await eventually(partial(self._connected, name), f"{name} runs", STARTS_WITHIN)
        await self.town.is_ready()

    async def stop(self, *names: str) -> dict[str, int]:
        """Ask all of them to end at once; their exit codes."""
        programs = [self.town.programs[it] for it in names]
        codes = await asyncio.gather(*(it.stop() for it in programs))
        return dict(zip(names, codes, strict=True))

    async def _connected(self, name: str) -> bool:
        asked = "select pid from pg_stat_activity where application_name = %s"
        return bool(self.rows(asked, name))

    def rows(self, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """Of the application's database; none for what answers none."""
        with psycopg.connect(self.town.database_url, autocommit=True) as connection:
            found = connection.execute(query, values)
            return found.fetchall() if found.description else []


@asynccontextmanager
async def a_city(folder: Path) -> AsyncGenerator[City]:
    with own_postgres() as postgres, own_redis() as redis:
        async with a_world(folder) as town:
            await town.is_over(postgres.url, redis.url)
            city = City(town, postgres, redis)
            await city.start(*PROCESSES)
            yield city
