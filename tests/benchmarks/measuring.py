"""Interleaved runs, and what they say when each is compared with those beside it.

A round runs every contender of a cell once, in the reverse order of the round before. A ratio is
taken inside a round, where the machine was the same for both, and the median of the rounds counts.
A run during which other people's processes took too much of the machine is done again, until the
cell has spent its patience: on a machine that is never quiet, no waiting helps.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from msgspec import Struct

from tests.benchmarks.machine import reading

NOISY: Final = 0.15
"""Share of the machine in foreign hands from which on a run is done again."""
PATIENCE: Final = 4
"""Runs of a cell that may be done again."""
GATE: Final = 0.8
"""A target counts as missed below this part of it: the noise of a shared machine is no regression."""

Figures = Mapping[str, float]


class Sample(Struct, frozen=True):
    figures: dict[str, float]
    foreign: float

    @property
    def noisy(self) -> bool:
        return self.foreign > NOISY


@dataclass(frozen=True, slots=True)
class Contender:
    name: str
    run: Callable[[], Figures]
    note: str = ""


class Target(Struct, frozen=True):
    """`of`'s figure, over that of `over` in the same round; alone, where that is not said."""

    id: str
    claim: str
    figure: str
    of: str
    least: float | None = None
    most: float | None = None
    over: str = ""


class Spread(Struct, frozen=True):
    least: float
    middle: float
    most: float


class Verdict(Struct, frozen=True):
    target: Target
    spread: Spread

    @property
    def met(self) -> bool:
        return self._within(1.0)

    @property
    def held(self) -> bool:
        """The gate: what less than this is a failure."""
        return self._within(GATE)

    def _within(self, part: float) -> bool:
        it, value = self.target, self.spread.middle
        enough = it.least is None or value >= it.least * part
        return enough and (it.most is None or value <= it.most / part)


class Outcome(Struct, frozen=True):
    """All that one cell measured."""

    cell: str
    title: str
    rounds: dict[str, list[Sample]]
    verdicts: list[Verdict]
    notes: dict[str, str] = {}

    @property
    def noisy(self) -> int:
        return sum(it.noisy for samples in self.rounds.values() for it in samples)

    def spread(self, contender: str, figure: str) -> Spread | None:
        return spread_of([it.figures.get(figure) for it in self.rounds[contender]])


def measured(
    cell: str,
    title: str,
    contenders: Sequence[Contender],
    targets: Sequence[Target],
    rounds: int,
) -> Outcome:
    samples: dict[str, list[Sample]] = {it.name: [] for it in contenders}
    patience = PATIENCE
    for number in range(rounds):
        for it in contenders if number % 2 == 0 else reversed(contenders):
            tried = [_once(it)]
            while tried[-1].noisy and patience:
                patience -= 1
                tried.append(_once(it))
            samples[it.name].append(min(tried, key=lambda it: it.foreign))
        _tell(f"{cell}: round {number + 1} of {rounds}")
    known = [it for it in targets if it.of in samples and (it.over in samples or not it.over)]
    verdicts = [Verdict(it, found) for it in known if (found := _judged(it, samples)) is not None]
    notes = {it.name: it.note for it in contenders if it.note}
    return Outcome(cell, title, samples, verdicts, notes)


def _once(contender: Contender) -> Sample:
    before = reading()
    figures = dict(contender.run())
    return Sample(figures, reading().foreign_since(before))


def _judged(target: Target, samples: Mapping[str, Sequence[Sample]]) -> Spread | None:
    mine = [it.figures.get(target.figure) for it in samples[target.of]]
    if not target.over:
        return spread_of(mine)
    theirs = [it.figures.get(target.figure) for it in samples[target.over]]
    pairs = zip(mine, theirs, strict=True)
    return spread_of([a / b if a is not None and b else None for a, b in pairs])


def spread_of(values: Sequence[float | None]) -> Spread | None:
    """None where nothing was measured."""
    known = [it for it in values if it is not None]
    return Spread(min(known), median(known), max(known)) if known else None


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
