"""What a process holds of the machine."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
PAGE: Final = os.sysconf("SC_PAGE_SIZE")
MEGABYTE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Footprint:
    megabytes: float
    """Resident."""
    descriptors: int


def footprint(pid: int) -> Footprint:
    """By /proc where there is one, else by what its makers put in its place."""
    own = PROC / str(pid)
    if own.is_dir():
        resident = int((own / "statm").read_text().split()[1]) * PAGE
        return Footprint(resident / MEGABYTE, len(list((own / "fd").iterdir())))
    kilobytes = int(_said("ps", "-o", "rss=", "-p", str(pid)))
    return Footprint(kilobytes / 1024, len(_said("lsof", "-p", str(pid)).splitlines()) - 1)


def _said(program: str, *words: str) -> str:
    found = shutil.which(program)
    assert found is not None, f"{program} is not on PATH"
    return subprocess.run([found, *words], check=True, capture_output=True, text=True).stdout
