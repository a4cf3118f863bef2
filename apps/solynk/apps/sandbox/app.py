"""The sandbox as a server: `solynk sandbox`, and in-process for tests."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from litestar import Litestar, Request, Response
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig
from litestar.types import ControllerRouterHandler

from solynk.apps.sandbox.control import control_routes
from solynk.apps.sandbox.pages import page_routes
from solynk.apps.sandbox.stripe.front import stripe_routes
from solynk.apps.sandbox.stripe.problems import StripeProblem
from solynk.apps.sandbox.telegram.routes import telegram_routes
from solynk.apps.sandbox.world import World

LIVE = ("sk_live_", "rk_live_")


class LiveKeyError(RuntimeError):
    """A live Stripe key is in the environment of a process meant for play."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            f"The sandbox does not start while {', '.join(names)} holds a live Stripe "
            "key. Unset it, or put a test key (sk_test_...) in its place."
        )
        self.names = names


def refuse_live_keys(environment: Mapping[str, str]) -> None:
    """Raises LiveKeyError, which names the variables and never their values."""
    names = [name for name, value in environment.items() if value.startswith(LIVE)]
    if names:
        raise LiveKeyError(sorted(names))


def create_app(world: World) -> Litestar:
    @asynccontextmanager
    async def running(_: Litestar) -> AsyncGenerator[None, None]:
        task = asyncio.create_task(world.run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    return Litestar(
        route_handlers=_routes(world),
        lifespan=[running],
        openapi_config=None,
        logging_config=None,
        exception_handlers={StripeProblem: _not_here},
        template_config=TemplateConfig(
            directory=Path(__file__).parent / "templates", engine=JinjaTemplateEngine
        ),
    )


def _not_here(_: Request[Any, Any, Any], problem: StripeProblem) -> Response[Any]:
    """A page or a control call named something that this world does not have."""
    return Response(problem.envelope(), status_code=problem.status)


def _routes(world: World) -> list[ControllerRouterHandler]:
    return [
        *control_routes(world),
        *page_routes(world),
        *stripe_routes(world),
        *telegram_routes(world),
    ]


@dataclass(frozen=True)
class RunningSandbox:
    base_url: str
    world: World


def serve(host: str = "127.0.0.1", port: int = 8200, *, base_url: str = "") -> None:
    """Run until interrupted; `base_url` is what buyers' browsers reach it by.

    Raises:
        LiveKeyError: a variable of the environment holds a live Stripe key.
    """
    refuse_live_keys(os.environ)
    world = World()
    world.base_url = base_url or f"http://{host}:{port}"
    uvicorn.run(create_app(world), host=host, port=port, log_level="warning")


@asynccontextmanager
async def start_in_process(
    port: int = 0, *, world: World | None = None
) -> AsyncGenerator[RunningSandbox, None]:
    """Serve from the running event loop; port 0 takes a free one.

    Raises:
        LiveKeyError: a variable of the environment holds a live Stripe key.
    """
    refuse_live_keys(os.environ)
    world = world or World()
    with _listening(port) as listening:
        world.base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with _served(create_app(world), listening):
            yield RunningSandbox(world.base_url, world)


def _listening(port: int) -> socket.socket:
    """Named as TCP, else asyncio leaves TCP_NODELAY off and answers wait 40 ms."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(256)
    return listening


class _Embedded(uvicorn.Server):
    """Leaves the signals to the process that it runs in."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@asynccontextmanager
async def _served(app: Litestar, listening: socket.socket) -> AsyncGenerator[None, None]:
    config = uvicorn.Config(app, log_level="critical", ws="none", lifespan="on")
    server = _Embedded(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not task.done():  # noqa: ASYNC110
        await asyncio.sleep(0.005)  # uvicorn offers a flag and no event
    if not server.started:
        await task
        raise RuntimeError("The sandbox did not start.")
    try:
        yield
    finally:
        server.should_exit = True
        await task
