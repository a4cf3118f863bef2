"""Which stretches of time have been paid for, and what became of the money."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum, auto
from operator import attrgetter
from typing import Final, TypeAlias

from msgspec import Struct

from solynk.core.facts import (
    Days,
    DisputeStatus,
    Forever,
    Payment,
    PaymentStatus,
    RefundStatus,
)
from solynk.core.instants import Period, utc
from solynk.core.ledger import Ledger
from solynk.core.reads import newest_paid


class Fate(Enum):
    """What became of the money behind a cover."""

    KEPT = auto()
    DISPUTED = auto()
    REFUNDED = auto()
    LOST = auto()

    @property
    def void(self) -> bool:
        return self is Fate.REFUNDED or self is Fate.LOST


class Paid(Struct, frozen=True):
    """A stretch of time that a payment covers; the end is exclusive, None is for ever."""

    start: datetime
    end: datetime | None
    payment: str
    fate: Fate

    def covers(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)


Fates: TypeAlias = Mapping[str, Fate]
"""By payment. Of one that is not in it the money was kept, and nobody disputes it."""

_by_start: Final = attrgetter("start", "payment")


def covers(ledger: Ledger) -> tuple[Paid, ...]:
    """Every stretch that was ever paid for, the void ones too, by start."""
    paid, fates = _paid(ledger), _fates(ledger)
    periods = [(it.cover, it.id) for it in paid if isinstance(it.cover, Period)]
    passes = [it for it in paid if not isinstance(it.cover, Period)]
    moved_at = _moved_at(ledger)
    found = [
        Paid(
            period.start, _end(period, moved_at), payment, _fate_of(ledger, period, payment, fates)
        )
        for period, payment in (*periods, *_settled(ledger))
    ]
    return tuple(sorted((*found, *_passes(passes, fates)), key=_by_start))


def _paid(ledger: Ledger) -> list[Payment]:
    return [it for it in ledger.payments.values() if it.status is PaymentStatus.PAID]


def _fates(ledger: Ledger) -> Fates:
    """Of the payments that a refund or a dispute is about."""
    refunds, disputes = ledger.refunds.values(), ledger.disputes.values()
    touched = {*(it.payment for it in refunds), *(it.payment for it in disputes)}
    return {it: _fate(ledger, it) for it in touched}


def _fate(ledger: Ledger, payment: str) -> Fate:
    """What became of this payment: a lost dispute, a full refund, an open dispute, or nothing."""
    disputes = {it.status for it in ledger.disputes.values() if it.payment == payment}
    if DisputeStatus.LOST in disputes:
        return Fate.LOST
    if _refunded(ledger, payment):
        return Fate.REFUNDED
    return Fate.DISPUTED if DisputeStatus.OPEN in disputes else Fate.KEPT


def _refunded(ledger: Ledger, payment: str) -> bool:
    """Refunded is what succeeded refunds add up to; a partial refund voids nothing."""
    paid = ledger.payments.get(payment)
    if paid is None or paid.amount.minor == 0:
        return False
    back = (
        it.amount.minor
        for it in ledger.refunds.values()
        if it.payment == payment
        and it.status is RefundStatus.SUCCEEDED
        and it.amount.currency == paid.amount.currency
    )
    return sum(back) >= paid.amount.minor


def _settled(ledger: Ledger) -> list[tuple[Period, str]]:
    """Periods that the provider itself called paid for, as the newest such read of each has it.

    A period may be settled without any payment that we know, such as one whose invoice was voided.
    It stays settled while a later invoice of the same period, such as an upgrade's, is open.
    """
    return [
        (it.period, it.paid_by or "") for it in newest_paid(ledger.reads) if it.period is not None
    ]


def ever_paid(ledger: Ledger) -> bool:
    """Whether money was ever kept: days that a creator adds as a trial make nobody new."""
    known, fates = (it.id for it in _paid(ledger)), _fates(ledger)
    return any(
        _is_money(ledger, payment) and not fates.get(payment, Fate.KEPT).void
        for payment in (*known, *_named(ledger))
    )


def _named(ledger: Ledger) -> Iterable[str]:
    """The payments that settled a period, as reads name them.

    What settled a trial was nothing, and what names no payment was given away.
    """
    for it in newest_paid(ledger.reads):
        in_trial = (
            it.period is not None and it.trial_end is not None and (it.period.start < it.trial_end)
        )
        if it.paid_by is not None and not in_trial:
            yield it.paid_by


def _is_money(ledger: Ledger, payment: str) -> bool:
    """Of a payment that only a read has named the amount is not known: then it is believed."""
    known = ledger.payments.get(payment)
    return known is None or known.amount.minor > 0


def _fate_of(ledger: Ledger, period: Period, payment: str, fates: Fates) -> Fate:
    """No payment, or one of nothing, shares the fate of the payment that it adjusts."""
    if not fates:
        return Fate.KEPT
    if payment and _is_money(ledger, payment):
        return fates.get(payment, Fate.KEPT)
    return _fate_at(ledger, period.start, fates)


def _moved_at(ledger: Ledger) -> datetime | None:
    """Where the current period begins, as the provider has it.

    It may have been moved: a yearly plan that was changed to a monthly one covers no more than the
    time up to the change.
    """
    observed = ledger.observed
    return None if observed is None or observed.period is None else observed.period.start


def _end(period: Period, moved_at: datetime | None) -> datetime:
    """A period that began before the current one ends where that begins, at the latest."""
    if moved_at is None or period.start >= moved_at:
        return period.end
    return min(period.end, moved_at)


def _fate_at(ledger: Ledger, instant: datetime, fates: Fates) -> Fate:
    """What became of the money for this instant: kept, if any payment for it was."""
    found = (
        fates.get(it.id, Fate.KEPT)
        for it in _paid(ledger)
        if it.amount.minor and isinstance(it.cover, Period) and it.cover.covers(instant)
    )
    return min(found, key=lambda it: it.value, default=Fate.KEPT)


def _passes(passes: Sequence[Payment], fates: Fates) -> Iterable[Paid]:
    """Passes add up: each begins where the one before ends, refunded ones left out."""
    end: datetime | None = None
    for payment in sorted(passes, key=lambda it: (_paid_at(it), it.id)):
        since, became = _paid_at(payment), fates.get(payment.id, Fate.KEPT)
        match payment.cover:
            case Forever():
                yield Paid(since, None, payment.id, became)
            case Days() if became.void:
                yield Paid(since, since + payment.cover.length, payment.id, became)
            case Days():
                start = since if end is None else max(end, since)
                end = start + payment.cover.length
                yield Paid(start, end, payment.id, became)
            case Period():
                continue


def _paid_at(payment: Payment) -> datetime:
    if payment.paid_at is None:
        raise ValueError(f"payment {payment.id} is paid, so it needs paid_at")
    return utc(payment.paid_at)
