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


class Money(Enum):
    """What became of the money behind a cover."""

    KEPT = auto()
    DISPUTED = auto()
    REFUNDED = auto()
    LOST = auto()

    @property
    def void(self) -> bool:
        return self in {Money.REFUNDED, Money.LOST}


class Paid(Struct, frozen=True):
    """A stretch of time that a payment covers; the end is exclusive, None is for ever."""

    start: datetime
    end: datetime | None
    payment: str
    money: Money

    def covers(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)


def covers(ledger: Ledger) -> tuple[Paid, ...]:
    """Every stretch that was ever paid for, the void ones too, by start."""
    return tuple(
        sorted(
            (*_periods(ledger), *_current(ledger), *_passes(ledger)),
            key=lambda it: (it.start, it.payment),
        )
    )


def money(ledger: Ledger, payment: str) -> Money:
    """What became of this payment: a lost dispute, a full refund, an open dispute, or nothing."""
    disputes = {it.status for it in ledger.disputes.values() if it.payment == payment}
    if DisputeStatus.LOST in disputes:
        return Money.LOST
    if _refunded(ledger, payment):
        return Money.REFUNDED
    return Money.DISPUTED if DisputeStatus.OPEN in disputes else Money.KEPT


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
    """Periods of payments. One that began before the observed period ends where that begins.

    The provider may have moved the period (a yearly plan changed to a monthly one): an older
    payment then covers no more than the time up to the change.
    """
    observed = ledger.observed
    current = None if observed is None else observed.period
    for payment in _paid(ledger):
        if isinstance(payment.cover, Period):
            end = payment.cover.end
            if current is not None and payment.cover.start < current.start:
                end = min(end, current.start)
            yield Paid(payment.cover.start, end, payment.id, money(ledger, payment.id))


def _current(ledger: Ledger) -> Iterable[Paid]:
    observed = ledger.observed
    if observed is None or observed.period is None or not observed.paid:
        return
    payment = observed.paid_by or ""
    yield Paid(observed.period.start, observed.period.end, payment, money(ledger, payment))


def _passes(ledger: Ledger) -> Iterable[Paid]:
    """Passes add up: each begins where the one before ends, refunded ones left out."""
    end: datetime | None = None
    for payment in sorted(_paid(ledger), key=lambda it: (_paid_at(it), it.id)):
        since, fate = _paid_at(payment), money(ledger, payment.id)
        match payment.cover:
            case Forever():
                yield Paid(since, None, payment.id, fate)
            case Days() if fate.void:
                yield Paid(since, since + payment.cover.length, payment.id, fate)
            case Days():
                start = since if end is None else max(end, since)
                end = start + payment.cover.length
                yield Paid(start, end, payment.id, fate)
            case Period():
                continue


def _paid_at(payment: Payment) -> datetime:
    if payment.paid_at is None:
        raise ValueError(f"payment {payment.id} is paid, so it needs paid_at")
    return utc(payment.paid_at)
