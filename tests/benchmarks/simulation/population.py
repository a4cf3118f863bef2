"""Who there is: organizations of very different sizes, and when each member's story happens."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from typing import Final

from msgspec import Struct

from tests.benchmarks.simulation.histories import NEWCOMERS, QUIET, Kind

MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 86_400

BLACK_FRIDAY: Final = 24 * DAY + 18 * HOUR
MONTH_END: Final = 28 * DAY
WAVE: Final = 6 * HOUR
END: Final = 40 * DAY


class Size(Struct, frozen=True):
    organizations: int
    members: int
    bots: int
    workers: int
    seed: int = 1


SHARES: Final[Mapping[Kind, float]] = {
    Kind.RENEWS: 0.786,
    Kind.RECOVERS: 0.04,
    Kind.PAYS_LATE: 0.004,
    Kind.LAPSES: 0.02,
    Kind.CANCELS: 0.03,
    Kind.REFUNDED: 0.005,
    Kind.HOLDS_TWO: 0.015,
    Kind.JOINS: 0.098,
    Kind.REGRETS: 0.002,
}
"""An assumption, on the bad side of what sellers report; nothing measured."""
AT_MONTH_END: Final = 0.6
"""Which part of the renewals falls into the wave."""
ON_BLACK_FRIDAY: Final = 0.5
"""Which part of the newcomers comes in that one hour."""


@dataclass(slots=True)
class Population:
    anchors: Mapping[Kind, Sequence[int]]
    """How many stories of each kind begin in each minute, the quiet kinds too."""
    kinds: "array[int]" = field(default_factory=lambda: array("B"))
    times: "array[int]" = field(default_factory=lambda: array("i"))
    organizations: Sequence[int] = ()
    """Of those for whom something is called."""


def populate(size: Size) -> Population:
    chance = Random(size.seed)  # noqa: S311 - not for secrets: the same run again
    kinds = list(Kind)
    counts: dict[Kind, list[int]] = {kind: [0] * (END // MINUTE) for kind in kinds}
    made = Population(counts)
    cumulative = list(accumulate(SHARES[kind] for kind in kinds))
    for drawn in chance.choices(range(len(kinds)), cum_weights=cumulative, k=size.members):
        kind = kinds[drawn]
        at = _joined(chance) if kind in NEWCOMERS else _renewal(chance)
        counts[kind][at // MINUTE] += 1
        if kind not in QUIET:
            made.kinds.append(drawn)
            made.times.append(at)
    zipf = list(accumulate(1 / rank for rank in range(1, size.organizations + 1)))
    owners = chance.choices(range(size.organizations), cum_weights=zipf, k=len(made.kinds))
    made.organizations = array("I", owners)
    return made


def _renewal(chance: Random) -> int:
    """A wave in the first hours of the month, and the rest of the time evenly."""
    if chance.random() < AT_MONTH_END:
        return MONTH_END + int(WAVE * chance.triangular(0, 1, 0.2))
    return int(6 * DAY + 28 * DAY * chance.random())


def _joined(chance: Random) -> int:
    if chance.random() < ON_BLACK_FRIDAY:
        return BLACK_FRIDAY + int(HOUR * chance.random())
    return int(38 * DAY * chance.random())
