"""The order-proof summary of all facts of one subscription: their join.

`join` is commutative, associative and idempotent, so the order, the number and the timing of
deliveries do not matter, and the ledger can be rebuilt from its facts at any time.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar, assert_never

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from solynk.core.facts import (
    Blocked,
    Cover,
    Days,
    Dispute,
    Everywhere,
    Fact,
    Forever,
    GracePromised,
    Granted,
    GrantWithdrawn,
    Observed,
    OnChannel,
    OnProduct,
    Payment,
    Refund,
    Scope,
    Unblocked,
    rank_of,
)
from solynk.core.ids import ChannelId, ProductId
from solynk.core.instants import Period, earliest, latest
from solynk.core.reads import kept

K = TypeVar("K")
V = TypeVar("V")
S = TypeVar("S", bound=Struct)
R = TypeVar("R", Refund, Dispute)
W = TypeVar("W", GrantWithdrawn, Unblocked)


class Ledger(Struct, frozen=True):
    """Everything known about one subscription; what people decided is joined in when it applies."""

    payments: Mapping[str, Payment] = {}
    refunds: Mapping[str, Refund] = {}
    disputes: Mapping[str, Dispute] = {}
    reads: tuple[Observed, ...] = ()
    """The good reads of the provider's subscription, by version. The newest one is the register;
    the older ones are kept for what only they know: a period that was settled, a pause."""
    promised: Mapping[datetime, timedelta] = {}
    """The grace in force when it began, by the instant from which the period is unpaid."""
    promised_until: Mapping[datetime, datetime] = {}
    """The end of grace that was named then, by the same instant."""
    grants: Mapping[str, Granted] = {}
    withdrawn: Mapping[str, GrantWithdrawn] = {}
    blocks: Mapping[str, Blocked] = {}
    unblocked: Mapping[str, Unblocked] = {}

    @property
    def observed(self) -> Observed | None:
        """The register: the read of the greatest version."""
        return self.reads[-1] if self.reads else None

    @property
    def read_at(self) -> datetime | None:
        """The latest good read, whatever it said."""
        return latest(it.read_at for it in self.reads)

    @property
    def denied_at(self) -> datetime | None:
        """The latest read in which the provider itself says that it is not paid."""
        return latest(it.read_at for it in self.reads if it.denies)

    def join(self, fact: Fact) -> "Ledger":
        match fact:
            case Payment():
                return replace(self, payments=_put(self.payments, fact.id, fact, _same_payment))
            case Refund():
                return replace(self, refunds=_put(self.refunds, fact.id, fact, _higher))
            case Dispute():
                return replace(self, disputes=_put(self.disputes, fact.id, fact, _higher))
            case Observed():
                return replace(self, reads=kept((*self.reads, fact)))
            case GracePromised():
                return self._promise(fact)
            case Granted():
                return replace(self, grants=_put(self.grants, fact.id, fact, _either))
            case GrantWithdrawn():
                return replace(self, withdrawn=_put(self.withdrawn, fact.id, fact, _first))
            case Blocked():
                return replace(self, blocks=_put(self.blocks, fact.id, fact, _either))
            case Unblocked():
                return replace(self, unblocked=_put(self.unblocked, fact.id, fact, _first))
            case _:
                assert_never(fact)

    def join_all(self, facts: Iterable[Fact]) -> "Ledger":
        ledger, reads = self, list[Observed]()
        for fact in facts:
            if isinstance(fact, Observed):
                reads.append(fact)
            else:
                ledger = ledger.join(fact)
        return replace(ledger, reads=kept((*self.reads, *reads))) if reads else ledger

    def facts(self) -> tuple[Fact, ...]:
        """The fewest facts that make this ledger again."""
        promises = (
            GracePromised(start, length, self.promised_until.get(start))
            for start, length in self.promised.items()
        )
        told = (self.payments, self.refunds, self.disputes)
        people = (self.grants, self.withdrawn, self.blocks, self.unblocked)
        known = (fact for it in (*told, *people) for fact in it.values())
        return (*known, *self.reads, *promises)

    def superfluous(self, facts: Iterable[Fact]) -> Iterable[Observed]:
        """Those of its own facts that it needs no more, and never will: it is the same without."""
        needed = set(self.reads)
        return (it for it in facts if isinstance(it, Observed) and it not in needed)

    def merge(self, other: "Ledger") -> "Ledger":
        return self.join_all(other.facts())

    def within(self, product: ProductId) -> "Ledger":
        """The part of what people decided that concerns this product."""
        return self._scoped(lambda scope: _concerns_product(scope, product))

    def at_channel(self, channel: ChannelId) -> "Ledger":
        """What people decided about this very channel, and the blocks that hold everywhere."""
        here = self._scoped(lambda scope: isinstance(scope, OnChannel) and scope.channel == channel)
        everywhere = {k: it for k, it in self.blocks.items() if isinstance(it.scope, Everywhere)}
        return replace(here, blocks={**here.blocks, **everywhere})

    def channels(self) -> tuple[ChannelId, ...]:
        """The channels that people decided about one by one."""
        given = [it.scope for it in self.grants.values()]
        scopes = given + [it.scope for it in self.blocks.values()]
        return tuple(sorted({it.channel for it in scopes if isinstance(it, OnChannel)}))

    def _promise(self, fact: GracePromised) -> "Ledger":
        start, until = fact.unpaid_from, self.promised_until
        if fact.until is not None:
            until = _put(until, start, fact.until, max)
        promised = _put(self.promised, start, fact.length, max)
        return replace(self, promised=promised, promised_until=until)

    def _scoped(self, concerns: Callable[[Scope], bool]) -> "Ledger":
        return replace(
            self,
            grants={key: it for key, it in self.grants.items() if concerns(it.scope)},
            blocks={key: it for key, it in self.blocks.items() if concerns(it.scope)},
        )


def _put(known: Mapping[K, V], key: K, it: V, join: Callable[[V, V], V]) -> dict[K, V]:
    return {**known, key: join(known[key], it) if key in known else it}


def _same_payment(a: Payment, b: Payment) -> Payment:
    best = max(a, b, key=lambda it: (rank_of(it.status), it.amount.minor, it.amount.currency))
    return Payment(
        id=a.id,
        cover=_wider(a.cover, b.cover),
        amount=best.amount,
        status=best.status,
        pending_since=earliest((a.pending_since, b.pending_since)),
        failed_at=earliest((a.failed_at, b.failed_at)),
        paid_at=earliest((a.paid_at, b.paid_at)),
    )


def _wider(a: Cover, b: Cover) -> Cover:
    """Two sources may report one period differently: the later end counts."""
    match a, b:
        case (Forever(), _) | (_, Forever()):
            return Forever()
        case Days(), Days():
            return Days(max(a.days, b.days))
        case Period(), Period():
            return Period(min(a.start, b.start), max(a.end, b.end))
        case Days(), _:
            return a
        case _:
            return b


def _higher(a: R, b: R) -> R:
    return max(a, b, key=lambda it: (rank_of(it.status), _bytes(it)))


def _first(a: W, b: W) -> W:
    return min(a, b, key=lambda it: (it.at, _bytes(it)))


def _either(a: S, b: S) -> S:
    """Facts of one id are one fact; should they differ, both orders still pick the same."""
    return max(a, b, key=_bytes)


def _bytes(it: Struct) -> bytes:
    return msgspec.json.encode(it)


def _concerns_product(scope: Scope, product: ProductId) -> bool:
    match scope:
        case Everywhere():
            return True
        case OnProduct():
            return scope.product == product
        case OnChannel():
            return False
        case _:
            assert_never(scope)
