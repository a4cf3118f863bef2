"""API, worker and schedule in one process, for one machine."""

import asyncio
from typing import Final

from solynk.apps.api import create_app
from solynk.apps.cli.terminal import say
from solynk.apps.container import Container, container_of
from solynk.apps.engine import Wiring
from solynk.apps.lifetime import migrate, running
from solynk.apps.listening import answer, open_door
from solynk.apps.missing import missing
from solynk.apps.settings import Settings
from solynk.apps.worker import register, run_scheduler, run_worker

NEXT: Final = """\
next: write these as NAME=value into a file .env here, and start again; `solynk doctor` checks them.
docs/how-to says where they come from. To see it all work without them: `solynk demo --keep`"""


async def serve_everything(settings: Settings, stopping: asyncio.Event) -> None:
    """API, worker and schedule side by side; the database is migrated first."""
    container = container_of(settings)
    with open_door(settings.host, settings.port) as door:
        await migrate(container)
        async with running(container) as wiring:
            _greet(wiring, settings)
            behind = asyncio.create_task(_behind(container, wiring, stopping))
            behind.add_done_callback(lambda _: stopping.set())
            await answer(create_app(container), door, stopping)
            await behind


def _greet(wiring: Wiring, settings: Settings) -> None:
    say(f"solynk: {settings.public_url}; its calls are listed at /docs")
    lacks = list(missing(wiring, settings))
    for it in lacks:
        say(f"  {it}")
    if lacks:
        say(NEXT)


async def _behind(container: Container, wiring: Wiring, stopping: asyncio.Event) -> None:
    broker = container.broker()
    register(broker, lambda: wiring, container.notary)
    hints = None if container.settings().redis_url is None else broker
    async with asyncio.TaskGroup() as together:
        together.create_task(run_worker(wiring, stopping, hints, container.notary()))
        together.create_task(run_scheduler(broker, stopping))
