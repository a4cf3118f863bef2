from collections.abc import Iterator

import pytest

from tests.servers.databases import emptied_redis, fresh_database
from tests.servers.finding import ServerMissing, find_postgres, find_redis
from tests.servers.running import running_postgres, running_redis


def pytest_addoption(parser: pytest.Parser) -> None:
    """Here, since pytest reads no options from deeper down."""
    parser.addoption("--chaos-seed", type=int, help="repeat a run of tests/chaos")
    parser.addoption("--long", action="store_true", help="tests/chaos at its full size")
    parser.addoption(
        "--chaos-minutes", type=float, default=60, help="for how long --long strikes each system"
    )


def pytest_report_header() -> list[str]:
    lines: list[str] = []
    for name, find in [("postgresql", find_postgres), ("redis", find_redis)]:
        try:
            lines.append(f"{name}: {find()}")
        except ServerMissing as missing:
            lines.append(f"{name}: MISSING, {missing}")
    return lines


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The server itself, started when the first test asks for it."""
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The server itself, started when the first test asks for it."""
    with running_redis() as url:
        yield url


@pytest.fixture(scope="module")
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty database for this module."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="module")
def redis_url(redis_server: str) -> Iterator[str]:
    """A Redis that holds nothing when this module begins."""
    with emptied_redis(redis_server) as url:
        yield url
