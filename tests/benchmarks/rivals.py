"""P2 and part of P5: what one would take instead, in an environment of its own.

The project never installs it: `--peers` makes it, below the folder of the results, and only then.
"""

import json
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.benchmarks import floor
from tests.benchmarks.ground import Ground, Program, answers, free_port
from tests.benchmarks.intake import delivering, solynk
from tests.benchmarks.measuring import Contender, Figures, Outcome, Target, measured
from tests.benchmarks.scale import Scale
from tests.benchmarks.standings import step_of_solynk

HERE: Final = Path(__file__).parent / "peers"
MACHINES: Final = ("transitions", "python-statemachine")
TARGETS: Final = (
    Target("P2", "intake, of FastAPI, construct_event and the ORM", "rps", "solynk",
           least=6, over="fastapi"),
    Target("P5", "a step of `transitions`, of a fact's step", "us", "transitions",
           least=10, over="step"),
)  # fmt: skip


def rivals(ground: Ground, scale: Scale, home: Path) -> Outcome:
    python = _environment(home)
    contenders = [
        solynk(ground, scale),
        Contender(
            "fastapi", _fastapi(ground, scale, python), "construct_event, ORM select, insert"
        ),
        Contender("step", step_of_solynk(), "join, standing, next change: a tenth for each fact"),
        *(Contender(it, _machine(python, it), "a step without any history") for it in MACHINES),
    ]
    return measured("rivals", "Instead of Solynk", contenders, TARGETS, scale.rounds)


def _environment(home: Path) -> Path:
    python = home / "bin" / "python"
    stamp, wanted = home / "made-from", (HERE / "requirements.txt").read_text()
    if not stamp.is_file() or stamp.read_text() != wanted:
        print("making the environment of the peers", file=sys.stderr)
        venv.create(home, clear=True, with_pip=True)
        packages = str(HERE / "requirements.txt")
        command = [str(python), "-m", "pip", "install", "-qq", "-r", packages]
        subprocess.run(command, check=True)
        stamp.write_text(wanted)
    return python


def _fastapi(ground: Ground, scale: Scale, python: Path) -> Callable[[], Figures]:
    database, port = ground.database(), free_port()
    words = [str(HERE / "fastapi_orm.py"), str(port), database.url, floor.SECRET]
    program = ground.program(words, {}, python=str(python))
    answers(program.process, port)
    served = Program(program.process, port)

    def stored() -> int:
        [(count,)] = database.rows("select count(*) from peer_events")
        return int(str(count))

    return delivering(served, "/webhook", database, scale.requests // 4, stored)


def _machine(python: Path, name: str) -> Callable[[], Figures]:
    def run() -> Figures:
        command = [str(python), str(HERE / "machines.py"), name]
        done = subprocess.run(command, check=True, capture_output=True)
        figures: dict[str, float] = json.loads(done.stdout)
        return figures

    return run
