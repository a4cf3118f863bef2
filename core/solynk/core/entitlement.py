"""From a customer's standings to what each channel should do about them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from msgspec import Struct

from solynk.core.catalog import Entitlement, Product
from solynk.core.evidence import Evidence, NoLongerOffered, prove
from solynk.core.facts import Blocked
from solynk.core.ids import ProductId
from solynk.core.standing import (
    Active,
    Canceled,
    Expired,
    Incomplete,
    PastDue,
    Paused,
    Standing,
    Trialing,
    gives_access,
)


class Desired(StrEnum):
    """What a channel access should be."""

    IN = "in"
    GRACE = "grace"
    OUT = "out"


class Withdrawn(Struct, frozen=True):
    """The right's product does not open the channel any more."""

    product: ProductId
    since: datetime


class Right(Struct, frozen=True):
    """What one source (a subscription, or a person's grant) says about one channel."""

    source: str
    standing: Standing
    withdrawn: Withdrawn | None = None
    """Where it stands and opens nothing here: the creator's decision."""


class Verdict(Struct, frozen=True):
    """All rights of one customer at one channel, taken together."""

    desired: Desired
    rights: tuple[Right, ...]
    evidence: Evidence | None
    """Present where someone who had a right has none left; only then may they be expelled."""


def entitlements(product: Product, it: Standing) -> tuple[Entitlement, ...]:
    """What a standing opens, all of it or nothing."""
    return product.opens if gives_access(it) else ()


def judge_channel(rights: Iterable[Right], blocks: Sequence[Blocked] = ()) -> Verdict:
    """One right is enough, a block outranks all: two subscriptions give one access."""
    known = tuple(rights)
    wishes = {_wish(it.standing) for it in known if it.withdrawn is None}
    desired = next((it for it in (Desired.IN, Desired.GRACE) if it in wishes), Desired.OUT)
    if blocks:
        desired = Desired.OUT
    told = [(it.source, it.standing) for it in known if it.withdrawn is None]
    closed = [
        NoLongerOffered(it.source, it.withdrawn.product, it.withdrawn.since)
        for it in known
        if it.withdrawn is not None
    ]
    return Verdict(desired, known, prove(told, blocks, closed))


def _wish(it: Standing) -> Desired:
    match it:
        case Active() | Trialing():
            return Desired.IN
        case PastDue():
            return Desired.GRACE
        case Incomplete() | Paused() | Canceled() | Expired():
            return Desired.OUT
        case _:
            assert_never(it)
