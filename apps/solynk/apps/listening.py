"""Answers HTTP from an open door until it is told to stop; what has begun is finished."""

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import uvicorn

from solynk.apps.settings import SettingsError


class _Server(uvicorn.Server):
    """Leaves the signals to the process: uvicorn would raise them again, and nothing be closed."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def answer(application: Any, door: socket.socket, stopping: asyncio.Event) -> None:  # noqa: ANN401 -- ASGI's types are each framework's own
    """Answer requests until `stopping`; those that have begun are finished."""
    config = uvicorn.Config(
        application,
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


def open_door(host: str, port: int, variable: str = "PORT") -> socket.socket:
    """Named as TCP, else asyncio leaves TCP_NODELAY off and answers wait 40 ms.

    Raises:
        SettingsError: nobody can listen there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError as fault:
        door.close()
        where = f"HOST={host!r}, {variable}={port}"
        raise SettingsError((f"{where}: {fault.strerror}; choose another one",)) from fault
    return door
