"""`solynk` as processes of its own, each with its log in a file; none outlives whoever began it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import anyio

T = TypeVar("T")

STOPS_WITHIN: Final = 90.0
KEPT: Final = ("PATH", "PYTHONPATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
"""All else in the environment of whoever runs the tests is not for the programs."""
LOOK_EVERY: Final = 0.05


@dataclass(slots=True)
class Program:
    name: str
    words: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """In `folder`, so that no `.env` of anybody is read."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "solynk.apps.cli", *self.words],
                env={**kept, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                start_new_session=True,
            )

    async def stop(self) -> int:
        """Ask it to end, and answer its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self, seconds: float = STOPS_WITHIN) -> int:
        process = self.process
        assert process is not None

        async def code() -> tuple[int] | None:
            found = process.poll()
            return None if found is None else (found,)

        (found,) = await eventually(code, f"{self.name} ends by itself", seconds)
        return found

    def kill(self) -> None:
        """It, and whatever it has started, without a word of warning: nothing is finished."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(STOPS_WITHIN)

    def said(self, since: int = 0) -> str:
        """All, or what came after so many bytes."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(since)
            return log.read().decode(errors="replace")

    def said_so_far(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0


async def eventually(
    ask: Callable[[], Awaitable[T | None]],
    what: str,
    seconds: float,
    *,
    look_every: float = LOOK_EVERY,
) -> T:
    """The first answer that is true.

    Raises:
        AssertionError: there was none in `seconds`; it says what was waited for, and what was last.
    """
    ends, found = time.monotonic() + seconds, await ask()
    while not found:
        assert time.monotonic() < ends, f"not within {seconds:g} s: {what}; at last {found!r}"
        await anyio.sleep(look_every)
        found = await ask()
    return found
