"""Loaded by Python at the start of every process under test: death, frost and skew on order.

The order is a JSON file, named by CHAOS_ORDER and read at every call to the outside world:

    {"door": "database", "like": "", "number": 3, "when": "before", "then": "die"}

The third call through that door whose words contain `like`, counted from when the file appeared,
ends the process with the code of a SIGKILL, or freezes it. An order is carried out once: its file
is renamed first. Whoever was frozen finds its real clock `slept` seconds further on, as after the
pause of a virtual machine. CHAOS_SKEW is what both of the process's clocks are wrong by, in seconds.
"""

import functools
import importlib.machinery
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

Words: TypeAlias = Callable[..., str]

ORDER = os.environ.get("CHAOS_ORDER", "")
SKEW = timedelta(seconds=float(os.environ.get("CHAOS_SKEW", "0")))
slept: list[timedelta] = []
KILLED = 137
seen: dict[str, int] = {}
"""How many calls each order has counted, by its text."""


def _meets(door: str, when: str, words: str) -> None:
    try:
        text = Path(ORDER).read_text()
    except FileNotFoundError:
        return
    order = json.loads(text)
    if order["door"] not in {door, "any"} or order["when"] != when or order["like"] not in words:
        return
    seen[text] = seen.get(text, 0) + 1
    if seen[text] != order["number"]:
        return
    Path(ORDER).rename(f"{ORDER}.done")
    if order["then"] == "die":
        os._exit(KILLED)
    os.kill(os.getpid(), signal.SIGSTOP)
    slept.append(timedelta(seconds=order["slept"]))


def _watch(owner: Any, name: str, door: str, words: Words) -> None:  # noqa: ANN401 -- any class
    known: Callable[..., Awaitable[object]] = getattr(owner, name)

    @functools.wraps(known)
    async def watched(*args: object, **kwargs: object) -> object:
        said = words(*args, **kwargs)
        _meets(door, "before", said)
        answer = await known(*args, **kwargs)
        _meets(door, "after", said)
        return answer

    setattr(owner, name, watched)


def _skew(owner: Any, *, real: bool) -> None:  # noqa: ANN401 -- any clock
    known: Callable[[object], Awaitable[datetime]] = owner.now

    async def now(self: object) -> datetime:
        return await known(self) + SKEW + sum(slept if real else (), timedelta(0))

    owner.now = now


def _nothing(*_args: object, **_kwargs: object) -> str:
    return ""


def _psycopg(module: Any) -> None:  # noqa: ANN401 -- a module
    _watch(module.AsyncConnection, "wait", "database", _nothing)


def _aiosqlite(module: Any) -> None:  # noqa: ANN401 -- a module
    def said(_: object, what: object, *_args: object, **_kwargs: object) -> str:
        return str(getattr(what, "__name__", what))

    _watch(module.Connection, "_execute", "database", said)


def _httpx(module: Any) -> None:  # noqa: ANN401 -- a module
    """Asking the time is no work: the clock of the tests is not one that a product would ask."""

    def said(_: object, request: Any, *_args: object, **_kwargs: object) -> str:  # noqa: ANN401 -- httpx's own
        return str(request.url.path)

    known = module.AsyncClient.send
    _watch(module.AsyncClient, "send", "vendor", said)
    watched = module.AsyncClient.send

    async def send(self: object, request: Any, *args: object, **kwargs: object) -> object:  # noqa: ANN401 -- httpx's own
        asks = known if request.url.path == "/sandbox/clock" else watched
        return await asks(self, request, *args, **kwargs)

    module.AsyncClient.send = send


def _aiohttp(module: Any) -> None:  # noqa: ANN401 -- a module
    def said(_: object, _method: str, url: object, *_args: object, **_kwargs: object) -> str:
        return str(url).rpartition("/")[2]

    _watch(module.ClientSession, "_request", "vendor", said)


def _redis(module: Any) -> None:  # noqa: ANN401 -- a module
    _watch(module.AbstractConnection, "send_packed_command", "redis", _nothing)


def _uvicorn(module: Any) -> None:  # noqa: ANN401 -- a module
    def said(self: Any, message: Any) -> str:  # noqa: ANN401 -- uvicorn's own
        status = message.get("status", "")
        return f"{message['type']} {status} {self.scope['path']}"

    _watch(module.RequestResponseCycle, "send", "answer", said)


def _sandbox_clock(module: Any) -> None:  # noqa: ANN401 -- a module
    _skew(module.SandboxClock, real=False)


def _system_clock(module: Any) -> None:  # noqa: ANN401 -- a module
    _skew(module.SystemClock, real=True)


WATCHED: dict[str, Callable[[Any], None]] = {
    "psycopg.connection_async": _psycopg,
    "aiosqlite.core": _aiosqlite,
    "httpx._client": _httpx,
    "aiohttp.client": _aiohttp,
    "redis.asyncio.connection": _redis,
    "uvicorn.protocols.http.h11_impl": _uvicorn,
    "uvicorn.protocols.http.httptools_impl": _uvicorn,
    "solynk.adapters.clock.sandbox": _sandbox_clock,
    "solynk.adapters.clock.system": _system_clock,
}


class Watcher(MetaPathFinder):
    """Changes a module right after it was loaded."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        change = WATCHED.get(fullname)
        if change is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        loader: Any = None if spec is None else spec.loader
        if loader is None:
            return None
        load: Callable[[ModuleType], None] = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            change(module)

        loader.exec_module = exec_module
        return spec


if ORDER:
    sys.meta_path.insert(0, Watcher())
