"""The engine in this very process, over a store and a Redis of the run."""

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from solynk.apps.container import container_of
from solynk.apps.engine import Wiring
from solynk.apps.lifetime import running
from solynk.apps.settings import Settings
from tests.benchmarks.floor import SECRET
from tests.benchmarks.ground import Ground

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Engine:
    wiring: Wiring
    runner: asyncio.Runner

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)


def an_engine(ground: Ground, url: str, redis: str | None = None) -> Engine:
    """As `solynk worker` would wire it; migrated, and closed when the run ends."""
    environ = {
        "DATABASE_URL": url,
        "STRIPE_SECRET_KEY": "sk_test_of_the_benchmark",
        "STRIPE_WEBHOOK_SECRET": SECRET,
        **({} if redis is None else {"REDIS_URL": redis}),
    }
    ground.migrate(url)
    settings = Settings.from_env(environ, Path("no-such-file"))
    runner = ground.ending.enter_context(asyncio.Runner(loop_factory=uvloop.new_event_loop))
    opened: AbstractAsyncContextManager[Wiring] = running(container_of(settings))
    wiring = runner.run(_entered(opened))
    ground.ending.callback(lambda: runner.run(_left(opened)))
    return Engine(wiring, runner)


async def _entered(opened: AbstractAsyncContextManager[Wiring]) -> Wiring:
    return await opened.__aenter__()


async def _left(opened: AbstractAsyncContextManager[Wiring]) -> None:
    await opened.__aexit__(None, None, None)
