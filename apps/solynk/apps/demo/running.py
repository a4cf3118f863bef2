"""Starts the sandbox and the application, plays the story, and says how it went."""

import asyncio
import secrets
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import httpx

from solynk.apps.demo.api import Api
from solynk.apps.demo.cast import Stage
from solynk.apps.demo.keeping import names_for_a_shell, say_where
from solynk.apps.demo.processes import answering, free_port, process
from solynk.apps.demo.story import LOUNGE, Story
from solynk.apps.demo.timeline import Timeline
from solynk.apps.demo.world import World

CREATOR: Final = "Atelier Nord"
BOT_TOKEN: Final = "7000000001:sandbox-demo"  # noqa: S105 -- the sandbox's own bot


async def demo(seed: int, kept: asyncio.Event | None) -> int:
    """0 when every expectation came true, else 1. With `kept`, leave it running until that is set."""
    timeline, began = Timeline(), time.perf_counter()
    timeline.title("Solynk demo: a paid community, from payment to access")
    folder = Path(tempfile.mkdtemp(prefix="solynk-demo-"))
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=90))
        stage, settings = await _set_the_stage(stack, http, folder, timeline, seed)
        timeline.note(f"ready after {time.perf_counter() - began:.1f} s; logs in {folder}")
        await Story(stage).play()
        _sum_up(timeline, time.perf_counter() - began)
        if kept is not None:
            file = stack.enter_context(names_for_a_shell(stage, settings))
            say_where(timeline, stage, file)
            await kept.wait()
    return 1 if timeline.failed else 0


async def _set_the_stage(
    stack: AsyncExitStack, http: httpx.AsyncClient, folder: Path, timeline: Timeline, seed: int
) -> tuple[Stage, Mapping[str, str]]:
    sandbox_port, app_port = free_port(), free_port()
    world = World(http, f"http://127.0.0.1:{sandbox_port}")
    arguments = ["sandbox", "--port", str(sandbox_port)]
    sandbox = await stack.enter_async_context(process("sandbox", arguments, {}, folder))
    await answering(sandbox, f"{world.base_url}/sandbox/clock")
    await world.open_creator(CREATOR, LOUNGE, BOT_TOKEN)
    secret, key = f"whsec_{secrets.token_hex(16)}", secrets.token_urlsafe(24)
    environment = _environment(world.base_url, app_port, secret, key, folder)
    serve = await stack.enter_async_context(process("serve", ["serve"], environment, folder))
    api = Api(http, f"http://127.0.0.1:{app_port}", key)
    await answering(serve, f"{api.base_url}/readyz")
    await world.deliver_to(f"{api.base_url}/webhooks/stripe", secret)
    await world.misbehave(seed)
    return await _open_shop(Stage(world, api, timeline)), environment


def _environment(
    sandbox_url: str, port: int, secret: str, key: str, folder: Path
) -> Mapping[str, str]:
    """The embedded default, but for the sandbox's address and its keys; empty counts as unset."""
    return {
        "SOLYNK_SANDBOX_URL": sandbox_url,
        "SOLYNK_DATA_DIR": str(folder),
        "SOLYNK_API_KEY": key,
        "STRIPE_SECRET_KEY": "sk_test_sandbox",
        "STRIPE_WEBHOOK_SECRET": secret,
        "TELEGRAM_BOT_TOKEN": BOT_TOKEN,
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "SOLYNK_STRIPE_API_BASE": "",
        "SOLYNK_TELEGRAM_API_BASE": "",
        "HOST": "",
        "PORT": str(port),
        "PUBLIC_URL": "",
    }


async def _open_shop(stage: Stage) -> Stage:
    """What a creator sets up: a channel, two products that open it, and their plans."""
    api = stage.api
    await api.create_organization(
        name=CREATOR, slug="atelier-nord", payment_account=stage.world.account
    )
    channel = await api.call(
        "POST", "/channels", {"platform": "telegram", "chat": str(stage.world.chat)}
    )
    stage.channel = channel["id"]
    opens = [{"type": "channel", "channel": stage.channel}]
    monthly = await _product(api, LOUNGE, opens)
    bundle = await _product(api, "The bundle", opens)
    stage.plans = {
        "monthly": await _plan(api, monthly, "Monthly", 990, "month"),
        "bundle": await _plan(api, bundle, "Yearly", 9900, "year"),
    }
    return stage


async def _product(api: Api, name: str, opens: list[dict[str, str]]) -> str:
    made = await api.call("POST", "/products", {"name": name, "status": "active", "opens": opens})
    return str(made["id"])


async def _plan(api: Api, product: str, name: str, minor: int, interval: str) -> str:
    price = {"minor": minor, "currency": "EUR"}
    body = {"product": product, "name": name, "price": price, "interval": interval}
    return str((await api.call("POST", "/plans", body))["id"])


def _sum_up(timeline: Timeline, seconds: float) -> None:
    total = timeline.passed + len(timeline.failed)
    timeline.title(f"{timeline.passed} of {total} expectations came true, in {seconds:.0f} s")
    for words in timeline.failed:
        timeline.note(f"not so: {words}")
