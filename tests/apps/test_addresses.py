from collections.abc import Callable
from pathlib import Path

import pytest

from solynk.apps import addresses


@pytest.mark.parametrize(
    "value",
    [
        "postgresql://solynk:secret@db.example/solynk",
        "postgres://db.example",
        "postgresql+psycopg://solynk:a#b%40@db.example:5432/solynk?sslmode=require",
        "postgresql://solynk@[::1]:5432/solynk",
        "postgresql:///solynk?host=/run/postgresql",
        "sqlite:///solynk.db",
        "sqlite+aiosqlite:////var/lib/solynk/solynk.db",
    ],
)
def test_a_database_that_can_be_reached_is_taken(value: str) -> None:
    assert addresses.database(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "postgresql",
        "mysql://db.example/solynk",
        "postgresql+asyncpg://db.example/solynk",
        "postgresql://solynk:secret",
        "postgresql://solynk:secret@db.example:port/solynk",
        "postgresql://solynk:secret@word@db.example/solynk",
        "sqlite:",
        "sqlite://",
        "sqlite:///",
        "sqlite://solynk.db",
        "sqlite:///:memory:",
        "sqlite+pysqlite3:///solynk.db",
    ],
)
def test_a_database_that_could_not_be_reached_is_refused_with_the_fix(value: str) -> None:
    with pytest.raises(ValueError, match=r"^use postgresql://user:password@host/name") as raised:
        addresses.database(value)

    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("port", ["0", "65536", "99999", "9" * 30])
def test_a_port_that_cannot_be_is_refused(port: str) -> None:
    with pytest.raises(ValueError, match="use a port from 1 to 65535"):
        addresses.database(f"postgresql://solynk@db.example:{port}/solynk")


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (addresses.redis, "redis://:secret@cache.example:port/0"),
        (addresses.redis, "redis://cache.example/first"),
        (addresses.redis, "cache.example:6379"),
        (addresses.redis, "redis://[half/0"),
        (addresses.http, "http://proxy.example:port"),
        (addresses.http, "http://"),
        (addresses.http, "http://[half"),
        (addresses.http, "ftp://proxy.example"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(check: Callable[[str], str], value: str) -> None:
    with pytest.raises(ValueError, match=r"^use an address such as "):
        check(value)


@pytest.mark.parametrize(
    "value", ["redis://cache.example", "rediss://:secret@[::1]:6379/2", "unix:///run/redis.sock"]
)
def test_a_redis_that_can_be_reached_is_taken(value: str) -> None:
    assert addresses.redis(value) == value


def test_a_file_is_told_from_a_server() -> None:
    assert addresses.sqlite_file("sqlite:///a/b.db") == Path("a/b.db")
    assert addresses.sqlite_file("sqlite+aiosqlite:////a/b.db") == Path("/a/b.db")
    assert addresses.sqlite_file("postgresql://db.example/solynk") is None
