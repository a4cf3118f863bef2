"""Policies: what they refuse, retry delays, the brake."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solynk.core.brake import WINDOW, Brake
from solynk.core.ids import ChannelId, OrganizationId
from solynk.core.instants import DAY, HOUR, Interval
from solynk.core.policies import AccessPolicy, BrakePolicy, RetentionPolicy, RetryPolicy
from tests.builders import START


@pytest.mark.parametrize(
    ("make", "refusal"),
    [
        (lambda: AccessPolicy(grace=31 * DAY), "grace must be 0 days to 30 days, not 31 days"),
        (lambda: AccessPolicy(grace=-DAY), "grace must be"),
        (lambda: AccessPolicy(renewal_window=25 * HOUR), "renewal_window must be"),
        (lambda: AccessPolicy(pending_limit=HOUR), "pending_limit must be"),
        (lambda: AccessPolicy(verify_within=timedelta(0)), "not 0 days"),
        (lambda: AccessPolicy(outage_allowance=15 * DAY), "outage_allowance must be"),
        (lambda: RetryPolicy(first=timedelta(milliseconds=500)), "not 0.5 seconds"),
        (lambda: RetryPolicy(first=HOUR, cap=timedelta(minutes=1)), "cap must be"),
        (lambda: RetryPolicy(deadline=HOUR), "deadline must be 1 days"),
        (lambda: RetentionPolicy(audit=DAY), "audit must be"),
        (lambda: RetentionPolicy(payment_events=DAY), "payment_events must be"),
        (lambda: RetentionPolicy(finished_commands=HOUR), "finished_commands must be"),
        (lambda: BrakePolicy(share=0), "share must be"),
        (lambda: BrakePolicy(people=-1), "people must not be negative"),
    ],
)
def test_a_policy_out_of_bounds_does_not_exist(make: Callable[[], object], refusal: str) -> None:
    with pytest.raises(ValueError, match=refusal):
        make()


_BOUNDS: list[tuple[str, Callable[[timedelta], object], timedelta, timedelta]] = [
    ("grace", lambda it: AccessPolicy(grace=it), timedelta(0), 30 * DAY),
    ("renewal_window", lambda it: AccessPolicy(renewal_window=it), timedelta(0), DAY),
    ("pending_limit", lambda it: AccessPolicy(pending_limit=it), DAY, 30 * DAY),
    ("verify_within", lambda it: AccessPolicy(verify_within=it), HOUR, 7 * DAY),
    ("outage_allowance", lambda it: AccessPolicy(outage_allowance=it), timedelta(0), 14 * DAY),
    ("first", lambda it: RetryPolicy(first=it), timedelta(seconds=1), HOUR),
    ("cap", lambda it: RetryPolicy(first=HOUR, cap=it), HOUR, DAY),
    ("deadline", lambda it: RetryPolicy(deadline=it), DAY, 30 * DAY),
    ("audit", lambda it: RetentionPolicy(audit=it), 30 * DAY, 3650 * DAY),
    ("payment_events", lambda it: RetentionPolicy(payment_events=it), 30 * DAY, 3650 * DAY),
    ("finished_commands", lambda it: RetentionPolicy(finished_commands=it), DAY, 3650 * DAY),
]


@pytest.mark.parametrize(("name", "make", "low", "high"), _BOUNDS, ids=[it[0] for it in _BOUNDS])
def test_a_policy_may_be_at_its_bounds_and_not_a_moment_beyond(
    name: str, make: Callable[[timedelta], object], low: timedelta, high: timedelta
) -> None:
    moment = timedelta(microseconds=1)

    assert make(low)
    assert make(high)
    for beyond in (low - moment, high + moment):
        with pytest.raises(ValueError, match=f"^{name} must be"):
            make(beyond)


def test_a_brake_may_need_every_member_and_may_allow_nobody() -> None:
    assert BrakePolicy(share=1, people=0).stops(6, 5)
    with pytest.raises(ValueError, match="share must be"):
        BrakePolicy(share=1.01)


@pytest.mark.parametrize("interval", [it for it in Interval if it.renews])
def test_a_renewing_plan_keeps_the_policy(interval: Interval) -> None:
    policy = AccessPolicy(grace=4 * DAY)

    assert policy.for_interval(interval, grace=None) == policy


def test_a_plan_that_is_paid_once_has_no_renewal_no_window_and_no_grace() -> None:
    once = AccessPolicy().for_interval(Interval.ONE_TIME, grace=7 * DAY)

    assert once.renews is False
    assert once.renewal_window == once.grace == timedelta(0)


def test_retries_double_up_to_the_cap() -> None:
    policy = RetryPolicy()

    longest = [policy.delay(attempt, 1.0).total_seconds() for attempt in (1, 2, 3, 11, 99)]

    assert longest == [30, 60, 120, 21_600, 21_600]


@given(attempt=st.integers(1, 1000), chance=st.floats(0, 1, exclude_max=True))
def test_half_of_a_delay_is_fixed_and_half_is_chance(attempt: int, chance: float) -> None:
    policy = RetryPolicy()

    delay = policy.delay(attempt, chance)

    assert policy.first / 2 <= policy.delay(attempt, 0) <= delay <= policy.cap


@pytest.mark.parametrize(
    ("expulsions", "members", "stops"),
    [
        (21, 100, True),
        (20, 100, False),
        (21, 210, False),
        (22, 210, True),
        (5, 5, False),
        (21, 0, True),
    ],
)
def test_the_brake_needs_both_bounds_passed(expulsions: int, members: int, *, stops: bool) -> None:
    assert BrakePolicy().stops(expulsions, members) is stops


def after(brake: Brake, expulsions: int, *, members: int = 100, hours: float = 0) -> Brake:
    for _ in range(expulsions):
        brake = brake.count(BrakePolicy(), members, START + hours * HOUR)
    return brake


BRAKE = Brake(OrganizationId("org_1"), ChannelId("ch_1"), window_since=START)


def test_the_brake_engages_at_the_first_expulsion_too_many_and_stays() -> None:
    assert not after(BRAKE, 20).engaged

    engaged = after(BRAKE, 21)

    assert engaged.engaged
    assert after(engaged, 1, hours=5).engaged


def test_expulsions_spread_over_hours_do_not_engage_the_brake() -> None:
    spread = after(after(BRAKE, 20), 20, hours=1)

    assert not spread.engaged
    assert spread.expulsions == 20


def test_a_released_brake_lets_an_hour_pass_and_then_holds_again() -> None:
    released = after(BRAKE, 21).release(START)

    assert not after(released, 50).engaged
    assert after(released, 21, hours=WINDOW / HOUR).engaged
