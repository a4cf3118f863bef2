"""The HTTP front door, put together."""

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Final

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme

from solynk.apps.api.access import access
from solynk.apps.api.bodies import Body
from solynk.apps.api.catalog import plans, products
from solynk.apps.api.channels import channels
from solynk.apps.api.checks import checks
from solynk.apps.api.correlating import Correlating, add_headers
from solynk.apps.api.crowding import Door, Room, TurnedAway, of_turned_away
from solynk.apps.api.customers import customers, open_checkout
from solynk.apps.api.docs import POLICY, Page
from solynk.apps.api.keys import keyed
from solynk.apps.api.operations import get_backlog, health, metrics
from solynk.apps.api.organizations import organizations
from solynk.apps.api.problems import (
    BadInput,
    of_bad_input,
    of_http,
    of_port,
    of_unexpected,
    refuse_unknown_query,
)
from solynk.apps.api.requests import StrictRequest
from solynk.apps.api.support import support
from solynk.apps.api.unowned import unowned
from solynk.apps.api.webhooks import stripe_webhook
from solynk.apps.container import Container, Measures
from solynk.apps.engine import Wiring
from solynk.apps.lifetime import running
from solynk.apps.settings import Settings
from solynk.ports.errors import PortError

LARGEST: Final = 64 * 1024
"""Bytes of a body, but for webhooks."""
ABOUT: Final = (
    "Paid communities: a payment opens the chat, a lapse closes it. All below /v1 asks for"
    " `Authorization: Bearer <SOLYNK_API_KEY>`, and so does /metrics. Errors are problem+json."
)

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def create_app(container: Container, *, lifespan: Sequence[Lifespan] = ()) -> Litestar:
    """The API over a container that `lifetime.running` has opened, or that `lifespan` opens."""

    def provide_wiring() -> Wiring:
        return container.wiring()

    def provide_settings() -> Settings:
        return container.settings()

    def provide_measures() -> Measures:
        return container.telemetry()

    room = Room(container.settings().webhooks_at_once)
    guarded = Router(
        "/",
        route_handlers=[_v1(), metrics],
        guards=[keyed(container.settings().api_key)],
        security=[{"key": []}],
    )
    application = Litestar(
        route_handlers=[health, stripe_webhook, guarded],
        dependencies={
            "wiring": Provide(provide_wiring, sync_to_thread=False),
            "settings": Provide(provide_settings, sync_to_thread=False),
            "measures": Provide(provide_measures, sync_to_thread=False),
        },
        middleware=[Door(room, container), Correlating()],
        before_send=[add_headers],
        exception_handlers={
            PortError: of_port,
            BadInput: of_bad_input,
            TurnedAway: of_turned_away,
            HTTPException: of_http,
            Exception: of_unexpected,
        },
        request_class=StrictRequest,
        state=State({"container": container, "room": room}),
        request_max_body_size=LARGEST,
        openapi_config=_description(),
        logging_config=None,
        lifespan=list(lifespan),
    )
    _close_bodies(application)
    return application


def _close_bodies(application: Litestar) -> None:
    """Say in the description what Litestar leaves out: a body holds no other fields."""
    closed = {it.__name__ for it in _every(Body)}
    for schema in application.openapi_schema.components.schemas.values():
        if schema.title in closed:
            schema.additional_properties = False


def _every(form: type[Body]) -> Iterator[type[Body]]:
    for it in form.__subclasses__():
        yield it
        yield from _every(it)


def _v1() -> Router:
    inside = Router(
        "/organizations/{organization:uuid}",
        route_handlers=[
            products,
            plans,
            channels,
            customers,
            access,
            checks,
            open_checkout,
            support,
        ],
    )
    return Router(
        "/v1",
        route_handlers=[organizations, inside, unowned, get_backlog],
        before_request=refuse_unknown_query,
    )


def _description() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Solynk",
        version=version("solynk"),
        description=ABOUT,
        openapi_router=Router(
            "/docs", route_handlers=[], response_headers={"Content-Security-Policy": POLICY}
        ),
        render_plugins=[Page(path="/")],
        components=Components(
            security_schemes={"key": SecurityScheme(type="http", scheme="bearer")}
        ),
    )


def app() -> Litestar:
    """For servers that build the application in each of their processes, from the environment."""
    container = Container()

    @asynccontextmanager
    async def opened(_: Litestar) -> AsyncGenerator[None]:
        async with running(container):
            yield

    return create_app(container, lifespan=[opened])
