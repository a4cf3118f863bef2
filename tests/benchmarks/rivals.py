"""P2 and part of P5: what one would take instead, in an environment of its own.

The project never installs it: `--peers` makes it, below the folder of the results, and only then.
"""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.benchmarks import floor
from tests.benchmarks.environments import HERE, environment
from tests.benchmarks.ground import Ground, Program, answers, free_port
from tests.benchmarks.intake import delivering, solynk
from tests.benchmarks.measuring import Contender, Figures, Outcome, Target, measured
from tests.benchmarks.payloads import SAMPLES
from tests.benchmarks.scale import Scale
from tests.benchmarks.standings import step_of_solynk

ENDPOINT: Final = "/stripe/webhook/00000000-0000-0000-0000-000000000001/"
MACHINES: Final = ("transitions", "python-statemachine")
TARGETS: Final = (
    Target("P2", "intake, of FastAPI, construct_event and the ORM", "rps", "solynk",
           least=6, over="fastapi"),
    Target("P2", "intake, of dj-stripe that only takes in", "rps", "solynk",
           least=8, over="dj-stripe ingest"),
    Target("P2", "intake, of dj-stripe in full", "rps", "solynk", least=30, over="dj-stripe full"),
    Target("P5", "a step of `transitions`, of a fact's step", "us", "transitions",
           least=10, over="step"),
)  # fmt: skip


def rivals(ground: Ground, scale: Scale, home: Path) -> Outcome:
    python = environment(home, "fastapi")
    contenders = [
        solynk(ground, scale),
        Contender(
            "fastapi", _fastapi(ground, scale, python), "construct_event, ORM select, insert"
        ),
        Contender(
            "dj-stripe ingest",
            _djstripe(ground, scale, home, "ingest"),
            "gunicorn, 8 threads; the row of the trigger alone",
        ),
        Contender(
            "dj-stripe full",
            _djstripe(ground, scale, home, "full"),
            "event and invoice kept in step; Stripe answers at once",
        ),
        Contender("step", step_of_solynk(), "join, standing, next change: a tenth for each fact"),
        *(Contender(it, _machine(python, it), "a step without any history") for it in MACHINES),
    ]
    return measured("rivals", "Instead of Solynk", contenders, TARGETS, scale.rounds)


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


def _djstripe(ground: Ground, scale: Scale, home: Path, how: str) -> Callable[[], Figures]:
    database, port = ground.database(), free_port()
    sample = str(SAMPLES / "invoice.paid.endive.json")
    words = [str(HERE / "djstripe_app.py"), str(port), database.url, floor.SECRET, sample, how]
    program = ground.program(words, {}, python=str(environment(home, "djstripe")))
    answers(program.process, port)
    served = Program(program.process, port)

    def stored() -> int:
        [(count,)] = database.rows("select count(*) from djstripe_webhookeventtrigger where valid")
        return int(str(count))

    return delivering(served, ENDPOINT, database, scale.requests // 20, stored)


def _machine(python: Path, name: str) -> Callable[[], Figures]:
    def run() -> Figures:
        command = [str(python), str(HERE / "machines.py"), name]
        done = subprocess.run(command, check=True, capture_output=True)
        figures: dict[str, float] = json.loads(done.stdout)
        return figures

    return run
