"""The sandbox and the application as the processes that a user would run, on free ports."""

import asyncio
import contextlib
import math
import os
import socket
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
from msgspec import Struct

START: Final = 180.0
"""Seconds for a process to answer; a cold one compiles what it imports, on a slow machine too."""
STOP: Final = 10.0


class Running(Struct, frozen=True):
    name: str
    child: asyncio.subprocess.Process
    log: Path
    """What it says."""


class NotStartedError(RuntimeError):
    """A process ended, or did not answer in time."""

    def __init__(self, it: Running, waited: float) -> None:
        code = it.child.returncode
        state = "still running" if code is None else f"exited with {code}"
        said = it.log.read_text(errors="replace")[-2000:].strip()
        words = f"It said, in {it.log}:\n{said}" if said else f"It said nothing in {it.log}."
        super().__init__(f"{it.name} did not answer within {waited:.0f} s ({state}). {words}")


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@asynccontextmanager
async def process(
    name: str, arguments: list[str], environment: Mapping[str, str], folder: Path
) -> AsyncGenerator[Running]:
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
        yield Running(name, child, log)
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


async def answering(it: Running, url: str, within: float = START) -> None:
    """Wait until `url` answers 200.

    Raises:
        NotStartedError: it did not within so many seconds, or the process has ended.
    """
    began = time.monotonic()
    async with httpx.AsyncClient(timeout=2) as http:
        while it.child.returncode is None and time.monotonic() - began < within:
            with contextlib.suppress(httpx.HTTPError):
                if (await http.get(url)).is_success:
                    return
            await asyncio.sleep(0.1)
    raise NotStartedError(it, math.ceil(time.monotonic() - began))
