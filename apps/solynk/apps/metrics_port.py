"""The numbers of a process that has no API, at a port of its own.

It answers `/metrics` to whoever has the API key, and `/healthz` to anybody; nothing else.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, TypeAlias

from solynk.adapters.prometheus import CONTENT_TYPE
from solynk.apps.bearer import bears
from solynk.apps.container import Container
from solynk.apps.listening import answer, open_door
from solynk.apps.numbers import exposition

Scope: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[Scope], Awaitable[None]]
Receive: TypeAlias = Callable[[], Awaitable[Scope]]
Answer: TypeAlias = tuple[HTTPStatus, str, bytes]

PLAIN = "text/plain"


@asynccontextmanager
async def telling_numbers(container: Container, stopping: asyncio.Event) -> AsyncGenerator[None]:
    """Answer at METRICS_PORT while the block runs; without one, do nothing."""
    settings = container.settings()
    if settings.metrics_port is None:
        yield
        return
    with open_door(settings.host, settings.metrics_port, "METRICS_PORT") as door:
        door.listen()
        answering = asyncio.create_task(_answering(container, door, stopping))
        # A port that fails must not go unseen until somebody misses the numbers.
        answering.add_done_callback(lambda _: stopping.set())
        try:
            yield
        finally:
            stopping.set()
            await answering


async def _answering(container: Container, door: socket.socket, stopping: asyncio.Event) -> None:
    await answer(_application(container), door, stopping)


def _application(container: Container) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        status, kind, body = await _answer(container, scope)
        headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status.value, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return application


async def _lifespan(receive: Receive, send: Send) -> None:
    for word in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{word}.complete"})


async def _answer(container: Container, scope: Scope) -> Answer:
    match scope["path"]:
        case "/healthz":
            return HTTPStatus.OK, PLAIN, b"ok\n"
        case "/metrics":
            return await _metrics(container, scope)
        case _:
            return HTTPStatus.NOT_FOUND, PLAIN, b"there is /metrics and /healthz\n"


async def _metrics(container: Container, scope: Scope) -> Answer:
    settings = container.settings()
    shown = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    if settings.api_key is None or not bears(shown, settings.api_key):
        return HTTPStatus.UNAUTHORIZED, PLAIN, b"send Authorization: Bearer <SOLYNK_API_KEY>\n"
    told = await exposition(container.wiring(), container.telemetry(), settings)
    return HTTPStatus.OK, f"{CONTENT_TYPE}; charset=utf-8", told
