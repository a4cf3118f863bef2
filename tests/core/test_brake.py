"""The brake at the edges of its window and of a release; its bounds are in `test_policies`."""

from datetime import timedelta
from typing import Final

from solynk.core.brake import WINDOW, Brake
from solynk.core.ids import ChannelId, OrganizationId
from solynk.core.policies import BrakePolicy
from tests.builders import START

POLICY: Final = BrakePolicy(share=0.1, people=2)
MEMBERS: Final = 30
MOMENT: Final = timedelta(microseconds=1)


def a_brake(*, expulsions: int = 0, engaged: bool = False) -> Brake:
    return Brake(OrganizationId("org_1"), ChannelId("ch_1"), START, expulsions, engaged)


def test_a_window_that_is_over_begins_anew_with_this_expulsion() -> None:
    end = START + WINDOW

    within = a_brake(expulsions=3).count(POLICY, MEMBERS, end - MOMENT)
    after = a_brake(expulsions=3).count(POLICY, MEMBERS, end)

    assert (within.window_since, within.expulsions, within.engaged) == (START, 4, True)
    assert (after.window_since, after.expulsions, after.engaged) == (end, 1, False)


def test_a_new_window_knows_the_size_of_the_channel() -> None:
    strict = BrakePolicy(share=0.1, people=0)

    after = a_brake().count(strict, 5, START + WINDOW)

    assert after.engaged is True


def test_what_was_counted_before_a_release_counts_no_more() -> None:
    released = a_brake(expulsions=9, engaged=True).release(START)

    assert (released.expulsions, released.engaged) == (0, False)
    assert released.released_until == START + WINDOW


def test_a_release_is_over_at_its_end() -> None:
    end = START + WINDOW / 2
    released = Brake(OrganizationId("org_1"), ChannelId("ch_1"), START, 9, released_until=end)

    within = released.count(POLICY, MEMBERS, end - MOMENT)
    after = released.count(POLICY, MEMBERS, end)

    assert within.engaged is False
    assert after.engaged is True
