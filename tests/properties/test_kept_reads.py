"""Reads that are let go change no answer, and the order of arrival does not matter to which."""

from typing import Final

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from solynk.core.facts import EndReason, Fact, Observed, Pause, ProviderStatus
from solynk.core.instants import DAY, HOUR
from solynk.core.judge import standing
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy
from solynk.core.reads import RECENT, kept
from solynk.core.standing import gives_access
from solynk.core.timer import next_change_at, verify_at
from tests.builders import POLICY, START, a_payment, an_observed, day
from tests.properties.histories import Told, histories, month, policies

YEARS: Final = 3
KNOWN: Final = tuple(it for it in ProviderStatus if it is not ProviderStatus.UNKNOWN)


@st.composite
def reads(draw: st.DrawFn, statuses: tuple[ProviderStatus, ...]) -> list[Observed]:
    """Ten months of them, by time, in whatever words."""
    hours = draw(st.lists(st.integers(0, 300 * 24), min_size=2, max_size=20, unique=True))
    return [draw(_read(number, it, statuses)) for number, it in enumerate(sorted(hours), 1)]


@st.composite
def _read(
    draw: st.DrawFn, number: int, hours: int, statuses: tuple[ProviderStatus, ...]
) -> Observed:
    read_at, period = START + hours * HOUR, month(hours // (30 * 24))
    status = draw(st.sampled_from(statuses))
    ended = status is ProviderStatus.ENDED
    paid = draw(st.booleans())
    resumes = st.sampled_from([None, read_at + 10 * DAY])
    return an_observed(
        number=number,
        status=status,
        period=period,
        paid=paid,
        paid_by=draw(st.sampled_from([None, "in_1", "in_2"])) if paid else None,
        trial_end=draw(st.sampled_from([None, None, None, month(0).end])),
        pause=draw(st.none() | st.builds(Pause, resumes)),
        ended_at=read_at if ended else None,
        ended_reason=draw(st.sampled_from(EndReason)) if ended else None,
        read_at=read_at,
    )


def whole(told: Told, found: list[Observed]) -> tuple[Ledger, Ledger]:
    """The ledger as it is, and one that keeps every read; the reads of `told` are left out."""
    others: list[Fact] = [it for it in told.facts if not isinstance(it, Observed)]
    ledger = Ledger().join_all(others)
    return ledger.join_all(found), replace(ledger, reads=tuple(found))


@settings(max_examples=50)
@given(told=histories(), found=reads(KNOWN), policy=policies, hours=st.integers(-24, 400 * 24))
def test_a_read_that_is_let_go_changes_no_answer(
    told: Told, found: list[Observed], policy: AccessPolicy, hours: int
) -> None:
    ledger, everything = whole(told, found)
    assume(ledger != everything)
    at = START + hours * HOUR

    for it in (at, everything.read_at or at):
        assert standing(ledger, policy, it) == standing(everything, policy, it)
        assert next_change_at(ledger, policy, it) == next_change_at(everything, policy, it)
        assert verify_at(ledger, policy, it) == verify_at(everything, policy, it)


@settings(max_examples=50)
@given(told=histories(), found=reads(tuple(ProviderStatus)), policy=policies)
def test_an_unknown_word_of_long_ago_decides_about_no_access_of_now(
    told: Told, found: list[Observed], policy: AccessPolicy
) -> None:
    """It may date an end that is past; from the latest read on, who is in stays the same."""
    ledger, everything = whole(told, found)
    now = everything.read_at or START

    for at in (now, *(now + days * DAY for days in (1, 5, 30, 100))):
        found_at = gives_access(standing(ledger, policy, at))
        assert found_at is gives_access(standing(everything, policy, at))


@settings(max_examples=100)
@given(found=reads(tuple(ProviderStatus)), data=st.data())
def test_what_is_kept_of_kept_and_new_reads_is_what_is_kept_of_all(
    found: list[Observed], data: st.DataObject
) -> None:
    """In any order and grouping, also where clocks went back between two reads."""
    back = data.draw(st.lists(st.sampled_from(found), max_size=3))
    moved = [replace(it, read_at=it.read_at - 70 * DAY) for it in back]
    shuffled = data.draw(st.permutations([*found, *moved]))
    cut = data.draw(st.integers(0, len(shuffled)))

    grouped = kept((*kept(shuffled[:cut]), *kept(shuffled[cut:])))
    one_by_one: tuple[Observed, ...] = ()
    for it in shuffled:
        one_by_one = kept((*one_by_one, it))

    assert grouped == one_by_one == kept(shuffled)


@pytest.mark.parametrize("lapses", [False, True])
def test_three_years_of_daily_reads_keep_few(*, lapses: bool) -> None:
    """About one a month, and those of the last weeks."""
    asked = [_daily(it, paid=not lapses or it < 60) for it in range(YEARS * 360)]
    payments = [a_payment(id=f"in_{it}", cover=month(it)) for it in range(YEARS * 12)]

    ledger = Ledger().join_all([*asked, *payments])

    assert len(ledger.reads) <= RECENT // DAY + YEARS * 12
    assert set(ledger.superfluous(asked)) == {*asked} - {*ledger.reads}
    assert next_change_at(ledger, POLICY, day(360 * YEARS - 1)) is not None


def _daily(number: int, *, paid: bool) -> Observed:
    return an_observed(
        number=number,
        status=ProviderStatus.ACTIVE if paid else ProviderStatus.PAST_DUE,
        period=month(number // 30),
        paid=paid,
        read_at=day(number, 3 * HOUR),
    )
