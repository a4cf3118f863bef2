"""Billing periods: whole intervals counted from an anchor, in UTC."""

import calendar
from datetime import UTC, datetime, timedelta

from solynk.apps.sandbox.stripe.form import Obj

MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}


def period_end(anchor: int, start: int, recurring: Obj) -> int:
    """The first end of an interval after `start`, counted from `anchor`.

    A month without the anchor's day ends on its last day, and the next one goes
    back to the anchor's day.
    """
    count = 1
    while (end := _nth(anchor, count, recurring)) <= start:
        count += 1
    return end


def _nth(anchor: int, count: int, recurring: Obj) -> int:
    steps = count * int(recurring["interval_count"])
    interval: str = recurring["interval"]
    at = datetime.fromtimestamp(anchor, UTC)
    if interval in DAYS:
        return int((at + timedelta(days=DAYS[interval] * steps)).timestamp())
    return int(_months_later(at, MONTHS[interval] * steps).timestamp())


def _months_later(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return at.replace(year=year, month=month + 1, day=min(at.day, last))
