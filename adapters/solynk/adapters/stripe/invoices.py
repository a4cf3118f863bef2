"""Invoices of subscriptions: each is one payment, known by the invoice's id.

Every event about one also asks for its subscription, because only a read tells the whole.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from solynk.adapters.stripe.prices import Price
from solynk.adapters.stripe.shapes import (
    Event,
    Ref,
    id_of,
    instant,
    money,
    period,
    subject,
)
from solynk.core.facts import Payment, PaymentStatus
from solynk.core.instants import DAY, Period
from solynk.ports.payments import Decoded, Facts, Finding, Ignored, ObjectRef, Subject

FRESH: Final = DAY
"""A failure this soon after the finalization was the card's refusal; a later one was a debit's."""


class Span(Struct, frozen=True):
    """Compared as numbers: of all the lines of an invoice one becomes a period."""

    start: int
    end: int

    @property
    def lasts(self) -> bool:
        """One-off lines have a period without length."""
        return self.end > self.start


class ItemDetails(Struct, frozen=True):
    proration: bool | None = None
    subscription_item: str | None = None


class LineParent(Struct, frozen=True):
    subscription_item_details: ItemDetails | None = None
    invoice_item_details: ItemDetails | None = None


class Line(Struct, frozen=True):
    amount: int = 0
    period: Span | None = None
    parent: LineParent | None = None
    type: str | None = None
    """2024: `subscription` or `invoiceitem`."""
    proration: bool | None = None
    """2024."""
    subscription_item: str | None = None
    """2024."""
    price: Price | None = None
    """2024. Today a line names its price by the id alone."""

    @property
    def item(self) -> str | None:
        """The subscription's item that it is for, where it tells."""
        if self.parent is None or self.parent.subscription_item_details is None:
            return self.subscription_item
        return self.parent.subscription_item_details.subscription_item

    @property
    def prorates(self) -> bool:
        """Whether it squares a change of plan in the middle of a period."""
        if self.parent is None:
            return bool(self.proration)
        details = self.parent.subscription_item_details or self.parent.invoice_item_details
        return details is not None and bool(details.proration)

    @property
    def renews(self) -> bool:
        """Whether it is the plan's own line, for a whole period."""
        if self.prorates:
            return False
        if self.parent is None:
            return self.type == "subscription"
        return self.parent.subscription_item_details is not None


class Lines(Struct, frozen=True):
    data: tuple[Line, ...] = ()
    has_more: bool = False
    """An invoice shows its first ten lines, and the plan's own may come after those."""


class Transitions(Struct, frozen=True):
    finalized_at: int | None = None
    paid_at: int | None = None


class SubscriptionDetails(Struct, frozen=True):
    subscription: Ref = None
    metadata: dict[str, str] | None = None


class InvoiceParent(Struct, frozen=True):
    subscription_details: SubscriptionDetails | None = None


class Invoice(Struct, frozen=True):
    id: str
    currency: str
    created: int
    status: str | None = None
    paid: bool | None = None
    """2024."""
    amount_due: int = 0
    amount_paid: int = 0
    attempt_count: int = 0
    attempted: bool = False
    lines: Lines = Lines()
    status_transitions: Transitions = Transitions()
    parent: InvoiceParent | None = None
    subscription: Ref = None
    """2024."""
    subscription_details: SubscriptionDetails | None = None
    """2024."""

    @property
    def finalized_at(self) -> datetime:
        return instant(self.status_transitions.finalized_at or self.created)

    @property
    def is_paid(self) -> bool:
        return self.status == "paid" or (self.status is None and bool(self.paid))

    @property
    def cover(self) -> Period | None:
        """The period of the plan's line, or None where the lines do not tell.

        With several that no price names, the shortest of those that begin last: an add-on may be
        paid for a year ahead, and usage is billed for the period before. An invoice of nothing but
        prorations pays for the rest of the period: its charges tell how far, its credits nothing.
        """
        if self.lines.has_more:
            return None
        plan = [it for it in self.lines.data if it.renews]
        named = [it for it in plan if it.price is not None and it.price.plan is not None]
        if spans := _spans(named or plan):
            last = max(spans, key=lambda it: (it.start, -it.end))
            return period(last.start, last.end)
        return _rest(_spans(it for it in self.lines.data if it.prorates and it.amount > 0))

    @property
    def details(self) -> SubscriptionDetails:
        now = None if self.parent is None else self.parent.subscription_details
        return now or self.subscription_details or SubscriptionDetails()

    @property
    def subscription_id(self) -> str | None:
        return id_of(self.details.subscription) or id_of(self.subscription)

    @property
    def subject(self) -> Subject:
        return subject(self.details.metadata, subscription=self.subscription_id)


def _spans(lines: Iterable[Line]) -> list[Span]:
    return [it.period for it in lines if it.period is not None and it.period.lasts]


def _rest(charged: list[Span]) -> Period | None:
    if not charged:
        return None
    return period(min(it.start for it in charged), min(it.end for it in charged))


def paid(invoice: Invoice) -> Payment | None:
    """None where the invoice pays for no stretch of time. One of nothing is paid as well."""
    cover = invoice.cover
    if cover is None:
        return None
    return Payment(
        id=invoice.id,
        cover=cover,
        amount=money(invoice.amount_paid, invoice.currency),
        status=PaymentStatus.PAID,
        paid_at=instant(invoice.status_transitions.paid_at or invoice.created),
    )


def unpaid(
    invoice: Invoice,
    status: PaymentStatus,
    *,
    pending_since: datetime | None = None,
    failed_at: datetime | None = None,
) -> Payment | None:
    cover = invoice.cover
    if cover is None:
        return None
    return Payment(
        id=invoice.id,
        cover=cover,
        amount=money(invoice.amount_due, invoice.currency),
        status=status,
        pending_since=pending_since,
        failed_at=failed_at,
    )


def failed(invoice: Invoice, told_at: datetime) -> Payment | None:
    """The failed payment as an event of `told_at` tells it.

    Only the first attempt dates the failure, since grace runs from there. Card or debit is not in
    the payload, but a debit fails days after the invoice was finalized.
    """
    if invoice.attempt_count > 1:
        return unpaid(invoice, PaymentStatus.FAILED)
    since = invoice.finalized_at
    if told_at - since <= FRESH:
        return unpaid(invoice, PaymentStatus.FAILED, failed_at=since)
    return unpaid(invoice, PaymentStatus.FAILED, pending_since=since, failed_at=told_at)


def failed_by(invoice: Invoice, read_at: datetime) -> Payment | None:
    """The failed payment as a read finds it, which knows the time of a fresh first attempt only."""
    fresh = invoice.attempt_count <= 1 and read_at - invoice.finalized_at <= FRESH
    return unpaid(invoice, PaymentStatus.FAILED, failed_at=invoice.finalized_at if fresh else None)


_EVENT: Final = msgspec.json.Decoder(Event[Invoice])


def decode_paid(body: bytes) -> Decoded:
    """`invoice.payment_succeeded` comes for a part of the money as well."""
    invoice = _EVENT.decode(body).data.object
    return _told(invoice, paid(invoice) if invoice.is_paid else None)


def decode_failed(body: bytes) -> Decoded:
    event = _EVENT.decode(body)
    return _told(event.data.object, failed(event.data.object, instant(event.created)))


def decode_touched(body: bytes) -> Decoded:
    return _told(_EVENT.decode(body).data.object, None)


def _told(invoice: Invoice, payment: Payment | None) -> Decoded:
    if invoice.subscription_id is None:
        return Ignored("an invoice outside of any subscription pays for no access")
    facts = () if payment is None else (payment,)
    return Facts(
        findings=(Finding(invoice.subject, facts),),
        fetch=(ObjectRef("subscription", invoice.subscription_id),),
    )
