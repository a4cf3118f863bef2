"""P13: how soon a process is there, and how large it is."""

import subprocess
import sys
from http import HTTPStatus
from http.client import HTTPConnection
from time import perf_counter, sleep
from typing import Final

from tests.benchmarks.ground import Ground, free_port
from tests.benchmarks.machine import resident_mebibytes, tree_seconds
from tests.benchmarks.measuring import Contender, Figures, Outcome, Target, measured
from tests.benchmarks.scale import Scale

TARGETS: Final = (
    Target(
        "P13", "cold start of the API to its first 2xx, in s of CPU", "seconds", "api", most=1.5
    ),
    Target("P13", "import of the API, in s of CPU", "seconds", "import", most=0.6),
    Target("P13", "memory of the API, in MiB", "mebibytes", "api", most=120),
)
PATIENCE: Final = 60.0


def starting(ground: Ground, scale: Scale) -> Outcome:
    url = f"sqlite:///{ground.folder / 'starting.sqlite3'}"
    ground.migrate(url)

    def api() -> Figures:
        port, began = free_port(), perf_counter()
        program = ground.solynk("api", DATABASE_URL=url, PORT=str(port))
        while not _well(port):
            if perf_counter() - began > PATIENCE:
                raise RuntimeError("the API does not start")
            sleep(0.01)
        took = perf_counter() - began
        figures = {
            "seconds": tree_seconds(program.pid),
            "ms": 1000 * took,
            "mebibytes": resident_mebibytes(program.pid),
        }
        program.process.terminate()
        program.process.wait()
        return figures

    contenders = [
        Contender("python", lambda: _imported("sys"), "an interpreter that does nothing"),
        Contender("import", lambda: _imported("solynk.apps.api"), "solynk.apps.api"),
        Contender("api", api, "solynk api, from its start to a 200 of /healthz"),
    ]
    return measured("starting", "A process begins", contenders, TARGETS, scale.rounds)


def _imported(module: str) -> Figures:
    code = f"import {module}, time, sys; sys.stdout.write(str(time.process_time()))"
    began = perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return {"seconds": float(done.stdout), "ms": 1000 * (perf_counter() - began)}


def _well(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()
