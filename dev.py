#!/usr/bin/env python3
"""One command from a fresh clone to a running Solynk. Needs Python 3.11 with pip, and nothing else.

    python3 dev.py run       the whole product on this machine, at a local address
    python3 dev.py test      every test; further arguments go to pytest
    python3 dev.py check     what CI runs: lint, types, layers, test
    python3 dev.py lint      ruff: its rules and its format
    python3 dev.py types     mypy and basedpyright, both strict
    python3 dev.py layers    import-linter: who may import whom
    python3 dev.py docs      the documentation as pages, in site/
    python3 dev.py alerts    the alert rules, checked and tried by promtool (needs promtool)
    python3 dev.py bench     how fast it is, beside the floor and the limit of this machine
    python3 dev.py mutants   whether the tests notice small changes to the core (an hour or so)
    python3 dev.py lock      write requirements.lock again (needs uv)
    python3 dev.py NAME ...  any program of the environment, such as `solynk` or `python`

The environment lies in .venv. It is made again when the lock, the package's own metadata or the
interpreter has changed. If uv is on PATH, it installs the packages; else pip does.
"""

import sys

if sys.version_info < (3, 11):  # for a Python this old to say so, all syntax here must be its own
    sys.exit("Solynk needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")

import hashlib
import os
import shutil
import subprocess
import time
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
STAMP = VENV / "made-from"
WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if WINDOWS else "python")

Command = list[str]

STEPS: dict[str, list[Command]] = {
    "run": [["solynk", "demo"]],
    "test": [["python", "-m", "pytest"]],
    "lint": [["ruff", "check"], ["ruff", "format", "--check"]],
    "types": [["mypy"], ["basedpyright"]],
    "layers": [["lint-imports"]],
    "docs": [["mkdocs", "build", "--strict"]],
    "bench": [["python", "-m", "tests.benchmarks"]],
    "mutants": [["python", "-m", "tests.mutants"]],
}
RULES = "docs/deployment/prometheus"
CHECK = ["lint", "types", "layers", "test"]  # the tests last: their closing line is CI's


def main(words: list[str]) -> None:
    os.chdir(ROOT)
    name, *arguments = words or ["help"]
    if name in {"help", "--help", "-h"}:
        print(__doc__)
    elif name == "lock":
        lock()
    elif name == "alerts":
        alerts()
    elif name == "check":
        set_up()
        check()
    else:
        set_up()
        *before, last = STEPS.get(name, [[name]])
        for command in before:
            demand(command)
        become([*last, *arguments])


def check() -> None:
    """Run every step even after one has failed, so that one run shows all there is to mend."""
    failed: list[str] = []
    for step in CHECK:
        say(step)
        codes = [call(command) for command in STEPS[step]]
        if any(codes):
            failed.append(step)
    if failed:
        sys.exit(f"dev.py: failed: {', '.join(failed)}")


def lock() -> None:
    """Pin the newest versions that fit pyproject.toml, with hashes and without addresses."""
    what = ["--all-groups", "--no-emit-project", "--no-header", "--no-annotate", "--upgrade"]
    uv = shutil.which("uv") or sys.exit("dev.py: this needs uv on PATH")
    demand([uv, "export", "--quiet", "--format", "requirements-txt", *what, "-o", LOCK.name])


def alerts() -> None:
    """Let Prometheus' own tool read the rules, and try each at times when it must and must not fire."""
    promtool = shutil.which("promtool") or sys.exit(
        "dev.py: this needs promtool on PATH (Debian, Ubuntu: apt install prometheus)"
    )
    demand([promtool, "check", "config", "--syntax-only", f"{RULES}/prometheus.yaml"])
    demand([promtool, "check", "rules", f"{RULES}/alerts.yaml"])
    demand([promtool, "test", "rules", f"{RULES}/alerts.test.yaml"])


def set_up() -> None:
    """Make .venv, unless it is there and was made from the same things; then activate it."""
    made_from = fingerprint()
    if not (STAMP.is_file() and STAMP.read_text() == made_from):
        make_venv()
        STAMP.write_text(made_from)  # last: a set-up that was interrupted starts again
    os.environ["VIRTUAL_ENV"] = str(VENV)
    os.environ["PATH"] = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])


def fingerprint() -> str:
    """Of all that the environment depends on; the settings of the checkers do not count."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    package = [project["project"], project["build-system"], project["tool"]["hatch"]]
    made_of = repr((package, sys.version, sys.base_prefix)).encode()
    return hashlib.sha256(LOCK.read_bytes() + made_of).hexdigest()


def make_venv() -> None:
    if Path(sys.prefix) == VENV:
        sys.exit("dev.py: .venv is out of date, and its own Python cannot replace it; use another.")
    started = time.monotonic()
    say("making .venv (the first time takes about half a minute)")
    shutil.rmtree(VENV, ignore_errors=True)
    install = installer()
    say("installing the pinned packages")
    demand([*install, "--require-hashes", "--no-deps", "-r", str(LOCK)])
    say("installing solynk itself, editable")
    demand([*install, "--no-deps", "--no-build-isolation", "-e", str(ROOT)])
    say(f"ready after {time.monotonic() - started:.0f} s")


def installer() -> Command:
    """Make an empty .venv; return the command that installs into it.

    A pip outside .venv is preferred to one inside: it saves seconds, and Debian's Python cannot
    make the one inside without a package more. As the target is .venv, a Python that is marked
    as externally managed (PEP 668) does not mind.
    """
    empty = [sys.executable, "-m", "venv", "--without-pip", str(VENV)]
    quiet = ["-qq", "--no-compile", "--disable-pip-version-check", "--no-warn-script-location"]
    uv = shutil.which("uv")
    if uv:
        demand(empty)
        return [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    if find_spec("pip"):
        demand(empty)
        return [sys.executable, "-m", "pip", "--python", str(PYTHON), "install", *quiet]
    if find_spec("ensurepip"):
        demand([sys.executable, "-m", "venv", str(VENV)])
        return [str(PYTHON), "-m", "pip", "install", *quiet]
    sys.exit("dev.py: this Python has no pip; install it (Debian, Ubuntu: apt install python3-pip)")


def demand(command: Command) -> None:
    code = call(command)
    if code:
        sys.exit(code)


def call(command: Command) -> int:
    return subprocess.run([program(command), *command[1:]], check=False).returncode


def become(command: Command) -> NoReturn:
    """Replace this process, so that Ctrl-C and other signals reach the program itself."""
    path = program(command)
    if WINDOWS:  # where execv returns at once and leaves the console to both
        sys.exit(call(command))
    sys.stdout.flush()
    os.execv(path, command)


def program(command: Command) -> str:
    """Where it is: in .venv alone, unless a path says otherwise, so that a slip runs nothing else."""
    found = shutil.which(command[0], path=str(BIN))
    if not found:
        sys.exit(f"dev.py: there is no command or program {command[0]!r}; see dev.py --help")
    return found


def say(what: str) -> None:
    print(f"dev.py: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
