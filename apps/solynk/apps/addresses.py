"""Addresses as settings hold them: looked at here, so that no library's own error is the first to speak.

Each check raises ValueError with the fix, and never repeats the address: it may hold a password.
"""

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

LAST_PORT: Final = 65_535

_DATABASE: Final = re.compile(
    r"""(?P<kind>postgres(?:ql)?|sqlite)(?:\+(?P<driver>\w+))?://
    (?P<user>[^:/@]*(?::[^@]*)?@)?
    (?P<host>\[[^]/?@]+\]|[^]\[:/?@]*)(?::(?P<port>[0-9]+))?
    (?:/(?P<name>[^?]*))?(?:\?.*)?""",
    re.VERBOSE | re.DOTALL,
)
_DRIVERS: Final = frozenset({None, "psycopg", "aiosqlite"})
_USE_DATABASE: Final = "use postgresql://user:password@host/name or sqlite:///path/to/file"
_USE_REDIS: Final = "use an address such as redis://127.0.0.1:6379/0"
_USE_HTTP: Final = "use an address such as http://127.0.0.1:8200"


def http(value: str) -> str:
    if not _is_whole(value, {"http", "https"}) or not urlsplit(value).hostname:
        raise ValueError(_USE_HTTP)
    return value.rstrip("/")


def database(value: str) -> str:
    found = _DATABASE.fullmatch(value)
    if not found or found["driver"] not in _DRIVERS:
        encode = "; write @ / : ? # % of a password as %40 %2F %3A %3F %23 %25"
        raise ValueError(_USE_DATABASE + (encode if "@" in value else ""))
    if found["port"] and not 0 < int(found["port"]) <= LAST_PORT:
        raise ValueError(f"use a port from 1 to {LAST_PORT}")
    if found["kind"] == "sqlite" and (found["host"] or found["name"] in {None, "", ":memory:"}):
        raise ValueError(_USE_DATABASE)
    return value


def redis(value: str) -> str:
    if not _is_whole(value, {"redis", "rediss", "unix"}):
        raise ValueError(_USE_REDIS)
    parts = urlsplit(value)
    if parts.scheme != "unix" and not re.fullmatch(r"/?|/[0-9]+", parts.path):
        raise ValueError(_USE_REDIS)
    return value


def sqlite_file(value: str) -> Path | None:
    """The file of a database address; None where a server keeps it."""
    found = _DATABASE.fullmatch(value)
    return Path(found["name"]) if found and found["kind"] == "sqlite" else None


def _is_whole(value: str, schemes: set[str]) -> bool:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:  # a port that is no number, or half a bracket
        return False
    return parts.scheme in schemes and port != 0
