"""Why someone may be expelled. There is no removal without it, and it can not be made up.

`prove` is the only source: it answers None while any right stands, or where none ever stood. What
the evidence says is stored with the command, and *explain* repeats it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, TypeAlias, assert_never

from msgspec import Struct

from solynk.core.facts import Blocked
from solynk.core.ids import PersonId, ProductId
from solynk.core.standing import (
    Active,
    Canceled,
    Expired,
    Incomplete,
    PastDue,
    Paused,
    Reason,
    Standing,
    Trialing,
    gives_access,
)


class Ended(Struct, frozen=True, tag="ended"):
    """The right ran out or was ended by a decision, at a known instant."""

    right: str
    at: datetime
    reason: Reason


class VerifiedNonPayment(Struct, frozen=True, tag="verified_non_payment"):
    right: str
    at: datetime
    verified_at: datetime | None
    """The provider's word; None is 'it stayed silent through the whole outage allowance'."""


class Suspended(Struct, frozen=True, tag="suspended"):
    """The subscription is paused, or its payment disputed, and the policy suspends access."""

    right: str
    reason: Reason


class BlockLaid(Struct, frozen=True, tag="block"):
    block: str
    since: datetime
    reason: str


class WrongIdentity(Struct, frozen=True, tag="wrong_identity"):
    """The customer is bound to another person than the one who was let in."""

    inside: PersonId
    bound: PersonId | None


class NoLongerOffered(Struct, frozen=True, tag="no_longer_offered"):
    """The right stands, but the creator took the channel out of its product."""

    right: str
    product: ProductId
    since: datetime


Proof: TypeAlias = (
    Ended | VerifiedNonPayment | Suspended | BlockLaid | WrongIdentity | NoLongerOffered
)


class Evidence(Struct, frozen=True):
    """One proof for each right that the person ever had here; never empty."""

    proofs: tuple[Proof, ...]

    def __post_init__(self) -> None:
        if not self.proofs:
            raise ValueError("evidence needs a proof")

    @property
    def certain(self) -> bool:
        """Whether a flood of such expulsions needs no brake: someone decided, or the provider spoke.

        One slip takes a channel from all who hold a product, so that decision is not certain.
        """
        return not any(map(_uncertain, self.proofs))


def _uncertain(it: Proof) -> bool:
    match it:
        case VerifiedNonPayment():
            return it.verified_at is None
        case NoLongerOffered():
            return True
        case Ended() | Suspended() | BlockLaid() | WrongIdentity():
            return False
        case _:
            assert_never(it)


def prove(
    rights: Iterable[tuple[str, Standing]],
    blocks: Sequence[Blocked],
    closed: Iterable[NoLongerOffered] = (),
) -> Evidence | None:
    """Evidence that nothing entitles: `rights` are (id, standing) of every right there ever was.

    `closed` are the rights that stand and gave access here once.
    """
    if blocks:
        return Evidence(tuple(BlockLaid(it.id, it.since, it.reason) for it in blocks))
    known = list(rights)
    if any(gives_access(standing) for _, standing in known):
        return None
    proofs = tuple(
        proof for right, standing in known if (proof := _proof(right, standing)) is not None
    )
    proofs = (*proofs, *closed)
    return Evidence(proofs) if proofs else None


def wrong_identity(inside: PersonId, bound: PersonId | None) -> Evidence:
    """Raises ValueError where the person inside is the bound one."""
    if inside == bound:
        raise ValueError(f"{inside} is the bound person, so there is nothing wrong")
    return Evidence((WrongIdentity(inside, bound),))


_NON_PAYMENT: Final = frozenset({Reason.PAYMENT_FAILED, Reason.NOT_PAID})


def _proof(right: str, standing: Standing) -> Proof | None:
    """Why this right lapsed; None where it never stood, or still does."""
    match standing:
        case Expired(because=because) if because.reason in _NON_PAYMENT:
            return VerifiedNonPayment(right, standing.at, standing.verified_at)
        case Expired() | Canceled():
            return Ended(right, standing.at, standing.because.reason)
        case Paused():
            return Suspended(right, standing.because.reason)
        case Incomplete() | Trialing() | Active() | PastDue():
            return None
        case _:
            assert_never(standing)
