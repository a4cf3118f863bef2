"""Who may use the API: whoever holds the key of this installation."""

import hashlib
import hmac
import logging
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler

log = logging.getLogger(__name__)

CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="solynk"'}


Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]


def keyed(key: str | None) -> Callable[[Connection, BaseRouteHandler], None]:
    """A guard for this key. Without one the door stays closed."""

    def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        del handler
        if key is None:
            raise NotAuthorizedException(
                "no API key is set here: SOLYNK_API_KEY", headers=CHALLENGE
            )
        scheme, _, given = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not _same(given.strip(), key):
            log.warning("a request without the API key: %s", connection.scope["path_template"])
            detail = "send the API key: Authorization: Bearer <SOLYNK_API_KEY>"
            raise NotAuthorizedException(detail, headers=CHALLENGE)

    return guard


def _same(given: str, key: str) -> bool:
    """Over digests, so that not even the length shows in the time it takes."""
    digests = (hashlib.sha256(it.encode(errors="replace")).digest() for it in (given, key))
    return hmac.compare_digest(*digests)
