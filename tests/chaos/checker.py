"""Compares what was done with what was due. It looks at the world, and asks the product nothing."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from tests.chaos.history import History
from tests.chaos.oracle import Due, rights

RACE: Final = timedelta(seconds=10)
"""A fact so fresh may be on its way still when the call is made."""


def kicked_with_a_right(
    it: History,
    people: Mapping[int, str],
    bot: int,
    *,
    race: timedelta = RACE,
    late: timedelta = timedelta(0),
) -> list[str]:
    """I2: whoever the bot put out though it was due to them to be in; `people` with their customers.

    Clocks that are wrong may put them out so much too early: the right must hold `late` on, too.
    """
    return [
        f"{move.person} was put out at {move.at}"
        for move in it.moves
        if not move.inside and move.by == bot and move.person in people
        if _throughout(it, people[move.person], (move.at - race, move.at, move.at + late))
    ]


def _throughout(it: History, customer: str, instants: Iterable[datetime]) -> bool:
    facts = it.bought.get(customer, ())
    return all(rights(facts, when) is Due.IN for when in instants)


def inside_without_a_right(
    it: History, people: Mapping[int, str], inside: Iterable[int], at: datetime, allowed: timedelta
) -> list[str]:
    """I3: whoever is in, and had no right for all of the time `allowed`."""
    return [
        f"{person} is in at {at}"
        for person in inside
        if person in people
        if all(
            rights(it.bought.get(people[person], ()), when) is Due.OUT
            for when in (at - allowed, at)
        )
    ]


def outside_with_a_right(
    it: History, people: Mapping[int, str], inside: Iterable[int], at: datetime
) -> list[int]:
    """I1: whoever should be in and is not."""
    known = set(inside)
    return [
        person
        for person, customer in people.items()
        if person not in known and rights(it.bought.get(customer, ()), at) is Due.IN
    ]
