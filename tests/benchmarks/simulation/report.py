"""The figures of a run, as text, as JSON and as charts drawn by hand."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from tests.benchmarks.simulation.population import (
    BLACK_FRIDAY,
    DAY,
    HOUR,
    MINUTE,
    MONTH_END,
    Size,
)
from tests.benchmarks.simulation.queues import CALLS, PLATFORM_DOWN, Workers, bound
from tests.benchmarks.simulation.running import Calls, Found

WITHIN: Final = 1.2
"""How much of the bound the delay may be; and a few seconds for what is not the platform."""
SECONDS: Final = 5.0


class Delays(Struct, frozen=True):
    """In seconds; the bound is what the rate limit and the outage alone make of the same calls."""

    calls: int
    p50: float
    p99: float
    most: float
    bound_p99: float

    @property
    def within_bound(self) -> bool:
        return self.p99 <= WITHIN * self.bound_p99 + SECONDS


class Report(Struct, frozen=True):
    size: Size
    delays: Mapping[str, Delays]
    wrong: Mapping[str, int]
    """Members who were treated against their right, or are where they do not belong."""
    most_waiting: int
    most_looks_waiting: int
    most_looks_a_second: float
    most_questions_an_hour: int
    bots_needed: Mapping[str, int]
    dropped: int
    planner_asked: int


def delays(calls: Calls, start: int = 0, end: int = 1 << 30) -> Delays:
    chosen = [number for number, due in enumerate(calls.due) if start <= due < end]
    late = sorted(calls.late[number] for number in chosen)
    ready: dict[int, list[int]] = {}
    for number in chosen:
        ready.setdefault(calls.bot[number], []).append(calls.due[number])
    least = sorted(it for of_bot in ready.values() for it in bound(of_bot))
    if not late:
        return Delays(0, 0, 0, 0, 0)
    return Delays(len(late), _at(late, 0.5), _at(late, 0.99), late[-1], _at(least, 0.99))


def _at(ordered: Sequence[float], share: float) -> float:
    return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 2)


def bots_needed(calls: Sequence[Calls], within: int) -> int:
    """So many that every call is made in so many seconds, were the platform never down."""
    due = sorted(at for it in calls for at in it.due)
    counts = [0] * (due[-1] // MINUTE + 1 if due else 0)
    for at in due:
        counts[at // MINUTE] += 1
    bots = 1
    while _longest(counts, bots) > within:
        bots += 1
    return bots


def _longest(counts: Sequence[int], bots: int) -> float:
    waiting = most = 0.0
    for count in counts:
        waiting = max(0.0, waiting + count - bots * CALLS * MINUTE)
        most = max(most, waiting)
    return most / (bots * CALLS)


def report(
    size: Size, found: Found, workers: Workers, load: Mapping[str, Sequence[float]]
) -> Report:
    asks = load["ask"]
    hours = [sum(asks[it : it + 60]) for it in range(0, len(asks), 60)]
    both = (found.admitted, found.expelled)
    friday, after = (BLACK_FRIDAY, BLACK_FRIDAY + HOUR), PLATFORM_DOWN.end + DAY
    return Report(
        size=size,
        delays={
            "admitted": delays(found.admitted),
            "admitted, Black Friday": delays(found.admitted, *friday),
            "admitted, the platform up": delays(found.admitted, 0, PLATFORM_DOWN.start),
            "left": delays(found.expelled),
            "left, month end": delays(found.expelled, MONTH_END, MONTH_END + DAY),
            "left, the platform down": delays(found.expelled, PLATFORM_DOWN.start, after),
        },
        wrong={
            "expelled with a right": found.expelled_with_right,
            "admitted without a right": found.admitted_without_right,
            "inside without a right at the end": found.inside_without_right,
            "outside with a right at the end": found.outside_with_right,
        },
        most_waiting=max(found.waiting),
        most_looks_waiting=int(max(workers.backlog)),
        most_looks_a_second=round(max(load["look"]) / MINUTE, 1),
        most_questions_an_hour=int(max(hours)),
        bots_needed={f"{it} s": bots_needed(both, it) for it in (5, 60, 600, 3600)},
        dropped=found.dropped,
        planner_asked=found.planner_asked,
    )


def write(into: Path, it: Report, found: Found, workers: Workers) -> None:
    into.mkdir(parents=True, exist_ok=True)
    (into / "report.json").write_bytes(msgspec.json.format(msgspec.json.encode(it)))
    (into / "commands.svg").write_text(chart("Commands that wait for the platform", found.waiting))
    (into / "looks.svg").write_text(chart("Looks that wait for a worker", workers.backlog))


def chart(title: str, minutes: Sequence[float], *, width: int = 900, height: int = 260) -> str:
    """A line over the days, the greatest value of each pixel."""
    left, low, high = 80, height - 30, max(1, *minutes)
    wide = width - left - 10
    step = max(1, len(minutes) // wide)
    tops = [max(minutes[it : it + step]) for it in range(0, len(minutes), step)]
    points = " ".join(
        f"{left + wide * x / len(tops):.1f},{low - (low - 40) * top / high:.1f}"
        for x, top in enumerate(tops)
    )
    days = len(minutes) * MINUTE // DAY
    marks = "".join(
        f'<text x="{left + wide * day / days:.0f}" y="{height - 10}">{day}</text>'
        for day in range(0, days, 5)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12">'
        f'<text x="{left}" y="20">{title}, by day</text>'
        f'<text x="5" y="44">{high:,.0f}</text><text x="5" y="{low}">0</text>{marks}'
        f'<path d="M{left} {low}H{width - 10}" stroke="#888"/>'
        f'<polyline points="{points}" fill="none" stroke="#06c"/></svg>\n'
    )
