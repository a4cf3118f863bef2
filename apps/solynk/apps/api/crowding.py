"""How many webhooks may wait for the store at once. What is more is turned away, and is sent again.

Only what was read to its end holds a place: whoever sends slowly, or never, takes none.
"""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from litestar import Request, Response
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from solynk.apps.api.problems import TRY_AGAIN, Incoming, Problem, problem
from solynk.apps.container import Container
from solynk.apps.seldom import Seldom
from solynk.core.catalog import Provider
from solynk.ports.telemetry import Telemetry

log = logging.getLogger(__name__)

PATH: Final = "/webhooks/stripe"
DETAIL: Final = "too many webhooks wait to be stored: send it again"
RETRY_AFTER: Final = str(int(TRY_AGAIN.total_seconds()))


class TurnedAway(Exception):
    """Nothing was stored; what was sent is to be sent again."""


@dataclass(slots=True)
class Room:
    places: int
    taken: int = 0
    _told: Seldom = field(
        default_factory=lambda: Seldom(log, "webhooks are turned away: %d since the last such line")
    )

    @property
    def full(self) -> bool:
        return self.taken >= self.places

    @contextmanager
    def place(self) -> Generator[None]:
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1

    def turn_away(self, telemetry: Telemetry) -> None:
        """Count and tell it."""
        telemetry.count("webhooks", source=Provider.STRIPE.value, outcome="refused")
        self._told.tell()


class Door(ASGIMiddleware):
    """While the room is full, a body is not even read, so that those inside are served."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, room: Room, container: Container) -> None:
        self.room = room
        self.container = container

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if self.room.full and scope["path_template"] == PATH:
            self.room.turn_away(self.container.telemetry())
            await _answer(scope, receive, send)
        else:
            await next_app(scope, receive, send)


def of_turned_away(request: Incoming, error: TurnedAway) -> Response[Problem]:
    del error
    headers = {"Retry-After": RETRY_AFTER}
    return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, DETAIL, headers=headers)


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    request: Incoming = Request(scope, receive, send)
    answer = of_turned_away(request, TurnedAway()).to_asgi_response(None, request)  # pyright: ignore[reportUnknownMemberType] - Litestar's own types
    await answer(scope, receive, send)
