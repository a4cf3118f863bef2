"""What the processors did meanwhile: for us, and for others on this machine.

Read from /proc, so on Linux alone; elsewhere the figures are missing, and no run counts as noisy.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

PROC: Final = Path("/proc")
KNOWN: Final = (PROC / "stat").exists()
TICKS: Final = os.sysconf("SC_CLK_TCK") if KNOWN else 100
CORES: Final = os.cpu_count() or 1


class Reading(Struct, frozen=True):
    """Seconds of processor time since the machine started."""

    busy: float
    ours: float
    total: float

    def foreign_since(self, before: "Reading") -> float:
        """The share of all cores that other people's processes took."""
        spent = (self.busy - before.busy) - (self.ours - before.ours)
        passed = self.total - before.total
        return max(0.0, spent / passed) if passed > 0 else 0.0


def reading() -> Reading:
    if not KNOWN:
        return Reading(0.0, 0.0, 0.0)
    fields = [int(it) for it in (PROC / "stat").read_text().splitlines()[0].split()[1:9]]
    idle = fields[3] + fields[4]
    return Reading((sum(fields) - idle) / TICKS, tree_seconds(os.getpid()), sum(fields) / TICKS)


def tree_seconds(*roots: int) -> float:
    """Processor time of these processes and of all that they have started, the ended ones too."""
    if not KNOWN:
        return 0.0
    spent, children = _processes()
    waiting, found = list(roots), set[int]()
    while waiting:
        process = waiting.pop()
        if process not in found:
            found.add(process)
            waiting += children.get(process, [])
    return sum(spent.get(it, 0.0) for it in found)


def resident_mebibytes(process: int) -> float:
    if not KNOWN:
        return 0.0
    pages = int((PROC / str(process) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def parent_of(process: int) -> int:
    """0 where it is not known."""
    return int(_fields(process)[1]) if KNOWN else 0


def _processes() -> tuple[dict[int, float], dict[int, list[int]]]:
    spent: dict[int, float] = {}
    children: dict[int, list[int]] = {}
    for process, fields in _all():
        spent[process] = sum(int(it) for it in fields[11:15]) / TICKS
        children.setdefault(int(fields[1]), []).append(process)
    return spent, children


def _all() -> Iterator[tuple[int, list[str]]]:
    for it in PROC.iterdir():
        if it.name.isdecimal():
            try:
                yield int(it.name), _fields(int(it.name))
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended at this moment


def _fields(process: int) -> list[str]:
    """From the third one on: the second is a name, which may hold anything but the last bracket."""
    return (PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
