"""A Telegram that answers each call after 50 ms, and remembers when it came.

`python -m tests.benchmarks.platform PORT`. Nobody is inside, and nobody has asked to join: so an
admission ends with an invitation. `GET /calls` tells all that came, by the clock of this machine.
"""

import asyncio
import re
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

import msgspec
import uvicorn
from msgspec import Struct

ANSWERS_AFTER: Final = 0.05
SILENCE: Final = 2.0
"""How long a poll for updates waits, since there are none."""
LEFT: Final = {"status": "left", "user": {"id": 1, "is_bot": False, "first_name": "A member"}}
SAID: Final = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}
RESULTS: Final[dict[str, object]] = {"getUpdates": [], "getChatMember": LEFT, "sendMessage": SAID}
NO_REQUEST: Final = {
    "ok": False,
    "error_code": 400,
    "description": "Bad Request: HIDE_REQUESTER_MISSING",
}
_FIELD: Final = re.compile(rb"\b(?:user_id|chat_id)=(\d+)")
"""The chat of a channel has a sign before its number."""

Message: TypeAlias = dict[str, Any]


class Call(Struct, frozen=True):
    method: str
    person: str
    """Whom it is about; empty for none."""
    at: float
    """`time.monotonic`, which all processes of a machine share."""


CALLS: Final[list[Call]] = []


async def app(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    at = time.monotonic()
    body = await _body(receive)
    method = str(scope["path"]).rpartition("/")[2]
    if method == "calls":
        answer: object = CALLS
    else:
        found = _FIELD.search(body)
        CALLS.append(Call(method, found[1].decode() if found else "", at))
        await asyncio.sleep(SILENCE if method == "getUpdates" else ANSWERS_AFTER)
        known = {"ok": True, "result": RESULTS.get(method, True)}
        answer = NO_REQUEST if method == "approveChatJoinRequest" else known
    status = 400 if answer is NO_REQUEST else 200
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": msgspec.json.encode(answer)})


async def _body(receive: Callable[[], Awaitable[Message]]) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False, lifespan="off")
