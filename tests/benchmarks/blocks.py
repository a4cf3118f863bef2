"""Micro benchmarks: many calls in a short block, and the best block of a run counts.

Blocks are timed in this process's own CPU time, and what is best is what the machine can do when
nobody disturbs it: so neighbours hardly move it.
"""

import time
from collections.abc import Callable, Mapping
from typing import Final

from tests.benchmarks.measuring import Contender, Figures

AT_LEAST: Final = 0.005
"""Seconds of a block: long enough for the clock, short enough to run without a break."""
BLOCKS: Final = 8
"""In one run of one contender."""


def contenders(
    calls: Mapping[str, Callable[[], object]], notes: Mapping[str, str], steps: int = 1
) -> list[Contender]:
    """Each answers the microseconds of one of `steps` in a call."""
    return [Contender(name, _best(it, steps), notes.get(name, "")) for name, it in calls.items()]


def _best(call: Callable[[], object], steps: int) -> Callable[[], Figures]:
    many = _enough(call)

    def run() -> Figures:
        return {"us": 1e6 * min(_block(call, many) for _ in range(BLOCKS)) / many / steps}

    return run


def _enough(call: Callable[[], object]) -> int:
    many = 1
    while _block(call, many) < AT_LEAST:
        many *= 2
    return many


def _block(call: Callable[[], object], many: int) -> float:
    began = time.process_time()
    for _ in range(many):
        call()
    return time.process_time() - began
