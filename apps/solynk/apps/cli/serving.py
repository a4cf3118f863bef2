"""The HTTP API, alone or with everything else in one process."""

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import uvicorn

from solynk.apps.api import create_app
from solynk.apps.cli.terminal import say
from solynk.apps.container import Container, container_of
from solynk.apps.engine import Wiring
from solynk.apps.lifetime import migrate, running
from solynk.apps.missing import missing
from solynk.apps.settings import Settings, SettingsError
from solynk.apps.worker import register, run_scheduler, run_worker

NEXT: Final = """\
next: write these as NAME=value into a file .env here, and start again; `solynk doctor` checks them.
docs/how-to says where they come from. To see it all work without them: `solynk demo --keep`"""


async def serve_api(settings: Settings, stopping: asyncio.Event) -> None:
    """The API alone: workers are other processes."""
    container = container_of(settings)
    with _listening(settings) as door:
        async with running(container):
            await _answer(container, door, stopping)


async def serve_everything(settings: Settings, stopping: asyncio.Event) -> None:
    """API, worker and schedule side by side; the database is migrated first."""
    container = container_of(settings)
    with _listening(settings) as door:
        await migrate(container)
        async with running(container) as wiring:
            _greet(wiring, settings)
            behind = asyncio.create_task(_behind(container, wiring, stopping))
            behind.add_done_callback(lambda _: stopping.set())
            await _answer(container, door, stopping)
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
    register(broker, lambda: wiring)
    hints = None if container.settings().redis_url is None else broker
    async with asyncio.TaskGroup() as together:
        together.create_task(run_worker(wiring, stopping, hints))
        together.create_task(run_scheduler(broker, stopping))


class _Server(uvicorn.Server):
    """Leaves the signals to the process: uvicorn would raise them again, and nothing be closed."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def _answer(container: Container, door: socket.socket, stopping: asyncio.Event) -> None:
    """Answer requests until `stopping`; those that have begun are finished."""
    config = uvicorn.Config(
        create_app(container),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve([door]))
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
    stopping.set()
    server.should_exit = True
    await asyncio.gather(serving, waiting)


def _listening(settings: Settings) -> socket.socket:
    """Named as TCP, else asyncio leaves TCP_NODELAY off and answers wait 40 ms.

    Raises:
        SettingsError: nobody can listen there.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((settings.host, settings.port))
    except OSError as fault:
        door.close()
        where = f"HOST={settings.host!r}, PORT={settings.port}"
        raise SettingsError((f"{where}: {fault.strerror}; choose another one",)) from fault
    return door
