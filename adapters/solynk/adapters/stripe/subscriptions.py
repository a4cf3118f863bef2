"""Subscriptions: a register, believed only as a read of ours found it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from solynk.adapters.stripe.invoices import Invoice, Line, Lines, failed_by, paid, unpaid
from solynk.adapters.stripe.prices import Item, Items
from solynk.adapters.stripe.shapes import (
    PLAN,
    Event,
    instant,
    instant_or_none,
    period,
    subject,
)
from solynk.core.facts import (
    EndReason,
    Observed,
    Pause,
    Payment,
    PaymentStatus,
    ProviderFact,
    ProviderStatus,
)
from solynk.core.instants import Period
from solynk.ports.errors import Malformed
from solynk.ports.payments import Decoded, Facts, Fetched, Finding, ObjectRef

STATUS: Final[Mapping[str, ProviderStatus]] = {
    "incomplete": ProviderStatus.INCOMPLETE,
    "incomplete_expired": ProviderStatus.ENDED,
    "trialing": ProviderStatus.TRIALING,
    "active": ProviderStatus.ACTIVE,
    "past_due": ProviderStatus.PAST_DUE,
    "unpaid": ProviderStatus.UNPAID,
    "paused": ProviderStatus.PAUSED,
    "canceled": ProviderStatus.ENDED,
}

END_REASON: Final[Mapping[str | None, EndReason]] = {
    "cancellation_requested": EndReason.REQUESTED,
    "payment_failed": EndReason.PAYMENT_FAILED,
    "payment_disputed": EndReason.DISPUTED,
}
"""Any other reason, or none, is the merchant's doing."""


class PauseCollection(Struct, frozen=True):
    resumes_at: int | None = None


class CancellationDetails(Struct, frozen=True):
    reason: str | None = None


class Subscription(Struct, frozen=True):
    id: str
    status: str
    items: Items = Items()
    current_period_start: int | None = None
    """2024."""
    current_period_end: int | None = None
    """2024."""
    latest_invoice: str | Invoice | None = None
    cancel_at: int | None = None
    cancel_at_period_end: bool = False
    canceled_at: int | None = None
    ended_at: int | None = None
    trial_end: int | None = None
    pause_collection: PauseCollection | None = None
    cancellation_details: CancellationDetails | None = None
    metadata: dict[str, str] | None = None

    @property
    def item(self) -> Item | None:
        """The item whose price names the plan; with none named, that of the shortest period.

        What is sold beside the plan may run longer, and must not lengthen the membership.
        """
        ours = (self.metadata or {}).get(PLAN)
        named = [it for it in self.items.data if it.plan is not None]
        exact = [it for it in named if it.plan == ours]
        return min(exact or named or self.items.data, key=lambda it: it.length, default=None)

    @property
    def strangers(self) -> frozenset[str]:
        """The items known to be something else than the plan."""
        plan = self.item
        if plan is None or plan.plan is None:
            return frozenset()
        return frozenset(it.id for it in self.items.data) - {plan.id}

    @property
    def period(self) -> Period | None:
        old = period(self.current_period_start, self.current_period_end)
        return old if self.item is None or self.item.period is None else self.item.period

    @property
    def invoice(self) -> Invoice | None:
        """Raises Malformed: it was not expanded, so nobody knows whether it is paid."""
        if isinstance(self.latest_invoice, str):
            raise Malformed("stripe", "the subscription was read without its latest invoice")
        return self.latest_invoice

    @property
    def reason(self) -> str | None:
        return None if self.cancellation_details is None else self.cancellation_details.reason


class SubscriptionAnswer(Struct, frozen=True):
    """How `fetch` arranges what it read."""

    subscription: Subscription
    """With `latest_invoice` and the products of its prices expanded."""
    paid_invoices: tuple[Invoice, ...] = ()
    """The last few, the newest first."""
    lines: dict[str, tuple[Line, ...]] = {}
    """All the lines, by invoice, of those that show only some."""

    def whole(self, invoice: Invoice) -> Invoice:
        """The invoice with all the lines that may be the plan's."""
        if invoice.lines.has_more and invoice.id not in self.lines:
            return invoice
        lines = self.lines.get(invoice.id, invoice.lines.data)
        ours = tuple(it for it in lines if it.item not in self.subscription.strangers)
        return replace(invoice, lines=Lines(ours))


class Touched(Struct, frozen=True):
    id: str
    metadata: dict[str, str] | None = None


TouchedEvent: TypeAlias = Event[Touched]
_EVENT: Final = msgspec.json.Decoder(TouchedEvent)
_ANSWER: Final = msgspec.json.Decoder(SubscriptionAnswer)


def decode_touched(body: bytes) -> Decoded:
    it = _EVENT.decode(body).data.object
    return Facts(
        findings=(Finding(subject(it.metadata, subscription=it.id), ()),),
        fetch=(ObjectRef("subscription", it.id),),
    )


def decode_fetched(fetched: Fetched) -> Decoded:
    answer = _ANSWER.decode(fetched.answer)
    it, latest = answer.subscription, answer.subscription.invoice
    if latest is not None:
        latest = answer.whole(latest)
        it = replace(it, latest_invoice=latest)
    older = [answer.whole(paid) for paid in answer.paid_invoices]
    older = [paid for paid in older if latest is None or paid.id != latest.id]
    facts: list[ProviderFact] = [observed(it, older, fetched.number, fetched.read_at)]
    facts += _payments(it, older, fetched.read_at)
    return Facts(findings=(Finding(subject(it.metadata, subscription=it.id), tuple(facts)),))


def _status(it: Subscription, invoice: Invoice | None) -> ProviderStatus:
    """Stripe goes on calling it active once its invoice was given up as uncollectible."""
    given_up = invoice is not None and invoice.status == "uncollectible"
    if it.status == "active" and given_up:
        return ProviderStatus.UNPAID
    return STATUS.get(it.status, ProviderStatus.UNKNOWN)


def observed(
    it: Subscription, older: Sequence[Invoice], number: int, read_at: datetime
) -> Observed:
    """`older` are the paid invoices before the latest one."""
    ended_at, ended_reason = _end(it)
    invoice, current = it.invoice, it.period
    settled = current is not None and _settled(it, invoice, current)
    invoices = older if invoice is None else (invoice, *older)
    return Observed(
        version=(0, number),
        status=_status(it, invoice),
        period=current,
        paid=settled,
        read_at=read_at,
        paid_by=_payer(invoices, current) if settled else None,
        plan=None if it.item is None else it.item.plan,
        # The trial of a subscription that never began must not count as time once covered.
        trial_end=None if it.status == "incomplete_expired" else instant_or_none(it.trial_end),
        cancel_at=_cancel_at(it),
        pause=_pause(it),
        ended_at=ended_at,
        ended_reason=ended_reason,
    )


def _settled(it: Subscription, invoice: Invoice | None, current: Period) -> bool:
    """Whether the current period is paid for, or nothing is due for it."""
    if it.status == "trialing":
        return True
    if invoice is None:
        return it.status == "active"
    if it.status == "active" and invoice.is_paid:
        return True
    if invoice.cover is not None and invoice.cover.end <= current.start:
        return False
    match it.status:
        case "active":
            # A voided invoice is a period that the creator gives away.
            return invoice.status == "void" or not invoice.amount_due
        case "canceled" | "paused":
            return invoice.is_paid
        case _:
            return False


def _payer(invoices: Iterable[Invoice], current: Period | None) -> str | None:
    """The invoice that paid for the period from its start.

    The latest one may be of an upgrade in the middle of it, whose refund takes nothing else away.
    """
    for it in invoices:
        if it.is_paid and it.cover and current and it.cover.start == current.start:
            return it.id
    return None


def _end(it: Subscription) -> tuple[datetime, EndReason] | tuple[None, None]:
    ended = it.ended_at or it.canceled_at
    if it.status == "incomplete_expired" and ended is not None:
        # The first payment never came: with this reason the standing remains `incomplete`.
        return instant(ended), EndReason.PAYMENT_FAILED
    if it.status != "canceled" or ended is None:
        return None, None
    if it.reason is None and _was_scheduled(it, ended):
        return instant(ended), EndReason.REQUESTED
    return instant(ended), END_REASON.get(it.reason, EndReason.MERCHANT)


def _was_scheduled(it: Subscription, ended: int) -> bool:
    return it.cancel_at_period_end or (it.cancel_at is not None and it.cancel_at <= ended)


def _cancel_at(it: Subscription) -> datetime | None:
    """Flexible billing sets the date, classic billing the flag; either is a scheduled end."""
    if it.cancel_at is not None:
        return instant(it.cancel_at)
    return it.period.end if it.cancel_at_period_end and it.period is not None else None


def _pause(it: Subscription) -> Pause | None:
    if it.pause_collection is None:
        return None
    return Pause(instant_or_none(it.pause_collection.resumes_at))


def _payments(it: Subscription, older: Iterable[Invoice], read_at: datetime) -> list[Payment]:
    latest = it.invoice
    found = [None if latest is None else _latest(it, latest, read_at)]
    found += [paid(invoice) for invoice in older]
    return [payment for payment in found if payment is not None]


def _latest(it: Subscription, invoice: Invoice, read_at: datetime) -> Payment | None:
    """A draft is no payment yet, and a voided invoice is one no more."""
    match invoice.status:
        case "paid":
            return paid(invoice)
        case "uncollectible":
            return failed_by(invoice, read_at)
        case "open":
            return _open(it, invoice, read_at)
        case _:
            return None


def _open(it: Subscription, invoice: Invoice, read_at: datetime) -> Payment | None:
    """Tried, and the subscription still stands well: a bank debit is on its way."""
    match it.status:
        case "active" if invoice.attempted:
            since = invoice.finalized_at
            return unpaid(invoice, PaymentStatus.PENDING, pending_since=since)
        case "past_due" | "unpaid" | "incomplete":
            return failed_by(invoice, read_at)
        case "canceled" if it.reason == "payment_failed":
            return failed_by(invoice, read_at)
        case _:
            return None
