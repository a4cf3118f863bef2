"""The calendar, and half-open periods."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from solynk.core.instants import Interval, Period, earliest, latest, utc
from tests.builders import days


def on(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("interval", "start", "after"),
    [
        (Interval.DAY, "2026-02-28", "2026-03-01"),
        (Interval.WEEK, "2026-12-28", "2027-01-04"),
        (Interval.MONTH, "2026-01-31", "2026-02-28"),
        (Interval.MONTH, "2028-01-31", "2028-02-29"),
        (Interval.MONTH, "2026-12-15", "2027-01-15"),
        (Interval.QUARTER, "2026-11-30", "2027-02-28"),
        (Interval.YEAR, "2028-02-29", "2029-02-28"),
    ],
)
def test_an_interval_later_is_clamped_to_the_month(
    interval: Interval, start: str, after: str
) -> None:
    assert interval.after(on(start)) == on(after)


def test_a_one_time_plan_has_no_interval() -> None:
    assert not Interval.ONE_TIME.renews

    with pytest.raises(ValueError, match="no interval"):
        Interval.ONE_TIME.after(on("2026-01-01"))


def test_a_period_holds_its_start_and_not_its_end() -> None:
    period = days(0, 30)

    assert period.covers(period.start)
    assert not period.covers(period.end)


@pytest.mark.parametrize("end", ["2026-01-01", "2025-12-31"])
def test_a_period_that_does_not_go_forward_is_refused(end: str) -> None:
    with pytest.raises(ValueError, match="not a period"):
        Period(on("2026-01-01"), on(end))


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        utc(on("2026-01-01").replace(tzinfo=None))


def test_an_instant_of_another_zone_is_the_same_instant() -> None:
    paris = timezone(timedelta(hours=1))

    assert utc(on("2026-01-01").astimezone(paris)).tzinfo is UTC


def test_the_earliest_and_the_latest_leave_out_what_is_unknown() -> None:
    first, second = on("2026-01-01"), on("2026-01-02")

    assert earliest([None, second, first]) == first
    assert latest([None, second, first]) == second
    assert earliest([None]) is None
    assert latest([]) is None
