"""Which reads a ledger keeps. The last read is always on day 100, so days up to 40 are long ago."""

import pytest

from solynk.core.facts import Observed, Pause, ProviderStatus
from solynk.core.instants import HOUR
from solynk.core.reads import kept, pause_seen_until
from tests.builders import an_observed, day, days

ACTIVE, PAST_DUE = ProviderStatus.ACTIVE, ProviderStatus.PAST_DUE
UNKNOWN = ProviderStatus.UNKNOWN


def a_read(
    on: int, status: ProviderStatus = ACTIVE, *, paid: bool = False, paused: bool = False
) -> Observed:
    return an_observed(
        number=on,
        status=status,
        period=days(on // 30 * 30, on // 30 * 30 + 30),
        paid=paid,
        pause=Pause(None) if paused else None,
        read_at=day(on),
    )


LAST = a_read(100)


@pytest.mark.parametrize(
    ("older", "expected"),
    [
        ([a_read(1), a_read(39), a_read(40)], [40]),
        ([a_read(41), a_read(42)], [41, 42]),
        ([a_read(1, paid=True), a_read(2, paid=True), a_read(31, paid=True), a_read(32)], [2, 31, 32]),
        ([a_read(1, paused=True), a_read(2, paused=True), a_read(3), a_read(4)], [2, 4]),
        ([a_read(1, PAST_DUE), a_read(2, PAST_DUE), a_read(3), a_read(4)], [2, 4]),
        ([a_read(1), a_read(2), a_read(3, PAST_DUE), a_read(4, PAST_DUE)], [2, 4]),
        ([a_read(1, UNKNOWN), a_read(2), a_read(3, UNKNOWN), a_read(4, UNKNOWN)], [2, 3, 4]),
        ([a_read(1), a_read(2, UNKNOWN), a_read(3, PAST_DUE)], [1, 3]),
    ],
    ids=[
        "of those that say the same the newest",
        "all of the last sixty days",
        "the newest that calls a period paid",
        "the newest that shows a pause of collection",
        "the newest denial",
        "the newest that is no denial",
        "unknown words since the last known one",
        "no unknown word before a known one",
    ],
)  # fmt: skip
def test_of_reads_of_long_ago_only_the_newest_of_a_kind_is_kept(
    older: list[Observed], expected: list[int]
) -> None:
    found = kept([*older, LAST])

    assert [it.version[1] for it in found] == [*expected, 100]


def test_the_register_is_kept_even_if_the_clock_had_gone_back() -> None:
    register = an_observed(number=101, status=ProviderStatus.ENDED, paid=False, read_at=day(1))

    assert kept([LAST, register, a_read(2)])[-1] == register


def test_a_pause_held_until_the_read_that_no_longer_shows_it() -> None:
    reads = kept([a_read(50, paused=True), a_read(51), LAST])

    assert pause_seen_until(reads) == day(51)


@pytest.mark.parametrize(("seen", "until"), [(30, 30), (40, 40), (41, 42)])
def test_a_pause_of_long_ago_held_until_it_was_last_seen(seen: int, until: int) -> None:
    reads = kept([a_read(seen, paused=True), a_read(seen + 1), a_read(seen + 2), LAST])

    assert pause_seen_until(reads) == day(until)


def test_of_two_reads_of_one_instant_the_later_version_is_kept() -> None:
    one, two = (an_observed(number=it, paid=False, read_at=day(1)) for it in (1, 2))

    assert kept([one, two, LAST]) == (two, LAST)


def test_reads_of_one_version_that_differ_are_kept_in_one_order() -> None:
    reads = [an_observed(number=1, read_at=day(99, it * HOUR)) for it in range(5)]

    assert kept([*reads, LAST]) == (*reads, LAST)
    assert kept([LAST, *reversed(reads), *reads]) == (*reads, LAST)


def test_of_no_reads_none_is_kept() -> None:
    assert kept([]) == ()


def test_a_pause_that_is_still_shown_holds() -> None:
    shown = an_observed(number=101, pause=Pause(None), read_at=day(100, HOUR))

    assert pause_seen_until(kept([LAST, shown])) is None
