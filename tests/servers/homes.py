"""A temporary directory for each server, and the end of servers whose tests were killed.

It holds two locked files, one held by the tests and one by the server itself. So a later run
knows which directories are left over, and that a noted process id still means that server.
"""

import fcntl
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Final

_PREFIX: Final = "solynk-server-"
_SECONDS: Final = 30.0


@contextmanager
def server_home() -> Generator[Path]:
    """A directory for one server, which this run holds and others leave alone."""
    reap_left_over()
    with ExitStack() as held:
        made = Path(tempfile.mkdtemp(prefix="solynk-unlocked-"))
        made.chmod(0o755)  # the user that PostgreSQL runs as must pass through
        for name in ("tests", "server"):
            (made / name).touch()
        lock(held, made / "tests")
        home = made.rename(made.with_name(made.name.replace("solynk-unlocked-", _PREFIX)))
        held.callback(shutil.rmtree, home)
        yield home


def note(home: Path, pid: int) -> None:
    """Say who must be ended if nobody is left to do it."""
    (home / "pid").write_text(str(pid))


def reap_left_over() -> list[int]:
    """End the servers of runs that were killed; return their process ids."""
    reaped: list[int] = []
    for home in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError):  # another run was quicker
            if home.lstat().st_uid == os.geteuid():
                reaped += _reap(home)
    return reaped


def _reap(home: Path) -> list[int]:
    with ExitStack() as held:
        if not _free(held, home / "tests"):
            return []  # the run that owns it goes on
        reaped: list[int] = []
        if not _free(held, home / "server"):  # it lives, so its id is nobody else's
            reaped = [int((home / "pid").read_text())]
            os.kill(reaped[0], signal.SIGINT)
            wait(lambda: _free(held, home / "server"), f"process {reaped[0]} does not end")
        shutil.rmtree(home)
        return reaped


def lock(held: ExitStack, path: Path) -> IO[bytes]:
    """Hold the lock on `path` until `held` closes, or until whoever inherits the file ends.

    Raises:
        BlockingIOError: somebody else holds it.
    """
    file = held.enter_context(path.open("rb"))
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def _free(held: ExitStack, path: Path) -> bool:
    try:
        lock(held, path)
    except BlockingIOError:
        return False
    return True


def wait(until: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + _SECONDS
    while not until():
        if time.monotonic() > end:
            raise TimeoutError(f"{otherwise} within {_SECONDS:.0f} s")
        time.sleep(0.02)
