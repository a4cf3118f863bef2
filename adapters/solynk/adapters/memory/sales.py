"""What the provider in memory has sold, and what became of it since."""

from dataclasses import dataclass
from datetime import datetime

from solynk.core.facts import (
    Cover,
    Days,
    EndReason,
    Forever,
    Observed,
    Payment,
    PaymentStatus,
    ProviderStatus,
)
from solynk.core.instants import DAY, Period
from solynk.core.money import Money
from solynk.ports.payments import Order, Subject


@dataclass(slots=True)
class Sale:
    """One completed checkout. `subscription` is empty for a one-time purchase."""

    order: Order
    subscription: str
    status: ProviderStatus
    changed_at: datetime
    period: Period | None = None
    trial_end: datetime | None = None
    latest: Payment | None = None
    """The payment for `period`, paid or not."""
    cancel_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def subject(self) -> Subject:
        return Subject(
            subscription=self.subscription or None,
            customer_id=self.order.customer_id,
            plan_id=self.order.plan.id,
            checkout_id=self.order.checkout_id,
            organization_id=self.order.organization_id,
        )

    @property
    def owes(self) -> bool:
        return self.latest is not None and self.latest.status is not PaymentStatus.PAID

    def observed(self, at: datetime) -> Observed:
        paid = self.period is not None and not self.owes
        return Observed(
            version=(0, 0),
            status=self.status,
            period=self.period,
            paid=paid,
            read_at=at,
            paid_by=self.latest.id if paid and self.latest is not None else None,
            trial_end=self.trial_end,
            cancel_at=self.cancel_at,
            ended_at=self.ended_at,
            ended_reason=None if self.ended_at is None else EndReason.REQUESTED,
        )

    def bill(self, payment: str, status: PaymentStatus, at: datetime, amount: Money) -> Payment:
        """The payment for the period: `payment` is its id, unless an attempt was made before."""
        known = self.latest
        first = known is None or known.failed_at is None
        self.latest = Payment(
            id=payment if known is None else known.id,
            cover=self.period or access(self.order),
            amount=amount,
            status=status,
            pending_since=at if status is PaymentStatus.PENDING else None,
            failed_at=at if status is PaymentStatus.FAILED and first else None,
            paid_at=at if status is PaymentStatus.PAID else None,
        )
        self.changed_at = at
        return self.latest

    def roll(self) -> None:
        """The next period begins, unless the current one is still unpaid."""
        if self.period is not None and not self.owes:
            end = self.period.end
            self.period, self.latest = Period(end, self.order.plan.interval.after(end)), None


def begun(order: Order, subscription: str, at: datetime) -> Sale:
    """A sale at its first instant, not billed yet."""
    plan = order.plan
    if not plan.interval.renews:
        return Sale(order, "", ProviderStatus.ENDED, at)
    trial_end = at + plan.trial_days * DAY if plan.trial_days else None
    status = ProviderStatus.ACTIVE if trial_end is None else ProviderStatus.TRIALING
    period = Period(at, trial_end or plan.interval.after(at))
    return Sale(order, subscription, status, at, period, trial_end)


def access(order: Order) -> Cover:
    days = order.plan.access_days
    return Forever() if days is None else Days(days)
