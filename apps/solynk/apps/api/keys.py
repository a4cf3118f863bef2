"""Who may use the API: whoever holds the key of this installation."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler

from solynk.apps.bearer import bears

log = logging.getLogger(__name__)

CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="solynk"'}


Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]


def keyed(key: str | None) -> Callable[[Connection, BaseRouteHandler], Awaitable[None]]:
    """A guard for this key. Without one the door stays closed."""

    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:  # else in a thread
        del handler
        if key is None:
            raise NotAuthorizedException(
                "no API key is set here: SOLYNK_API_KEY", headers=CHALLENGE
            )
        if not bears(connection.headers.get("authorization", ""), key):
            log.warning("a request without the API key: %s", connection.scope["path_template"])
            detail = "send the API key: Authorization: Bearer <SOLYNK_API_KEY>"
            raise NotAuthorizedException(detail, headers=CHALLENGE)

    return guard
