"""The API as a caller meets it: over HTTP, with a store, a provider and a platform in memory."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

from litestar import Litestar
from litestar.testing import AsyncTestClient
from msgspec.structs import replace

from solynk.adapters.memory.clock import ManualClock
from solynk.adapters.memory.platform import InMemoryPlatform
from solynk.adapters.memory.provider import InMemoryProvider
from solynk.adapters.memory.store import InMemoryStore
from solynk.apps.api import create_app
from solynk.apps.container import Container, container_of, put
from solynk.apps.engine import Wiring, drain, new_id, receive_updates
from solynk.apps.lifetime import running
from solynk.apps.settings import Settings
from solynk.core.alert import Alert, AlertKind
from solynk.core.catalog import Platform, Provider
from solynk.core.command import Command, CommandStatus, Inspect
from solynk.core.ids import AlertId, ChannelId, CommandId, OrganizationId
from solynk.ports.payments import CheckoutPage, RawEvent

NOON: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY: Final = "the-key-of-the-tests"
NOBODY: Final = "01890a5d-ac96-774b-bcce-b302099a8057"
"""An id that nothing has."""
PERSON: Final = "666"

Answer: TypeAlias = Any
"""JSON, or a response of the client."""


def a_settings(**changes: object) -> Settings:
    environ = {
        "SOLYNK_API_KEY": KEY,
        "STRIPE_SECRET_KEY": "sk_test_of_the_tests",
        "STRIPE_WEBHOOK_SECRET": "whsec_of_the_tests",
    }
    return replace(Settings.from_env(environ, Path("no-such-file")), **changes)


@dataclass
class Stage:
    http: AsyncTestClient[Litestar]
    container: Container
    wiring: Wiring
    clock: ManualClock
    provider: InMemoryProvider
    platform: InMemoryPlatform

    async def ask(self, method: str, path: str, body: object = None, **more: Answer) -> Answer:
        headers = {"Authorization": f"Bearer {KEY}", **more.pop("headers", {})}
        sent: dict[str, Any] = {} if body is None else {"json": body}
        return await self.http.request(method, path, headers=headers, **sent, **more)

    async def made(self, path: str, **body: object) -> Answer:
        """What a successful POST answers."""
        answer = await self.ask("POST", path, body)
        assert answer.status_code in {200, 201, 202}, answer.text
        return answer.json()

    async def read(self, path: str, **more: Answer) -> Answer:
        answer = await self.ask("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def described(self) -> list[tuple[str, str, Answer]]:
        """(method, path, description) of every route."""
        schema = (await self.http.get("/docs/openapi.json")).json()
        return [
            (method.upper(), path, operation)
            for path, methods in schema["paths"].items()
            for method, operation in methods.items()
        ]

    async def an_organization(self, *, slug: str = "atelier") -> "Shop":
        """A creator with a chat, a product that opens it, a monthly plan and a customer."""
        made = await self.made("/v1/organizations", name=slug, slug=slug, payment_account=slug)
        root = f"/v1/organizations/{made['id']}"
        self.platform.opens(f"chat-of-{slug}", owner="the-owner")
        channel = await self.made(f"{root}/channels", platform="telegram", chat=f"chat-of-{slug}")
        opens = [{"type": "channel", "channel": channel["id"]}]
        product = await self.made(f"{root}/products", name="Lounge", status="active", opens=opens)
        price = {"minor": 990, "currency": "EUR"}
        plan = await self.made(
            f"{root}/plans", product=product["id"], name="Monthly", price=price, interval="month"
        )
        customer = await self.made(f"{root}/customers", email="ann@example.com")
        return Shop(root, made["id"], channel["id"], product["id"], plan["id"], customer["id"])

    async def deliver(self, raw: RawEvent) -> Answer:
        return await self.http.post("/webhooks/stripe", content=raw.body, headers=dict(raw.headers))

    async def pays(self, shop: "Shop") -> Answer:
        """The customer opens a checkout of the shop's plan, pays, and the event arrives."""
        checkout = await self.made(
            f"{shop.root}/checkouts",
            customer=shop.customer,
            plan=shop.plan,
            success_url="https://example.com/thanks",
            cancel_url="https://example.com/back",
        )
        page = CheckoutPage(checkout["reference"], checkout["url"], NOON.replace(day=2))
        return await self.deliver(await self.provider.pay(page))

    async def bind(self, shop: "Shop", person: str) -> None:
        path = f"{shop.customer_path}/identities/telegram"
        answer = await self.ask("PUT", path, {"person": person})
        assert answer.status_code == 204, answer.text
        self.platform.starts(person)

    async def drain(self) -> int:
        """Take what the platform tells, and do all that is due."""
        updates = tuple(self.platform.updates)
        await receive_updates(self.wiring, Platform.TELEGRAM, self.platform.account, updates)
        await self.platform.acknowledge(updates)
        return await drain(self.wiring)


@dataclass(frozen=True)
class Shop:
    root: str
    id: str
    channel: str
    product: str
    plan: str
    customer: str

    @property
    def customer_path(self) -> str:
        return f"{self.root}/customers/{self.customer}"


@asynccontextmanager
async def a_stage(settings: Settings) -> AsyncGenerator[Stage]:
    clock = ManualClock(NOON)
    provider, platform = InMemoryProvider(clock), InMemoryPlatform()
    container = container_of(settings)
    put(container.store, InMemoryStore())
    put(container.wall, clock)
    put(container.payments, {Provider.STRIPE: provider})
    put(container.platforms, {Platform.TELEGRAM: platform})
    async with running(container) as wiring, AsyncTestClient(create_app(container)) as http:
        yield Stage(http, container, wiring, clock, provider, platform)


async def things_of(stage: Stage, shop: Shop) -> dict[str, str]:
    """One id of each kind of thing that a path can name, all of this shop's."""
    at, owner = await stage.clock.now(), OrganizationId(shop.id)
    await stage.pays(shop)
    await stage.drain()
    grant = await stage.made(f"{shop.customer_path}/grants", reason="a gift")
    block = await stage.made(f"{shop.customer_path}/blocks", reason="spam")
    alert, command = AlertId(new_id(at)), CommandId(new_id(at))
    async with stage.wiring.store.begin() as tx:
        kind = AlertKind.DEAD_LETTER
        await tx.alerts.open(Alert(alert, owner, kind, command, "it gave up", at))
        await tx.commands.add(
            Command(
                id=command,
                organization=owner,
                order=Inspect(ChannelId(shop.channel)),
                subject=f"inspect:{shop.channel}:dead",
                lane="telegram",
                status=CommandStatus.DEAD,
                due_at=at,
                deadline=at,
                created_at=at,
                correlation="test",
                reason="its deadline has passed",
            )
        )
        [event] = await tx.event_lists.all(owner, limit=1)
    return {
        "organization": shop.id,
        "product": shop.product,
        "plan": shop.plan,
        "channel": shop.channel,
        "customer": shop.customer,
        "person": PERSON,
        "platform": "telegram",
        "grant_id": grant["id"],
        "block_id": block["id"],
        "alert": alert,
        "command": command,
        "event": event.id,
    }
