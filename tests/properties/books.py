"""What the facts say, each thing once: the books that the oracle reads.

It shares no code with the core's ledger and its covers.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Final, NamedTuple, TypeAlias, TypeVar

from solynk.core.facts import (
    Days,
    Dispute,
    DisputeStatus,
    Fact,
    Forever,
    Observed,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from solynk.core.instants import Period

F = TypeVar("F", bound=Fact)
P = TypeVar("P", Payment, Refund, Dispute)
Known: TypeAlias = Sequence[Fact]
NEVER: Final = datetime.max.replace(tzinfo=UTC)
STEPS: Final = (
    *("pending", "succeeded", "canceled", "failed", "paid"),
    *("inquiry", "open", "lost", "won"),
)
"""How far a payment, a refund or a dispute got. A refund that fails fails last."""


class Fate(IntEnum):
    KEPT = 0
    DISPUTED = 1
    GONE = 2


class Stretch(NamedTuple):
    """Time that was paid for, and what became of the money."""

    start: datetime
    end: datetime
    fate: Fate


def stretches(known: Known) -> Iterator[Stretch]:
    """Periods from payments and from reads, and passes one after another."""
    now = newest_read(known)
    current = now.period if now else None
    paid = [it for it in payments(known) if it.status is PaymentStatus.PAID]
    periods = [(it.cover, it.id) for it in paid if isinstance(it.cover, Period)]
    told = {
        it.period.start: (it.period, it.paid_by or "")
        for it in reads(known)
        if it.period and it.paid
    }
    for period, payment in (*periods, *told.values()):
        moved = current is not None and period.start < current.start
        end = min(period.end, current.start) if moved and current else period.end
        yield Stretch(period.start, end, _fate(known, payment, period.start))
    end = datetime.min.replace(tzinfo=UTC)
    for it in sorted(paid, key=lambda it: (it.paid_at or NEVER, it.id)):
        bought, fate = it.paid_at or NEVER, _money(known, it.id)
        if isinstance(it.cover, Forever):
            yield Stretch(bought, NEVER, fate)
        elif isinstance(it.cover, Days):
            start = bought if fate is Fate.GONE else max(end, bought)
            yield Stretch(start, start + timedelta(days=it.cover.days), fate)
            if fate is not Fate.GONE:
                end = start + timedelta(days=it.cover.days)


def _fate(known: Known, payment: str, at: datetime) -> Fate:
    """A period that cost nothing goes where the money goes that paid for its beginning."""
    paid = [it for it in payments(known) if it.status is PaymentStatus.PAID]
    if payment and all(it.id != payment or it.amount.minor for it in payments(known)):
        return _money(known, payment)
    return min(
        (
            _money(known, it.id)
            for it in paid
            if it.amount.minor
            and isinstance(it.cover, Period)
            and it.cover.start <= at < it.cover.end
        ),
        default=Fate.KEPT,
    )


def _money(known: Known, payment: str) -> Fate:
    disputes = {it.status for it in _furthest(known, Dispute) if it.payment == payment}
    back = [it for it in _furthest(known, Refund) if it.payment == payment]
    for it in payments(known):
        if it.id == payment and it.amount.minor:
            same = (r for r in back if r.amount.currency == it.amount.currency)
            sums = sum(r.amount.minor for r in same if r.status is RefundStatus.SUCCEEDED)
            if sums >= it.amount.minor:
                return Fate.GONE
    if DisputeStatus.LOST in disputes:
        return Fate.GONE
    return Fate.DISPUTED if DisputeStatus.OPEN in disputes else Fate.KEPT


def ever_paid(known: Known) -> bool:
    """What opened a trial was no money; nor was a month that nobody paid for."""
    books = {it.id: it for it in payments(known)}
    paid = [it.id for it in books.values() if it.status is PaymentStatus.PAID]
    told = {it.period.start: it for it in reads(known) if it.period and it.paid}.values()
    named = [
        it.paid_by
        for it in told
        if it.paid_by and it.period and not (it.trial_end and it.period.start < it.trial_end)
    ]
    return any(
        (it not in books or books[it].amount.minor) and _money(known, it) is not Fate.GONE
        for it in (*paid, *named)
    )


def newest_read(known: Known) -> Observed | None:
    return next(reversed(reads(known)), None)


def reads(known: Known) -> list[Observed]:
    return sorted(of_kind(known, Observed), key=lambda it: it.version)


def payments(known: Known) -> Iterator[Payment]:
    """Each payment once: as far as it got, and when it was first on its way, failed and paid."""
    for it in _furthest(known, Payment):
        copies = [copy for copy in of_kind(known, Payment) if copy.id == it.id]
        yield Payment(
            it.id,
            it.cover,
            it.amount,
            it.status,
            first(copy.pending_since for copy in copies),
            first(copy.failed_at for copy in copies),
            first(copy.paid_at for copy in copies),
        )


def first(instants: Iterable[datetime | None]) -> datetime | None:
    return min((it for it in instants if it), default=None)


def _furthest(known: Known, kind: type[P]) -> Iterable[P]:
    """Of the copies of each object the one that got furthest."""
    copies = sorted(of_kind(known, kind), key=lambda it: STEPS.index(f"{it.status}"))
    return {it.id: it for it in copies}.values()


def of_kind(known: Known, kind: type[F]) -> Iterator[F]:
    return (it for it in known if isinstance(it, kind))
