"""`python3 dev.py mutants [MODULE...]`: small changes to the core, and whether a test notices each.

mutmut makes the changes and runs the tests that reach each of them. It works on a copy and in an
environment of its own, both below `.mutants`. It changes the bodies of functions: not tables, and
not properties, since those are decorated.
"""

import os
import shutil
import subprocess
import sys
import venv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
HOME: Final = ROOT / ".mutants"
PYTHON: Final = HOME / "environment" / "bin" / "python"
WORK: Final = HOME / "work"
WANTED: Final = Path(__file__).with_name("requirements.txt")
MODULES: Final = "ledger standing access brake command policies evidence money reads entitlement"
DERIVING: Final = "judge case cover renewal timer portfolio"
"""What decides. Further modules of the core can be named."""
TESTS: Final = ("tests/core", "tests/properties/test_ledger_laws.py",
                "tests/properties/test_oracle.py")  # fmt: skip
"""Those that take seconds: each change is tried on all of them that reach it."""
NOTICED: Final = frozenset({"killed", "timeout"})
SETTINGS: Final = """
[tool.pytest.ini_options]
addopts = ["--import-mode=importlib", "-p", "no:cacheprovider"]
pythonpath = ["."]

[tool.mutmut]
source_paths = ["src"]
only_mutate = {modules}
also_copy = ["docs"]
pytest_add_cli_args_test_selection = {tests}
"""


def main(words: Sequence[str]) -> int:
    modules = words or [*MODULES.split(), *DERIVING.split()]
    missing = [it for it in modules if not (ROOT / f"core/solynk/core/{it}.py").is_file()]
    if missing:
        print(f"the core has no module {missing[0]!r}", file=sys.stderr)
        return 1
    _make_environment()
    _copy(modules)
    environment = {
        **os.environ,
        "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HYPOTHESIS_PROFILE": "quick",
    }
    done = _mutmut("run", "--max-children", "1", environment=environment)
    told = _mutmut("results", "--all", "true", environment=environment, stdout=subprocess.PIPE)
    _report(told.stdout or "")
    return done.returncode


def _make_environment() -> None:
    """Again whenever what it is made from has changed."""
    stamp = HOME / "made-from"
    if stamp.is_file() and stamp.read_text() == WANTED.read_text():
        return
    print("making the environment of mutmut", file=sys.stderr)
    venv.create(PYTHON.parents[1], clear=True, with_pip=True)
    install = [str(PYTHON), "-m", "pip", "install", "-qq", "-r", str(WANTED)]
    subprocess.run(install, check=True)
    stamp.write_text(WANTED.read_text())


def _copy(modules: Sequence[str]) -> None:
    """The core below `src`, a folder that mutmut leaves out of the names of modules."""
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.copytree(ROOT / "core" / "solynk", WORK / "src" / "solynk")
    shutil.copytree(ROOT / "docs", WORK / "docs")
    for name in ("core", "properties"):
        shutil.copytree(ROOT / "tests" / name, WORK / "tests" / name)
    for name in ("builders.py", "imports.py"):
        shutil.copy(ROOT / "tests" / name, WORK / "tests" / name)
    paths = [f"src/solynk/core/{it}.py" for it in modules]
    settings = SETTINGS.format(modules=_toml(paths), tests=_toml(TESTS))
    (WORK / "pyproject.toml").write_text(settings, encoding="utf-8")


def _toml(words: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{it}"' for it in words) + "]"


def _mutmut(
    *words: str, environment: dict[str, str], stdout: int | None = None
) -> "subprocess.CompletedProcess[str]":
    command = ["nice", "-n", "19", str(PYTHON), "-m", "mutmut", *words]
    return subprocess.run(command, cwd=WORK, env=environment, check=False, stdout=stdout, text=True)


def _report(results: str) -> None:
    """Each change that no test noticed, and how many of each module there were."""
    found = [it.strip().rpartition(": ") for it in results.splitlines() if ": " in it]
    for name, _, status in found:
        if status not in NOTICED:
            print(f"{status}: {name}")
    for module in sorted({_module(name) for name, _, _ in found}):
        said = Counter(status for name, _, status in found if _module(name) == module)
        print(f"{module}: {', '.join(f'{many} {status}' for status, many in said.most_common())}")
    print(f"`{PYTHON} -m mutmut show NAME` in {WORK} shows a change")


def _module(name: str) -> str:
    return name.removeprefix("solynk.core.").partition(".")[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
