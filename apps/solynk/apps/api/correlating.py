"""One name for a request: in its answer, in its problem, and in every log line meanwhile."""

import logging
import re
import time
import uuid
from typing import Final, cast

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from solynk.ports.telemetry import correlation

log = logging.getLogger(__name__)

HEADER: Final = "X-Request-Id"
_ACCEPTED: Final = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_KEY: Final = "solynk.correlation"

SECURITY: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}

_SECURITY: Final = [(name.lower().encode(), value.encode()) for name, value in SECURITY.items()]
_NAMED: Final = HEADER.lower().encode()


def correlation_of(scope: Scope) -> str:
    """The caller's own name for the request where it has a harmless form, else a new one."""
    state = scope["state"]
    if _KEY not in state:
        sent = dict(scope["headers"]).get(_NAMED, b"")
        state[_KEY] = sent.decode() if _ACCEPTED.fullmatch(sent) else uuid.uuid4().hex
    return str(state[_KEY])


async def add_headers(message: Message, scope: Scope) -> None:
    """On every answer, errors too. A route may set its own policy or caching."""
    if message["type"] == "http.response.start":
        headers = list(message["headers"])
        known = {name.lower() for name, _ in headers}
        headers.append((_NAMED, correlation_of(scope).encode()))
        headers += [(name, value) for name, value in _SECURITY if name not in known]
        message["headers"] = headers


class Correlating(ASGIMiddleware):
    """Logs each request by its route: a path names people's rows, a query may hold words."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        token = correlation.set(correlation_of(scope))
        status, since = 0, time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await next_app(scope, receive, watched)
        finally:
            took = 1000 * (time.perf_counter() - since)
            method = cast("HTTPScope", scope)["method"]
            log.info("%s %s %d %.1f ms", method, scope["path_template"], status, took)
            correlation.reset(token)
