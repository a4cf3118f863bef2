"""A PostgreSQL and a Redis of the tests' own, which may crash, and come back where they were."""

import os
import shlex
import signal
import socket
import subprocess
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from solynk.apps.demo.processes import free_port
from tests.servers.databases import redis_client
from tests.servers.finding import find_redis
from tests.servers.homes import lock, note, server_home, wait
from tests.servers.running import NOBODY, running_postgres

ENDS_WITHIN = 90.0
"""Seconds: a machine may be busy with other things."""
QUIETLY = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.environ.get("PATH", os.defpath)}


@dataclass(slots=True)
class Server:
    """A process that is begun again with the very same words."""

    home: Path
    command: Sequence[str]
    url: str
    user: int | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        wait(self._begin, f"{self.command[0]}: whoever went before holds on to {self.home}")
        wait(self.answers, f"{self.command[0]} does not answer")

    def _begin(self) -> bool:
        with ExitStack() as ours:
            try:
                held = lock(ours, self.home / "server")
            except BlockingIOError:
                return False
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=QUIETLY,
                pass_fds=[held.fileno()],
                start_new_session=True,
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
            )
            note(self.home, self.process.pid)
        return True

    def answers(self) -> bool:
        raise NotImplementedError

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(ENDS_WITHIN)


class Postgres(Server):
    def answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def crash(self) -> None:
        """As `pg_ctl stop -m immediate` does it."""
        note_of_its_own = self.home / "data" / "postmaster.pid"
        os.kill(int(note_of_its_own.read_text().split()[0]), signal.SIGQUIT)
        wait(lambda: not note_of_its_own.exists(), "PostgreSQL does not end")
        if self.process is not None:
            self.process.wait(ENDS_WITHIN)

    def end(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(ENDS_WITHIN)


class Redis(Server):
    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def answers(self) -> bool:
        with redis_client(self.url) as client:
            try:
                return client.ping()
            except redis.ConnectionError:
                return False

    def wipe(self) -> None:
        """All databases, all keys, and with them the streams and their groups."""
        at = urlsplit(self.url)
        with socket.create_connection((at.hostname or "", at.port or 0), 2) as to:
            to.sendall(b"FLUSHALL\r\n")
            assert to.recv(16) == b"+OK\r\n"

    def freeze(self) -> None:
        """It goes on taking connections, and answers none."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


@contextmanager
def own_postgres() -> Generator[Postgres]:
    """Never the one that the environment names: that one is not ours to crash."""
    with pytest.MonkeyPatch.context() as here:
        here.delenv("DATABASE_URL", raising=False)
        with running_postgres() as url:
            server = _restartable(url)
            try:
                yield server
            finally:
                server.end()


def _restartable(url: str) -> Postgres:
    """PostgreSQL notes down where it lies, and how it was started."""
    with psycopg.connect(url) as connection:
        row = connection.execute("select current_setting('data_directory')").fetchone()
    assert row is not None
    data = Path(row[0])
    command = shlex.split((data / "postmaster.opts").read_text())
    user = NOBODY if os.geteuid() == 0 else None
    return Postgres(data.parent, command, url, user)


@contextmanager
def own_redis() -> Generator[Redis]:
    with pytest.MonkeyPatch.context() as here, server_home() as home:
        here.delenv("REDIS_URL", raising=False)
        port = free_port()
        command = [
            *(find_redis().where, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(home)),
            *("--save", "", "--appendonly", "no", "--daemonize", "no"),
        ]
        server = Redis(home, command, f"redis://127.0.0.1:{port}/0")
        server.start()
        try:
            yield server
        finally:
            server.end()
