"""Forty days of many organizations, in virtual time and with the real planner.

python -m tests.benchmarks.simulation --organizations 100000 --members 10000000 --out simulated
"""

import argparse
import sys
import time
from pathlib import Path

import msgspec

from tests.benchmarks.simulation.population import Size
from tests.benchmarks.simulation.report import write
from tests.benchmarks.simulation.simulating import simulate


def main() -> int:
    asked = _asked()
    size = Size(asked.organizations, asked.members, asked.bots, asked.workers, asked.seed)
    started = time.monotonic()
    done = simulate(size, seconds_a_look=asked.look_ms / 1000)
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(done.report)) + b"\n")
    sys.stderr.write(f"seed {size.seed}, {time.monotonic() - started:.0f} s\n")
    if asked.out is not None:
        write(asked.out, done.report, done.found, done.workers)
    return 0 if done.holds else 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.simulation")
    parser.add_argument("--organizations", type=int, default=1_000)
    parser.add_argument("--members", type=int, default=50_000)
    parser.add_argument("--bots", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="cores that apply and derive")
    parser.add_argument("--look-ms", type=float, default=15, help="what a look costs a core")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="a folder for charts and figures")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
