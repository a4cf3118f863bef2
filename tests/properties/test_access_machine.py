"""Every reachable state of one access: nobody with a right is expelled, and all of them converge.

The search is exhaustive, not random. What it leaves out: a person whom an admin adds by hand while
another is still to be expelled; the periodic comparison of members finds that one.
"""

from itertools import product
from typing import Final

import pytest
from msgspec.structs import replace

from solynk.core.access import Identity, Kind, Step, Unsure, identity, kind, plan
from solynk.core.entitlement import Desired
from tests.properties.access_world import (
    FIRST,
    NOON,
    PERSONS,
    Expelled,
    Place,
    Rules,
    World,
    moves,
    planned,
    work,
)

MANY_STEPS: Final = 30
RIGHT: Final = Rules()


class Stuck(AssertionError):
    """Left alone, the engine came to rest with somebody in the wrong place."""


def reachable(rules: Rules) -> set[World]:
    """Every state; raises at the first expulsion of somebody with a right."""
    found, frontier = {FIRST}, [FIRST]
    while frontier:
        for _, after in moves(frontier.pop(), rules):
            if after not in found:
                found.add(after)
                frontier.append(after)
    return found


def settled(it: World, rules: Rules) -> World:
    """Where the engine comes to rest when nothing more happens outside."""
    for _ in range(MANY_STEPS):
        if it.order is None:
            return it
        it = work(it, rules)
    raise Stuck(it)


def in_the_right_place(it: World) -> bool:
    """With a right, in or invited, unless they went or nobody is bound; without one, out."""
    for person in PERSONS:
        has_the_way_in = it.where(person) in {Place.INSIDE, Place.INVITED}
        entitled = it.wished and person == it.bound
        if has_the_way_in and not entitled:
            return False
        if entitled and not has_the_way_in and it.where(person) is not Place.LEFT:
            return False
    return True


def search(rules: Rules) -> int:
    states = reachable(rules)
    for it in states:
        rest = settled(it, rules)
        if not in_the_right_place(rest):
            raise Stuck(it, rest)
    return len(states)


def test_nobody_with_a_right_is_expelled_and_every_state_converges() -> None:
    states = search(RIGHT)

    assert states > 1000


def test_grace_is_planned_like_in() -> None:
    rows = product(Kind, Identity, [True, False])

    assert all(
        plan(Desired.GRACE, seen, who, usable=usable) is plan(Desired.IN, seen, who, usable=usable)
        for seen, who, usable in rows
    )


def _rests_when_unsure(it: World) -> Step:
    unsure = not it.wished and isinstance(it.seen, Unsure)
    return Step.REST if unsure else planned(it)


def _forgets_whom_it_saw(it: World) -> Step:
    desired = Desired.IN if it.wished else Desired.OUT
    who = identity(it.bound, it.acted_on)
    return plan(desired, kind(it.seen, NOON), who, usable=True)


PLANTED: Final = {
    "an unsure person without a right is left alone": replace(RIGHT, step=_rests_when_unsure),
    "what was seen of one person is held against another": replace(
        RIGHT, step=_forgets_whom_it_saw
    ),
    "an outcome overrides what was seen since": replace(RIGHT, doubts_stale_outcomes=False),
    "what is seen during a call is believed at once": replace(RIGHT, signals_wait_for_calls=False),
    "a signal about the bound person hides the other one inside": replace(
        RIGHT, one_person_at_a_time=False
    ),
    "nothing is looked at again before the call": replace(RIGHT, replans_at_fence=False),
}


@pytest.mark.parametrize("rules", PLANTED.values(), ids=PLANTED)
def test_the_search_finds_a_planted_fault(rules: Rules) -> None:
    with pytest.raises((Stuck, Expelled)):
        search(rules)
