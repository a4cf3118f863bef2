"""Where others run: an environment for each, below the folder of the results.

The project never installs them: `--peers` does, and only then.
"""

import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent / "peers"


def environment(home: Path, name: str) -> Path:
    """The interpreter of an environment that has what `peers/NAME.txt` names."""
    packages, home = HERE / f"{name}.txt", home / name
    python, stamp, wanted = home / "bin" / "python", home / "made-from", packages.read_text()
    if not stamp.is_file() or stamp.read_text() != wanted:
        print(f"making the environment of {name}", file=sys.stderr)
        venv.create(home, clear=True, with_pip=True)
        command = [str(python), "-m", "pip", "install", "-qq", "-r", str(packages)]
        subprocess.run(command, check=True)
        stamp.write_text(wanted)
    return python
