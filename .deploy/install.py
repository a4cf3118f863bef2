"""Installs Solynk into an environment of its own, as requirements.lock says, and nothing else.

    python3 .deploy/install.py /opt/solynk

Of the lock's packages, those of development stay out. A file whose hash is not in the lock is refused.
"""  # noqa: INP001 a program, no package

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
WHAT = "all"
"""The extra of Solynk that has every adapter and app."""


def main(words: list[str]) -> None:
    if len(words) != 1:
        sys.exit(f"install.py: say where to, and nothing else: install.py FOLDER, not {words}")
    target = Path(words[0])
    pip = [str(target / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([sys.executable, "-m", "venv", str(target)], check=True)
    with tempfile.TemporaryDirectory() as work:
        install(pip, Path(work))
    subprocess.run([*pip, "check"], check=True)


def install(pip: list[str], work: Path) -> None:
    lock = LOCK.read_text(encoding="utf-8")
    versions, pinned, report = work / "versions.txt", work / "pinned.txt", work / "report.json"
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(work), str(ROOT)], check=True)
    (wheel,) = work.glob("*.whl")
    # pip can not check hashes while it looks for what a package needs: so first what, then which.
    versions.write_text("\n".join(pin for _, pin, _ in packages(lock)), encoding="utf-8")
    wanted = ["--ignore-installed", "--dry-run", "--report", str(report), f"{wheel}[{WHAT}]"]
    subprocess.run([*pip, "install", "--constraint", str(versions), *wanted], check=True)
    needed = names(report.read_text(encoding="utf-8"))
    pinned.write_text("".join(only(lock, needed)), encoding="utf-8")
    hashed = ["--require-hashes", "--no-deps", "--requirement", str(pinned)]
    subprocess.run([*pip, "install", *hashed], check=True)
    subprocess.run([*pip, "install", "--no-deps", str(wheel)], check=True)


def names(report: str) -> set[str]:
    """Of pip's report about an installation: the packages, but for Solynk itself."""
    found = {plain(it["metadata"]["name"]) for it in json.loads(report)["install"]}
    return found - {"solynk"}


def only(lock: str, needed: set[str]) -> list[str]:
    """The entries of the lock for these packages.

    Raises:
        SystemExit: one is not in the lock.
    """
    known = {name: entry for name, _, entry in packages(lock)}
    missing = needed - set(known)
    if missing:
        sys.exit(f"install.py: not in {LOCK.name}: {', '.join(sorted(missing))}")
    return [known[name] for name in sorted(needed)]


def packages(lock: str) -> Iterator[tuple[str, str, str]]:
    """(name, name and version, whole entry with its hashes) of each."""
    for entry in re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE):
        found = re.match(r"(?P<name>[\w.-]+)==[^\s;\\]+", entry)
        if found:
            yield plain(found["name"]), found[0], entry


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main(sys.argv[1:])
