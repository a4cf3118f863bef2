"""Checkpoints in a file that is only ever written at its end, a line of JSON for each.

It is worth what its place is worth: another machine's disk, or storage that can not be changed.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from solynk.core.checkpoint import Checkpoint
from solynk.ports.errors import Unavailable

NAME: Final = "audit-checkpoints.jsonl"


@dataclass(frozen=True, slots=True)
class FileWitness:
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / NAME

    async def keep(self, checkpoints: Sequence[Checkpoint]) -> None:
        if checkpoints:
            await asyncio.to_thread(self._write, checkpoints)

    def _write(self, checkpoints: Sequence[Checkpoint]) -> None:
        """In one write, and begun on a line of its own: a process may have died amid the last."""
        lines = b"".join(msgspec.json.encode(it) + b"\n" for it in checkpoints)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self.file.open("ab", buffering=0) as file:
                file.write(lines if _ends_well(self.file) else b"\n" + lines)
                os.fsync(file.fileno())
        except OSError as fault:
            raise Unavailable("files", f"{self.file}: {fault.strerror}") from fault


def _ends_well(path: Path) -> bool:
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


class Kept(Struct, frozen=True):
    checkpoints: tuple[Checkpoint, ...]
    torn: tuple[int, ...]
    """Numbers of lines that hold no checkpoint: whoever wrote them died, or somebody changed them."""


def read_checkpoints(path: Path) -> Kept:
    """All that the file holds, in its order.

    Raises:
        Unavailable: the file can not be read.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as fault:
        raise Unavailable("files", f"{path}: {fault.strerror}") from fault
    read = {number: _checkpoint(line) for number, line in enumerate(lines, 1) if line}
    torn = tuple(number for number, it in read.items() if it is None)
    return Kept(tuple(it for it in read.values() if it is not None), torn)


def _checkpoint(line: bytes) -> Checkpoint | None:
    try:
        return msgspec.json.decode(line, type=Checkpoint)
    except msgspec.MsgspecError:
        return None
