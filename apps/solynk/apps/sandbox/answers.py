"""How one API call is answered: the faults it meets, the work, the ledger row."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from litestar import Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from solynk.apps.sandbox.faults import Fault, FaultKind
from solynk.apps.sandbox.ground import Ground


@dataclass(frozen=True)
class Incoming:
    """An API call as it came in; `path` and `account` as in the ledger."""

    vendor: str
    method: str
    path: str
    account: str
    params: dict[str, Any]


@dataclass
class Answer:
    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict[str, str])


class _HangUp(ASGIResponse):
    """Promises more bytes than it sends, so that the server must hang up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        headers = [(b"content-length", b"1000000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class CutConnection(Response[bytes]):
    """The answer that never arrives."""

    def __init__(self) -> None:
        super().__init__(b"")

    def to_asgi_response(self, *_: object, **__: object) -> ASGIResponse:
        return _HangUp()


INSTEAD = frozenset(
    {
        FaultKind.RATE_LIMIT,
        FaultKind.ERROR_BEFORE,
        FaultKind.REFUSE,
        FaultKind.REVOKED,
    }
)
"""Faults whose answer takes the place of the work."""


async def answered(
    ground: Ground,
    incoming: Incoming,
    work: Callable[[], Awaitable[Answer]],
    problem: Callable[[Fault], Answer],
) -> Response[bytes]:
    """Answer a call; `problem` words a fault the way the vendor words it."""
    began = time.monotonic()
    ground.catch_up()
    fault = ground.faults.on_call(incoming.vendor, incoming.method, incoming.path, incoming.account)
    answer = await _worked(fault, work, problem)
    _write(ground, incoming, answer, fault, time.monotonic() - began)
    if answer is None or (fault and fault.kind is FaultKind.CUT_AFTER):
        return CutConnection()
    return _response(answer)


async def _worked(
    fault: Fault | None,
    work: Callable[[], Awaitable[Answer]],
    problem: Callable[[Fault], Answer],
) -> Answer | None:
    """The answer, or None when the connection is cut before the work."""
    if fault is None:
        return await work()
    if fault.kind is FaultKind.CUT_BEFORE:
        return None
    if fault.kind in INSTEAD:
        return problem(fault)
    if fault.kind is FaultKind.SLOW:
        await asyncio.sleep(fault.seconds)
    answer = await work()
    return problem(fault) if fault.kind is FaultKind.ERROR_AFTER else answer


def _response(answer: Answer) -> Response[bytes]:
    return Response(
        msgspec.json.encode(answer.body),
        status_code=answer.status,
        headers=answer.headers,
        media_type="application/json",
    )


def _write(
    ground: Ground, incoming: Incoming, answer: Answer | None, fault: Fault | None, took: float
) -> None:
    cut = answer is None or (fault is not None and fault.kind is FaultKind.CUT_AFTER)
    ground.ledger.add(
        at=ground.clock.now(),
        direction="call",
        vendor=incoming.vendor,
        method=incoming.method,
        path=incoming.path,
        account=incoming.account,
        params=incoming.params,
        status=0 if cut or answer is None else answer.status,
        fault=fault.kind if fault else "",
        answer=answer.body if answer else {},
        took=took,
    )
