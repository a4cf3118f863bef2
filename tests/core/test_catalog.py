"""Plans that refuse to exist in a wrong form, and what a product opens."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from solynk.core.catalog import (
    ChannelHealth,
    Closed,
    Plan,
    ToChannel,
    ToFeature,
    ToQuota,
)
from solynk.core.entitlement import entitlements
from solynk.core.ids import ChannelId
from solynk.core.instants import DAY, Interval
from solynk.core.money import Money
from solynk.core.standing import Active, Because, Incomplete, Reason
from tests.builders import POLICY, a_plan, a_product, day

ONCE = Interval.ONE_TIME


@pytest.mark.parametrize(
    ("make", "refusal"),
    [
        (lambda: a_plan(trial_days=-1), "trial_days must be 0 to 730"),
        (lambda: a_plan(trial_days=731), "trial_days must be 0 to 730"),
        (lambda: a_plan(interval=ONCE, access_days=0), "access_days must be 1 to"),
        (lambda: a_plan(access_days=30), "access_days is for one-time plans"),
        (lambda: a_plan(interval=ONCE, trial_days=7), "no trial and no grace"),
        (lambda: a_plan(interval=ONCE, grace_days=3), "no trial and no grace"),
        (lambda: a_plan(price=Money(9905, "KWD")), "last digit"),
        (lambda: a_plan(price=Money(99_050, "ISK")), "no cents"),
        (lambda: a_plan(price=Money(500, "XXX")), "is unknown"),
        (lambda: a_plan(price=Money(10_001, "XTR")), "at most 10000"),
        (lambda: a_plan(price=Money(500, "XTR"), interval=Interval.YEAR), "30 days"),
    ],
)
def test_a_plan_that_can_not_be_sold_does_not_exist(make: Callable[[], Plan], refusal: str) -> None:
    with pytest.raises(ValueError, match=refusal):
        make()


@pytest.mark.parametrize("interval", [Interval.MONTH, Interval.ONE_TIME])
def test_a_plan_in_stars_renews_monthly_or_not_at_all(interval: Interval) -> None:
    assert a_plan(price=Money(10_000, "XTR"), interval=interval).price.currency == "XTR"


def test_a_plan_has_the_organizations_grace_or_its_own() -> None:
    assert a_plan().policy(POLICY).grace == 5 * DAY
    assert a_plan(grace_days=3).policy(POLICY).grace == 3 * DAY
    assert a_plan(grace_days=0).policy(POLICY).grace == timedelta(0)


def test_a_one_time_plan_has_nothing_to_wait_for() -> None:
    policy = a_plan(interval=Interval.ONE_TIME, access_days=30).policy(POLICY)

    assert not policy.renews
    assert policy.grace == policy.renewal_window == timedelta(0)


def test_a_product_opens_all_of_it_or_nothing() -> None:
    club = a_product(channels=("ch_1", "ch_2"))
    whole = replace(club, opens=(*club.opens, ToFeature("archive"), ToQuota("downloads", 3)))
    paid, never = Active(None, Because(Reason.PAID)), Incomplete(Because(Reason.NEVER_PAID))

    assert entitlements(whole, paid) == whole.opens
    assert entitlements(whole, never) == ()
    assert whole.channels == ("ch_1", "ch_2")


def test_a_product_remembers_the_channels_that_it_opens_no_longer() -> None:
    one, two = ToChannel(ChannelId("ch_1")), ToChannel(ChannelId("ch_2"))
    both = a_product(channels=("ch_1", "ch_2"))

    less = replace(both, opens=(two,)).following(both, day(1))
    none = replace(less, opens=()).following(less, day(2))
    again = replace(none, opens=(one,)).following(none, day(3))

    assert less.closed == (Closed(one.channel, day(1)),)
    assert none.closed == (Closed(one.channel, day(1)), Closed(two.channel, day(2)))
    assert again.closed == (Closed(two.channel, day(2)),)


def test_an_unchecked_channel_is_tried() -> None:
    usable = {it for it in ChannelHealth if it.usable}

    assert usable == {ChannelHealth.READY, ChannelHealth.UNCHECKED}
