"""Commands of a page, run as its reader runs them: one block after the other, in one shell."""

import os
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.docs.pages import blocks

ASKS_AGAIN_FOR: Final = 30.0
"""Seconds until an answer that is not there yet counts as wrong."""
ENDS_WITHIN: Final = 60.0


def commands(page: Path) -> Iterator[tuple[str, str | None]]:
    """Each block of commands, and what the page says that it answers."""
    found = list(blocks(page))
    for (language, code), (next_language, following) in zip(
        found, [*found[1:], ("", "")], strict=True
    ):
        if language == "sh":
            yield code, following if next_language == "text" else None


def answers(said: str, expected: str) -> bool:
    """Whether that was said, where `…` stands for anything."""
    pattern = ".*".join(re.escape(it) for it in expected.strip().split("…"))
    return re.fullmatch(pattern, said.strip(), re.DOTALL) is not None


class Shell:
    """What a block sets is there in the next one."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._state = folder / "shell-state"
        self._state.write_text("")
        self._environment = {"PATH": os.pathsep.join([_curl(folder), environment["PATH"]])}

    def run(self, code: str) -> str:
        """What the block said; no command of it may fail."""
        kept = f"set -euo pipefail; set -a; . {self._state}"
        keep = f"{{ declare -p | grep -v ' -[a-zA-Z]*r'; declare -f; }} > {self._state}"
        done = subprocess.run(
            ["bash", "-c", f"{kept}\n{code}\n{keep}"],  # noqa: S607 -- of the PATH given here
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=ENDS_WITHIN,
            check=False,
        )
        assert done.returncode == 0, f"{code}\n{done.stdout}{done.stderr}"
        return done.stdout

    def run_until(self, code: str, expected: str) -> str:
        """Ask again while the answer is another one, if the block only asks."""
        ends = time.monotonic() + ASKS_AGAIN_FOR
        said = self.run(code)
        while not answers(said, expected) and " -d " not in code and time.monotonic() < ends:
            time.sleep(0.2)
            said = self.run(code)
        return said


def _curl(folder: Path) -> str:
    """The folder of curl; of a stand-in that knows the options of the pages, where there is none."""
    found = shutil.which("curl")
    if found:
        return str(Path(found).parent)
    made = folder / "bin" / "curl"
    made.parent.mkdir(exist_ok=True)
    made.write_text(f"#!{sys.executable}\n{(Path(__file__).parent / 'curl.py').read_text()}")
    made.chmod(made.stat().st_mode | stat.S_IXUSR)
    return str(made.parent)
