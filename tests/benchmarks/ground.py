"""The servers of a run: a durable PostgreSQL, and programs on free ports with their logs in files."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, LiteralString

import psycopg
from psycopg.abc import Params

from tests.benchmarks.floor import SECRET
from tests.benchmarks.machine import parent_of
from tests.servers.databases import fresh_database
from tests.servers.running import running_postgres, running_redis

ROOT: Final = Path(__file__).parents[2]
KEY: Final = "the-key-of-the-benchmark"
KEPT: Final = ("PATH", "HOME", "LANG", "TMPDIR")
STARTS_WITHIN: Final = 180.0
STOPS_WITHIN: Final = 30.0


@dataclass(frozen=True, slots=True)
class Database:
    url: str
    server: int
    """The process that owns all the others of the server."""

    def rows(self, query: LiteralString, values: Params = ()) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            found = connection.execute(query, values)
            return found.fetchall() if found.description else []


@dataclass(frozen=True, slots=True)
class Program:
    process: subprocess.Popen[bytes]
    port: int

    @property
    def pid(self) -> int:
        return self.process.pid


@dataclass(slots=True)
class Ground:
    """Everything that is started here ends with the run."""

    ending: ExitStack
    folder: Path
    version: str = "not used"
    """Of PostgreSQL."""
    _postgres: str = ""
    _redis: str = ""

    def database(self) -> Database:
        """An empty database of one server that all cells share."""
        if not self._postgres:
            self._postgres = self.ending.enter_context(running_postgres(durable=True))
        url = self.ending.enter_context(fresh_database(self._postgres))
        with psycopg.connect(url) as connection:
            version = connection.info.server_version
            self.version = f"{version // 10_000}.{version % 10_000}"
            return Database(url, parent_of(connection.info.backend_pid))

    def redis(self) -> str:
        if not self._redis:
            self._redis = self.ending.enter_context(running_redis())
        return self._redis

    def solynk(self, *words: str, **environment: str) -> Program:
        """`solynk WORDS` as its operator would run it, but quiet: a line for each request is a choice."""
        known = {
            "SOLYNK_DATA_DIR": str(self.folder),
            "SOLYNK_API_KEY": KEY,
            "STRIPE_SECRET_KEY": "sk_test_of_the_benchmark",
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "LOG_LEVEL": "WARNING",
        }
        return self.program(["-m", "solynk.apps.cli", *words], {**known, **environment})

    def migrate(self, url: str) -> None:
        program = self.solynk("migrate", DATABASE_URL=url)
        if program.process.wait(STARTS_WITHIN):
            raise RuntimeError(f"the tables could not be made: see {self.folder}")

    def api(self, url: str, **environment: str) -> Program:
        """The API alone, when it answers. It migrates nothing."""
        port = free_port()
        program = self.solynk("api", DATABASE_URL=url, PORT=str(port), **environment)
        answers(program.process, port)
        return Program(program.process, port)

    def program(
        self, words: Sequence[str], environment: Mapping[str, str], *, python: str = sys.executable
    ) -> Program:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        log = self.folder / f"{len(list(self.folder.glob('*.log')))}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [python, *words],
                env={**kept, "PYTHONPATH": str(ROOT), **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
            )
        self.ending.callback(_end, process, log)
        return Program(process, 0)


@contextmanager
def a_ground() -> Generator[Ground]:
    with ExitStack() as ending:
        ending.callback(os.environ.update, {k: v for k, v in os.environ.items() if k in ADDRESSES})
        for name in ADDRESSES:
            os.environ.pop(name, None)  # what the environment names is not ours to load
        folder = Path(ending.enter_context(TemporaryDirectory(prefix="solynk-bench-")))
        yield Ground(ending, folder)


ADDRESSES: Final = ("DATABASE_URL", "REDIS_URL")


def answers(process: subprocess.Popen[bytes], port: int) -> float:
    """Wait until somebody listens; the seconds that it took.

    Raises:
        RuntimeError: the program ended, or said nothing in time.
    """
    began = time.perf_counter()
    while time.perf_counter() - began < STARTS_WITHIN and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return time.perf_counter() - began
    raise RuntimeError(f"{process.args!r} does not answer")


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _end(process: subprocess.Popen[bytes], log: Path) -> None:
    if process.poll() not in {None, 0}:
        print(f"{process.args!r} ended with {process.returncode}:", file=sys.stderr)
        print(log.read_text(errors="replace")[-2000:], file=sys.stderr)
    process.terminate()
    try:
        process.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
