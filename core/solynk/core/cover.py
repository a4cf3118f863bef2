"""Which stretches of time have been paid for, and what became of the money."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum, auto

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
        return self in {Fate.REFUNDED, Fate.LOST}


class Paid(Struct, frozen=True):
    """A stretch of time that a payment covers; the end is exclusive, None is for ever."""

    start: datetime
    end: datetime | None
    payment: str
    fate: Fate

    def covers(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)


def covers(ledger: Ledger) -> tuple[Paid, ...]:
    """Every stretch that was ever paid for, the void ones too, by start."""
    return tuple(
        sorted(
            (*_periods(ledger), *_settled(ledger), *_passes(ledger)),
            key=lambda it: (it.start, it.payment),
        )
    )


def fate(ledger: Ledger, payment: str) -> Fate:
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


def _paid(ledger: Ledger) -> Iterable[Payment]:
    return (it for it in ledger.payments.values() if it.status is PaymentStatus.PAID)


def _periods(ledger: Ledger) -> Iterable[Paid]:
    for payment in _paid(ledger):
        if isinstance(payment.cover, Period):
            yield _period(ledger, payment.cover, payment.id)


def _settled(ledger: Ledger) -> Iterable[Paid]:
    """Periods that the provider itself called paid for, as the newest such read of each has it.

    A period may be settled without any payment that we know, such as one whose invoice was voided.
    It stays settled while a later invoice of the same period, such as an upgrade's, is open.
    """
    return (
        _period(ledger, it.period, it.paid_by or "")
        for it in newest_paid(ledger.reads)
        if it.period is not None
    )


def ever_paid(ledger: Ledger) -> bool:
    """Whether money was ever kept: days that a creator adds as a trial make nobody new."""
    known = (it.id for it in _paid(ledger))
    return any(
        _is_money(ledger, payment) and not fate(ledger, payment).void
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


def _period(ledger: Ledger, period: Period, payment: str) -> Paid:
    """No payment, or one of nothing, shares the fate of the payment that it adjusts."""
    known = ledger.payments.get(payment)
    nothing = not payment or (known is not None and known.amount.minor == 0)
    became = _fate_at(ledger, period.start) if nothing else fate(ledger, payment)
    return Paid(period.start, _end(ledger, period), payment, became)


def _end(ledger: Ledger, period: Period) -> datetime:
    """A period that began before the current one ends where that begins, at the latest.

    The provider may have moved it: a yearly plan that was changed to a monthly one covers no more
    than the time up to the change.
    """
    observed = ledger.observed
    current = None if observed is None else observed.period
    if current is None or period.start >= current.start:
        return period.end
    return min(period.end, current.start)


def _fate_at(ledger: Ledger, instant: datetime) -> Fate:
    """What became of the money for this instant: kept, if any payment for it was."""
    fates = {
        fate(ledger, it.id)
        for it in _paid(ledger)
        if it.amount.minor and isinstance(it.cover, Period) and it.cover.covers(instant)
    }
    return min(fates, key=lambda it: it.value, default=Fate.KEPT)


def _passes(ledger: Ledger) -> Iterable[Paid]:
    """Passes add up: each begins where the one before ends, refunded ones left out."""
    end: datetime | None = None
    for payment in sorted(_paid(ledger), key=lambda it: (_paid_at(it), it.id)):
        since, became = _paid_at(payment), fate(ledger, payment.id)
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
