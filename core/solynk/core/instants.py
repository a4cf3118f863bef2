"""Instants, periods and the calendar: aware UTC datetimes, half-open periods."""

import calendar
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)


def utc(instant: datetime) -> datetime:
    """The same instant in UTC.

    Raises:
        ValueError: it carries no time zone, so nobody knows which instant it is.
    """
    if instant.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {instant.isoformat()}")
    return instant.astimezone(UTC)


def earliest(instants: Iterable[datetime | None]) -> datetime | None:
    return min([instant for instant in instants if instant is not None], default=None)


def latest(instants: Iterable[datetime | None]) -> datetime | None:
    return max([instant for instant in instants if instant is not None], default=None)


class Period(Struct, frozen=True, tag="period"):
    """Half-open: the start is inside, the end is not."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if utc(self.end) <= utc(self.start):
            raise ValueError(f"not a period: {self.start} .. {self.end}")

    def covers(self, at: datetime) -> bool:
        return self.start <= at < self.end


class Interval(StrEnum):
    """How often a plan is paid."""

    ONE_TIME = "one_time"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def renews(self) -> bool:
        return self is not Interval.ONE_TIME

    def after(self, start: datetime) -> datetime:
        """One interval later: a month after 31 January is the last day of February.

        Raises:
            ValueError: a one-time plan has no interval.
        """
        match self:
            case Interval.DAY:
                return start + DAY
            case Interval.WEEK:
                return start + 7 * DAY
            case Interval.MONTH:
                return _months_after(start, 1)
            case Interval.QUARTER:
                return _months_after(start, 3)
            case Interval.YEAR:
                return _months_after(start, 12)
            case Interval.ONE_TIME:
                raise ValueError("a one-time plan has no interval")


def _months_after(start: datetime, months: int) -> datetime:
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return start.replace(year=year, month=month, day=day)
