"""One customer's access to one channel: what it should be, what was seen, what to do about it.

`plan` is one total table. 'Revoked' is never said before the platform has confirmed it.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias, assert_never

from msgspec import Struct

from solynk.core.entitlement import Desired
from solynk.core.ids import AccessId, ChannelId, CustomerId, OrganizationId, PersonId


class By(StrEnum):
    """Who took a person out."""

    US = "us"
    THEMSELVES = "themselves"
    AN_ADMIN = "an_admin"


class Untouched(Struct, frozen=True, tag="untouched"):
    """Never acted on, and never seen."""


class Unsure(Struct, frozen=True, tag="unsure"):
    """A call was begun and its end is not recorded: the person may be in or out."""

    expelling: bool = False
    """An expulsion was among what was begun: it may have left a ban of our own."""


class Invited(Struct, frozen=True, tag="invited"):
    """The way in was given; the end is exclusive."""

    until: datetime


class Inside(Struct, frozen=True, tag="inside"):
    """Seen inside."""


class Outside(Struct, frozen=True, tag="outside"):
    by: By


class Exempt(Struct, frozen=True, tag="exempt"):
    """An owner, an admin, or a name on the never-remove list: no call is ever made."""


Seen: TypeAlias = Untouched | Unsure | Invited | Inside | Outside | Exempt


def may_be_inside(seen: Seen) -> bool:
    """Whether the person is inside, or can come in: `MAYBE_INSIDE` at any instant."""
    return isinstance(seen, Unsure | Invited | Inside)


def doubted(seen: Seen, *, expelling: bool = False) -> Unsure:
    """What is known once a call is begun: no more than before, and not whether it was made."""
    return Unsure(expelling or may_be_banned_by_us(seen))


def may_be_banned_by_us(seen: Seen) -> bool:
    """Whether an expulsion of ours may have broken off between its ban and the lifting of it.

    Any other ban is an admin's, and not ours to lift.
    """
    match seen:
        case Unsure():
            return seen.expelling
        case Outside():
            return seen.by is By.US
        case _:
            return False


class AccessState(StrEnum):
    """The four states of the product, a projection of desired and seen."""

    PENDING = "pending"
    GRANTED = "granted"
    REVOKE_PENDING = "revoke_pending"
    REVOKED = "revoked"


class Identity(StrEnum):
    """The bound person, compared with the one who was acted on."""

    UNBOUND = "unbound"
    BOUND = "bound"
    CHANGED = "changed"
    """Somebody else was let in than the person bound now."""


class Step(StrEnum):
    """What to do next. Everything but a call to the platform leaves the access as it is."""

    REST = "rest"
    ADMIT = "admit"
    EXPEL = "expel"
    OFFER_CLAIM = "offer_claim"
    """A right without an identity waits for a claim; waiting is no retry and never a dead letter."""
    ALERT_EXEMPT = "alert_exempt"
    ALERT_REMOVED = "alert_removed"
    """An admin took out someone who has a right: only a person can say who is wrong."""
    PARK = "park"
    """The channel can not be used: the step waits until `inspect` passes."""


class Access(Struct, frozen=True):
    """The only source of truth for one customer's access to one channel."""

    id: AccessId
    organization: OrganizationId
    customer: CustomerId
    channel: ChannelId
    desired: Desired = Desired.OUT
    seen: Seen = Untouched()
    generation: int = 0
    """Raised with every change of desired; a command of an older generation is stale."""
    acted_on: PersonId | None = None
    """The person who was let in, or may have been."""
    claim_offered: bool = False
    inside_since: datetime | None = None
    given_up: int | None = None
    """The generation whose command became a dead letter: nothing is tried until it is replayed."""

    @property
    def state(self) -> AccessState:
        return state(self.desired, self.seen)


class Kind(StrEnum):
    """`Seen` at an instant, as the table's rows name it."""

    UNTOUCHED = "untouched"
    UNSURE = "unsure"
    INVITED = "invited"
    INVITE_EXPIRED = "invite_expired"
    INSIDE = "inside"
    OUTSIDE_US = "outside_us"
    OUTSIDE_THEMSELVES = "outside_themselves"
    OUTSIDE_ADMIN = "outside_admin"
    EXEMPT = "exempt"


MAYBE_INSIDE: Final = frozenset({Kind.UNSURE, Kind.INVITED, Kind.INVITE_EXPIRED, Kind.INSIDE})

_WITH_RIGHT: Final[Mapping[Kind, Step]] = {
    Kind.UNTOUCHED: Step.ADMIT,
    Kind.UNSURE: Step.ADMIT,
    Kind.INVITED: Step.REST,
    Kind.INVITE_EXPIRED: Step.ADMIT,
    Kind.INSIDE: Step.REST,
    Kind.OUTSIDE_US: Step.ADMIT,
    Kind.OUTSIDE_THEMSELVES: Step.REST,
    Kind.OUTSIDE_ADMIN: Step.ALERT_REMOVED,
    Kind.EXEMPT: Step.REST,
}

_WITHOUT_RIGHT: Final[Mapping[Kind, Step]] = {
    Kind.UNTOUCHED: Step.REST,
    Kind.UNSURE: Step.EXPEL,
    Kind.INVITED: Step.EXPEL,
    Kind.INVITE_EXPIRED: Step.EXPEL,
    Kind.INSIDE: Step.EXPEL,
    Kind.OUTSIDE_US: Step.REST,
    Kind.OUTSIDE_THEMSELVES: Step.REST,
    Kind.OUTSIDE_ADMIN: Step.REST,
    Kind.EXEMPT: Step.ALERT_EXEMPT,
}


def plan(desired: Desired, kind: Kind, identity: Identity, *, usable: bool) -> Step:
    """The next step, for every combination there is."""
    if identity is Identity.CHANGED and kind in MAYBE_INSIDE:
        return Step.EXPEL if usable else Step.PARK
    step = (_WITHOUT_RIGHT if desired is Desired.OUT else _WITH_RIGHT)[kind]
    if step is Step.ADMIT and identity is Identity.UNBOUND:
        return Step.OFFER_CLAIM
    if step in {Step.ADMIT, Step.EXPEL} and not usable:
        return Step.PARK
    return step


def next_step(
    desired: Desired, kind: Kind, bound: PersonId | None, acted_on: PersonId | None, *, usable: bool
) -> Step:
    """The next step for the person bound now, where somebody else may have been acted on.

    What was seen of another person who is not inside any more says nothing about this one.
    """
    who = identity(bound, acted_on)
    if who is Identity.CHANGED and desired is not Desired.OUT and kind not in MAYBE_INSIDE:
        return plan(desired, Kind.UNTOUCHED, identity(bound, None), usable=usable)
    return plan(desired, kind, who, usable=usable)


def kind(seen: Seen, at: datetime) -> Kind:
    match seen:
        case Invited():
            return Kind.INVITED if at < seen.until else Kind.INVITE_EXPIRED
        case Outside():
            return _OUTSIDE[seen.by]
        case Untouched():
            return Kind.UNTOUCHED
        case Unsure():
            return Kind.UNSURE
        case Inside():
            return Kind.INSIDE
        case Exempt():
            return Kind.EXEMPT
        case _:
            assert_never(seen)


_OUTSIDE: Final[Mapping[By, Kind]] = {
    By.US: Kind.OUTSIDE_US,
    By.THEMSELVES: Kind.OUTSIDE_THEMSELVES,
    By.AN_ADMIN: Kind.OUTSIDE_ADMIN,
}


def identity(bound: PersonId | None, acted_on: PersonId | None) -> Identity:
    if acted_on is not None and acted_on != bound:
        return Identity.CHANGED
    return Identity.UNBOUND if bound is None else Identity.BOUND


def state(desired: Desired, seen: Seen) -> AccessState:
    match desired, seen:
        case Desired.OUT, Untouched() | Outside() | Exempt():
            return AccessState.REVOKED
        case (Desired.OUT, _) | (Desired.GRACE, Inside() | Exempt()):
            return AccessState.REVOKE_PENDING
        case Desired.IN, Inside() | Exempt():
            return AccessState.GRANTED
        case _:
            return AccessState.PENDING
