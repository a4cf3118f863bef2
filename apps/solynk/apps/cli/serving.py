"""The HTTP API, alone or with everything else in one process."""

import asyncio

import uvicorn

from solynk.apps.api import create_app
from solynk.apps.cli.terminal import say
from solynk.apps.container import Container, container_of
from solynk.apps.engine import Wiring
from solynk.apps.lifetime import migrate, running
from solynk.apps.settings import Settings
from solynk.apps.worker import register, run_scheduler, run_worker


async def serve_api(settings: Settings) -> None:
    """The API alone: workers are other processes."""
    container = container_of(settings)
    async with running(container):
        await _server(container).serve()


async def serve_everything(settings: Settings) -> None:
    """API, worker and schedule side by side; the database is migrated first."""
    container = container_of(settings)
    await migrate(container)
    async with running(container) as wiring:
        say(f"solynk: http://{settings.host}:{settings.port}")
        stopping = asyncio.Event()
        server = _server(container)
        behind = asyncio.create_task(_behind(container, wiring, stopping))
        behind.add_done_callback(lambda _: setattr(server, "should_exit", True))
        await server.serve()
        stopping.set()
        await behind


async def _behind(container: Container, wiring: Wiring, stopping: asyncio.Event) -> None:
    broker = container.broker()
    register(broker, lambda: wiring)
    hints = None if container.settings().redis_url is None else broker
    async with asyncio.TaskGroup() as together:
        together.create_task(run_worker(wiring, stopping, hints))
        together.create_task(run_scheduler(broker, stopping))


def _server(container: Container) -> uvicorn.Server:
    settings = container.settings()
    config = uvicorn.Config(
        create_app(container),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    return uvicorn.Server(config)
