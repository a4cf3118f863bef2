"""The simulation of many organizations, at a size that fits the suite: what gates is who is where."""

import pytest

from tests.benchmarks.simulation.histories import QUIET, RIGHTS, Kind
from tests.benchmarks.simulation.planning import ANCHOR, life
from tests.benchmarks.simulation.population import DAY, Size
from tests.benchmarks.simulation.simulating import simulate

SMALL = Size(organizations=1_000, members=50_000, bots=1, workers=1)
MONTH = 30 * DAY


def test_nobody_is_wronged_and_only_the_limits_make_anybody_wait() -> None:
    done = simulate(SMALL)

    assert not any(done.report.wrong.values()), done.report.wrong
    assert done.holds, done.report.delays
    assert done.report.dropped > 0, "nobody paid late while the platform was down"


def test_without_the_fence_members_who_paid_meanwhile_would_be_expelled() -> None:
    done = simulate(SMALL, fence=False)

    assert done.report.wrong["expelled with a right"] > 0
    assert not done.holds


@pytest.mark.parametrize("kind", Kind)
def test_the_planner_does_what_the_promises_say_where_nothing_is_late(kind: Kind) -> None:
    begins_or_ends = {
        int(edge.total_seconds())
        for right in RIGHTS[kind]
        for edge in right
        if -4 * DAY < edge.total_seconds() < MONTH
    }

    calls = [when for when, what in life(kind, ANCHOR, MONTH) if what in {"admit", "expel"}]

    assert calls == sorted(begins_or_ends)
    assert (not calls) == (kind in QUIET)


@pytest.mark.parametrize("kind", Kind)
def test_the_planner_does_not_mind_the_date(kind: Kind) -> None:
    dates = (ANCHOR.replace(year=2027, month=2, day=28), ANCHOR.replace(year=2028, hour=23))

    assert {life(kind, it, MONTH) for it in dates} == {life(kind, ANCHOR, MONTH)}
