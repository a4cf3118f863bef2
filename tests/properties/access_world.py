"""A small model of one access: the row, its one command, a worker that may crash, and the world.

Two persons, Ann and Ben, may be bound in turn. The row is what the engine knows; the world is what
is true. Every transition that could happen next is listed, in every state.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Final, NamedTuple, TypeAlias

from msgspec import Struct

from solynk.core.access import (
    MAYBE_INSIDE,
    By,
    Inside,
    Invited,
    Kind,
    Outside,
    Seen,
    Step,
    Unsure,
    Untouched,
    kind,
    next_step,
)
from solynk.core.entitlement import Desired
from solynk.core.ids import PersonId

ANN: Final = PersonId("ann")
BEN: Final = PersonId("ben")
PERSONS: Final = (ANN, BEN)
NOON: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER: Final = Invited(datetime(2026, 3, 2, tzinfo=UTC))
OVER: Final = Invited(NOON)


class Place(Enum):
    """Where a person truly is."""

    OUT = auto()
    LEFT = auto()
    """Out by their own wish or an admin's: nothing brings them back but asking."""
    ASKING = auto()
    INVITED = auto()
    INSIDE = auto()


class Verb(Enum):
    ADMIT = auto()
    EXPEL = auto()


class Phase(Enum):
    READY = auto()
    FENCED = auto()
    """Leased, looked at again under the lock, marked unsure; the call is not made yet."""
    CALLED = auto()
    """The call took effect; the outcome is not recorded yet."""


class Order(NamedTuple):
    verb: Verb
    person: PersonId
    phase: Phase
    fresh: bool
    """Whether the wish has its generation still."""
    outcome: Seen | None = None


class World(NamedTuple):
    wished: bool
    """Desired: in or grace, whose rows in the table are the same, or else out."""
    bound: PersonId | None
    seen: Seen
    acted_on: PersonId | None
    order: Order | None
    ann: Place
    ben: Place

    def where(self, person: PersonId) -> Place:
        return self.ann if person == ANN else self.ben

    def put(self, person: PersonId, place: Place) -> "World":
        return self._replace(ann=place) if person == ANN else self._replace(ben=place)


FIRST: Final = World(
    wished=False,
    bound=None,
    seen=Untouched(),
    acted_on=None,
    order=None,
    ann=Place.OUT,
    ben=Place.OUT,
)

Planning: TypeAlias = Callable[[World], Step]


def planned(it: World) -> Step:
    desired = Desired.IN if it.wished else Desired.OUT
    return next_step(desired, kind(it.seen, NOON), it.bound, it.acted_on, usable=True)


class Rules(Struct, frozen=True):
    """How the engine works; each can be planted wrong."""

    step: Planning = planned
    doubts_stale_outcomes: bool = True
    """Whether an outcome whose generation has passed is recorded as unsure."""
    signals_wait_for_calls: bool = True
    """Whether what is seen during a call raises the generation, and leaves the access unsure."""
    replans_at_fence: bool = True
    """Whether a command is compared with the wish once more just before the call."""
    one_person_at_a_time: bool = True
    """What is seen of the bound person waits while another one may be inside."""


class Expelled(AssertionError):
    """The bound person was expelled with a right."""


def moves(it: World, rules: Rules) -> Iterator[tuple[str, World]]:
    """Everything that can happen next."""
    yield from outside_events(it, rules)
    yield from crashes(it)
    if it.order is not None:
        yield "work", work(it, rules)


def work(it: World, rules: Rules) -> World:
    """The worker's next step: look again, call, record."""
    order = it.order
    assert order is not None
    match order.phase:
        case Phase.READY:
            return _fence(it, order, rules)
        case Phase.FENCED:
            return _call(it, order)
        case Phase.CALLED:
            return _record(it, order, rules)


def crashes(it: World) -> Iterator[tuple[str, World]]:
    """The worker dies before or after the effect; its lease expires and the command is ready."""
    if it.order is not None and it.order.phase is not Phase.READY:
        again = it.order._replace(phase=Phase.READY, outcome=None)
        yield "crash", it._replace(order=again)


def outside_events(it: World, rules: Rules) -> Iterator[tuple[str, World]]:
    stale = None if it.order is None else it.order._replace(fresh=False)
    wish = it._replace(wished=not it.wished, order=stale)
    yield "the wish changes", replan(wish, rules)
    for person in (None, *PERSONS):
        if person != it.bound:
            yield f"{person} is bound", replan(it._replace(bound=person), rules)
    if it.seen == LATER:
        yield "the invite expires", _expire(it, rules)
    for person in PERSONS:
        yield from _person_moves(it, person, rules)


def _person_moves(it: World, person: PersonId, rules: Rules) -> Iterator[tuple[str, World]]:
    match it.where(person):
        case Place.OUT | Place.LEFT:
            yield from _asks(it, person, rules)
            if person == it.bound and not _other_may_be_inside(it):
                added = it.put(person, Place.INSIDE)
                yield f"an admin adds {person}", _see(added, person, Inside(), rules)
        case Place.INVITED:
            yield from _asks(it, person, rules)
            joined = it.put(person, Place.INSIDE)
            yield f"{person} joins", _see(joined, person, Inside(), rules)
            yield f"{person} joins unseen", joined
        case Place.INSIDE:
            gone = it.put(person, Place.LEFT)
            yield f"{person} leaves", _see(gone, person, Outside(By.THEMSELVES), rules)
            yield f"{person} is kicked", _see(gone, person, Outside(By.AN_ADMIN), rules)
        case Place.ASKING:
            pass


def _asks(it: World, person: PersonId, rules: Rules) -> Iterator[tuple[str, World]]:
    """Requests of the others are declined, which leaves them where they are."""
    if person == it.bound and it.wished:
        asking = it.put(person, Place.ASKING)
        yield f"{person} asks", _see(asking, person, Unsure(), rules)


def _see(it: World, person: PersonId, seen: Seen, rules: Rules) -> World:
    """A signal about the bound person; of anybody else nothing is recorded here."""
    waits = rules.one_person_at_a_time and _other_may_be_inside(it)
    if person != it.bound or waits:
        return it
    if rules.signals_wait_for_calls and it.order is not None and it.order.phase is not Phase.READY:
        return it._replace(order=it.order._replace(fresh=False))
    return replan(it._replace(seen=seen, acted_on=person), rules)


def _other_may_be_inside(it: World) -> bool:
    other = it.acted_on is not None and it.acted_on != it.bound
    return other and kind(it.seen, NOON) in MAYBE_INSIDE


def _expire(it: World, rules: Rules) -> World:
    expired = it._replace(seen=OVER)
    for person in PERSONS:
        if person == it.acted_on and it.where(person) is Place.INVITED:
            expired = expired.put(person, Place.OUT)
    return replan(expired, rules)


def replan(it: World, rules: Rules) -> World:
    """One command at most: one that is being carried out finishes first."""
    if it.order is not None and it.order.phase is not Phase.READY:
        return it
    match rules.step(it):
        case Step.ADMIT if it.bound is not None:
            return it._replace(order=Order(Verb.ADMIT, it.bound, Phase.READY, fresh=True))
        case Step.EXPEL:
            person = it.acted_on or it.bound
            wished = None if person is None else Order(Verb.EXPEL, person, Phase.READY, fresh=True)
            return it._replace(order=wished)
        case _:
            return it._replace(order=None)


def _fence(it: World, order: Order, rules: Rules) -> World:
    if rules.replans_at_fence and not _still_wished(it, order):
        return replan(it._replace(order=None), rules)
    if order.verb is Verb.EXPEL and it.wished and order.person == it.bound:
        raise Expelled(it)
    fenced = order._replace(phase=Phase.FENCED)
    return it._replace(order=fenced, seen=Unsure(), acted_on=order.person)


def _still_wished(it: World, order: Order) -> bool:
    if not order.fresh:
        return False
    if order.verb is Verb.ADMIT:
        return it.wished and order.person == it.bound
    return not it.wished or order.person != it.bound


def _call(it: World, order: Order) -> World:
    """Admit opens the way in, or the door to whoever waits at it; expel ends both."""
    place = it.where(order.person)
    after, outcome = _effect(order.verb, place)
    called = order._replace(phase=Phase.CALLED, outcome=outcome)
    return it.put(order.person, after)._replace(order=called)


def _effect(verb: Verb, place: Place) -> tuple[Place, Seen]:
    if verb is Verb.EXPEL:
        return Place.OUT, Outside(By.US)
    if place in {Place.ASKING, Place.INSIDE}:
        return Place.INSIDE, Inside()
    return Place.INVITED, LATER


def _record(it: World, order: Order, rules: Rules) -> World:
    assert order.outcome is not None
    doubted = rules.doubts_stale_outcomes and not order.fresh
    seen = Unsure() if doubted else order.outcome
    gone = kind(seen, NOON) is Kind.OUTSIDE_US
    acted_on = None if gone else order.person
    return replan(it._replace(seen=seen, acted_on=acted_on, order=None), rules)
