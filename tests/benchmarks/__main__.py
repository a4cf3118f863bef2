"""`python3 dev.py bench [CELL...]`: how fast it is, beside the floor and the limit of this machine."""

import argparse
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from msgspec.structs import replace

from tests.benchmarks.decoding import decoding
from tests.benchmarks.granting import granting
from tests.benchmarks.ground import Ground, a_ground
from tests.benchmarks.intake import intake
from tests.benchmarks.machine import CORES
from tests.benchmarks.measuring import Outcome
from tests.benchmarks.overload import overload
from tests.benchmarks.queueing import queueing
from tests.benchmarks.reading import reading
from tests.benchmarks.reporting import WORDS, Report, write
from tests.benchmarks.rival_queues import rival_queues
from tests.benchmarks.rivals import rivals
from tests.benchmarks.scale import FULL, SMALL, Scale
from tests.benchmarks.standings import standings
from tests.benchmarks.starting import starting
from tests.benchmarks.sweeping import sweeping

Cell: TypeAlias = Callable[[Ground, Scale], Outcome]

CELLS: Final[Mapping[str, Cell]] = {
    "intake": intake,
    "decoding": decoding,
    "standings": standings,
    "queueing": queueing,
    "sweeping": sweeping,
    "reading": reading,
    "granting": granting,
    "overload": overload,
    "starting": starting,
}
FAILED: Final = 1


def main(words: list[str]) -> int:
    chosen = _parser().parse_args(words)
    scale = FULL if chosen.full else SMALL
    if chosen.rounds is not None:
        scale = replace(scale, rounds=chosen.rounds)
    outcomes: list[Outcome] = []
    with a_ground() as ground:
        for it in _chosen(chosen.cells, chosen.out.resolve() / "peers" if chosen.peers else None):
            outcomes.append(it(ground, scale))
            report = Report(platform.python_version(), CORES, ground.version, outcomes)
            write(report, chosen.out)  # so that a run that is ended keeps what it has
    print((chosen.out / WORDS).read_text(encoding="utf-8"))
    held = all(it.held for outcome in outcomes for it in outcome.verdicts)
    return 0 if held else FAILED


def _chosen(names: list[str], peers: Path | None) -> Iterator[Cell]:
    yield from (CELLS[it] for it in names or CELLS)
    if peers is not None:
        yield lambda ground, scale: rivals(ground, scale, peers)
        yield lambda ground, scale: rival_queues(ground, scale, peers)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("dev.py bench", description=__doc__)
    parser.add_argument("cells", nargs="*", metavar="CELL", choices=[*CELLS],
                        help=f"one or more of {', '.join(CELLS)}; all of them, if none is named")  # fmt: skip
    parser.add_argument(
        "--peers", action="store_true", help="beside others too: installs them below --out"
    )
    parser.add_argument("--rounds", type=int, help="of every cell but the micro benchmarks")
    parser.add_argument("--full", action="store_true", help="all that the targets speak of: hours")
    parser.add_argument(
        "--out", type=Path, default=Path(".bench"), help="where to write (%(default)s)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
