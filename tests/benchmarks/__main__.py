"""`python3 dev.py bench [CELL...]`: how fast it is, beside the floor and the limit of this machine."""

import argparse
import platform
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tests.benchmarks.decoding import decoding
from tests.benchmarks.ground import Ground, a_ground
from tests.benchmarks.intake import intake
from tests.benchmarks.machine import CORES
from tests.benchmarks.measuring import Outcome
from tests.benchmarks.reporting import Report, in_words, write
from tests.benchmarks.scale import FULL, SMALL, Scale
from tests.benchmarks.standings import standings

CELLS: Final[Mapping[str, Callable[[Ground, Scale], Outcome]]] = {
    "intake": intake,
    "decoding": decoding,
    "standings": standings,
}
FAILED: Final = 1


def main(words: list[str]) -> int:
    chosen = _parser().parse_args(words)
    scale = FULL if chosen.full else SMALL
    with a_ground() as ground:
        outcomes = [CELLS[it](ground, scale) for it in chosen.cells or CELLS]
        database = ground.version
    report = Report(platform.python_version(), CORES, database, outcomes)
    print(in_words(report))
    print(f"all of it: {write(report, chosen.out)}", file=sys.stderr)
    held = all(it.held for outcome in outcomes for it in outcome.verdicts)
    return 0 if held else FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("dev.py bench", description=__doc__)
    parser.add_argument("cells", nargs="*", metavar="CELL", choices=[*CELLS],
                        help=f"one or more of {', '.join(CELLS)}; all of them, if none is named")  # fmt: skip
    parser.add_argument("--full", action="store_true", help="all that the targets speak of: hours")
    parser.add_argument(
        "--out", type=Path, default=Path(".bench"), help="where to write (%(default)s)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
