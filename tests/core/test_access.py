"""The table of docs/reference/decisions/access-planning.toml, in all its combinations."""

import tomllib
from itertools import product
from pathlib import Path
from typing import Final

import msgspec
import pytest
from msgspec import Struct

from solynk.core.access import (
    MAYBE_INSIDE,
    AccessState,
    By,
    Exempt,
    Identity,
    Inside,
    Invited,
    Kind,
    Outside,
    Seen,
    Step,
    Unsure,
    Untouched,
    doubted,
    identity,
    kind,
    may_be_banned_by_us,
    next_step,
    plan,
    state,
)
from solynk.core.entitlement import Desired
from solynk.core.ids import PersonId
from tests.builders import an_access, day

ANN, BEN = PersonId("1"), PersonId("2")
NOON = day(1)
FILE: Final = Path(__file__).parents[2] / "docs/reference/decisions/access-planning.toml"

SEEN: Final[dict[Kind, Seen]] = {
    Kind.UNTOUCHED: Untouched(),
    Kind.UNSURE: Unsure(),
    Kind.INVITED: Invited(day(2)),
    Kind.INVITE_EXPIRED: Invited(day(1)),
    Kind.INSIDE: Inside(),
    Kind.OUTSIDE_US: Outside(By.US),
    Kind.OUTSIDE_THEMSELVES: Outside(By.THEMSELVES),
    Kind.OUTSIDE_ADMIN: Outside(By.AN_ADMIN),
    Kind.EXEMPT: Exempt(),
}


class Halves(Struct, frozen=True, forbid_unknown_fields=True):
    with_right: dict[Step, list[Kind]]
    without_right: dict[Step, list[Kind]]


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    usable_calls: list[Step]
    unusable: Step
    bound: Halves
    unbound: Halves
    changed: Halves
    state: dict[Desired, dict[AccessState, list[Kind]]]

    def step(self, desired: Desired, seen: Kind, who: Identity, *, usable: bool) -> Step:
        halves = {
            Identity.BOUND: self.bound,
            Identity.UNBOUND: self.unbound,
            Identity.CHANGED: self.changed,
        }[who]
        half = halves.without_right if desired is Desired.OUT else halves.with_right
        (found,) = [step for step, kinds in half.items() if seen in kinds]
        return self.unusable if found in self.usable_calls and not usable else found


TABLE: Final = msgspec.convert(tomllib.loads(FILE.read_text()), Table)
COMBINATIONS: Final = list(product(Desired, Kind, Identity, [True, False]))


def test_the_table_is_total() -> None:
    assert len(COMBINATIONS) == 162


@pytest.mark.parametrize(("desired", "seen", "who", "usable"), COMBINATIONS)
def test_the_next_step_is_what_the_table_says(
    desired: Desired,
    seen: Kind,
    who: Identity,
    usable: bool,  # noqa: FBT001 from the table
) -> None:
    assert plan(desired, seen, who, usable=usable) is TABLE.step(desired, seen, who, usable=usable)


@pytest.mark.parametrize(("desired", "seen"), list(product(Desired, Kind)))
def test_the_state_is_what_the_table_says(desired: Desired, seen: Kind) -> None:
    (expected,) = [it for it, kinds in TABLE.state[desired].items() if seen in kinds]

    assert state(desired, SEEN[seen]) is expected
    assert an_access(desired=desired, seen=SEEN[seen]).state is expected


@pytest.mark.parametrize("seen", Kind)
def test_what_was_seen_is_named_by_its_kind(seen: Kind) -> None:
    assert kind(SEEN[seen], NOON) is seen


def test_revoked_is_never_said_of_someone_who_may_be_inside() -> None:
    said = {state(Desired.OUT, SEEN[it]) for it in MAYBE_INSIDE}

    assert AccessState.REVOKED not in said


def test_the_person_acted_on_is_compared_with_the_person_bound() -> None:
    assert identity(None, None) is Identity.UNBOUND
    assert identity(ANN, None) is identity(ANN, ANN) is Identity.BOUND
    assert identity(BEN, ANN) is identity(None, ANN) is Identity.CHANGED


@pytest.mark.parametrize("seen", [it for it in Kind if it not in MAYBE_INSIDE])
def test_what_became_of_another_person_does_not_keep_the_bound_one_out(seen: Kind) -> None:
    assert next_step(Desired.IN, seen, BEN, ANN, usable=True) is Step.ADMIT
    assert next_step(Desired.IN, seen, None, ANN, usable=True) is Step.OFFER_CLAIM


@pytest.mark.parametrize("seen", sorted(MAYBE_INSIDE))
def test_another_person_who_may_be_inside_goes_first(seen: Kind) -> None:
    assert next_step(Desired.IN, seen, BEN, ANN, usable=True) is Step.EXPEL


def test_a_protected_person_without_a_right_is_reported_whoever_is_bound() -> None:
    assert next_step(Desired.OUT, Kind.EXEMPT, BEN, ANN, usable=True) is Step.ALERT_EXEMPT


def test_the_bound_person_who_is_inside_stays() -> None:
    assert next_step(Desired.IN, Kind.INSIDE, ANN, ANN, usable=True) is Step.REST


@pytest.mark.parametrize("seen", [Untouched(), Invited(NOON), Inside(), Exempt()])
def test_only_an_expulsion_of_ours_leaves_a_ban_that_is_ours_to_lift(seen: Seen) -> None:
    assert not may_be_banned_by_us(seen)
    assert doubted(seen) == Unsure()
    assert doubted(seen, expelling=True) == Unsure(expelling=True)


@pytest.mark.parametrize(
    ("seen", "banned"),
    [
        (Outside(By.US), True),
        (Outside(By.THEMSELVES), False),
        (Outside(By.AN_ADMIN), False),
        (Unsure(expelling=True), True),
        (Unsure(), False),
    ],
)
def test_a_doubt_keeps_what_was_known_of_a_ban(seen: Seen, *, banned: bool) -> None:
    assert may_be_banned_by_us(seen) is banned
    assert doubted(seen) == Unsure(banned)
