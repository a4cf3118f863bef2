"""The sandbox and the application as the processes that a user would run, on free ports."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx

START: Final = 60.0
"""Seconds for a process to answer; a cold one compiles what it imports."""
STOP: Final = 10.0


class NotStartedError(RuntimeError):
    """A process ended, or did not answer; `log` holds what it said."""

    def __init__(self, name: str, log: Path) -> None:
        said = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        super().__init__(f"{name} did not start. It said, in {log}:\n{said}")
        self.log = log


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@asynccontextmanager
async def process(
    name: str, arguments: list[str], environment: Mapping[str, str], folder: Path
) -> AsyncGenerator[Path]:
    """`solynk ARGUMENTS` in its own process, its output in a file; ended in the end."""
    log = folder / f"{name}.log"
    with log.open("wb") as out:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "solynk.apps.cli",
            *arguments,
            env={**os.environ, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=folder,
        )
    try:
        yield log
    finally:
        await _end(child)


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    try:
        async with asyncio.timeout(STOP):
            await child.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def answering(name: str, url: str, log: Path) -> None:
    """Wait until `url` answers 200.

    Raises:
        NotStartedError: it did not, within `START` seconds.
    """
    async with httpx.AsyncClient(timeout=2) as http:
        for _ in range(int(START / 0.1)):
            with contextlib.suppress(httpx.HTTPError):
                if (await http.get(url)).is_success:
                    return
            await asyncio.sleep(0.1)
    raise NotStartedError(name, log)
