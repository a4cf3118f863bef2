"""Refunds and disputes: money that goes back, and may come again.

They name a charge, while a payment is known by its invoice or its payment intent. Since 2025 only a
read tells which; events in the shape of 2024 carry the charge's invoice, and need no read.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from solynk.adapters.stripe.invoices import Invoice
from solynk.adapters.stripe.sessions import access
from solynk.adapters.stripe.shapes import Event, Named, Ref, id_of, money, subject
from solynk.core.facts import Dispute, DisputeStatus, Refund, RefundStatus
from solynk.ports.errors import Malformed
from solynk.ports.payments import (
    Decoded,
    Facts,
    Fetched,
    Finding,
    Ignored,
    ObjectRef,
    Subject,
)

REFUND: Final[Mapping[str | None, RefundStatus]] = {
    "succeeded": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.CANCELED,
}
"""Anything else has moved no money yet: `pending`, `requires_action`, a word not met before."""

DISPUTE: Final[Mapping[str, DisputeStatus]] = {
    "needs_response": DisputeStatus.OPEN,
    "under_review": DisputeStatus.OPEN,
    "lost": DisputeStatus.LOST,
    "won": DisputeStatus.WON,
    "warning_closed": DisputeStatus.WON,
    "prevented": DisputeStatus.WON,
}
"""Anything else is a question for now: `warning_needs_response`, `warning_under_review`, a word
not met before."""


class Intent(Struct, frozen=True):
    id: str
    metadata: dict[str, str] | None = None


class StripeRefund(Struct, frozen=True):
    id: str
    amount: int
    currency: str
    status: str | None = None
    charge: "str | Charge | None" = None
    payment_intent: Ref = None


class StripeDispute(Struct, frozen=True):
    id: str
    status: str
    charge: "str | Charge | None" = None
    payment_intent: Ref = None


class Refunds(Struct, frozen=True):
    data: tuple[StripeRefund, ...] = ()
    has_more: bool = False


class Charge(Struct, frozen=True):
    id: str
    invoice: str | Named | UnsetType | None = UNSET
    """2024, where it is null for a one-time purchase. Today the field does not exist."""
    payment_intent: str | Intent | None = None
    refunds: Refunds | None = None
    """Since 2022 only where it was asked for."""
    metadata: dict[str, str] | None = None

    @property
    def intent_id(self) -> str | None:
        it = self.payment_intent
        return it.id if isinstance(it, Intent) else it

    @property
    def payment_id(self) -> str | None:
        """The payment that it was, where the charge itself can tell."""
        if isinstance(self.invoice, UnsetType):
            return None
        return id_of(self.invoice) or self.intent_id


class ChargeAnswer(Struct, frozen=True):
    """How `fetch` arranges what it read."""

    charge: Charge
    """With `payment_intent` expanded."""
    refunds: tuple[StripeRefund, ...] = ()
    disputes: tuple[StripeDispute, ...] = ()
    invoice: Invoice | None = None
    """The invoice that the payment intent paid."""


Reversal: TypeAlias = StripeRefund | StripeDispute

_CHARGE_EVENT: Final = msgspec.json.Decoder(Event[Charge])
_REFUND_EVENT: Final = msgspec.json.Decoder(Event[StripeRefund])
_DISPUTE_EVENT: Final = msgspec.json.Decoder(Event[StripeDispute])
_ANSWER: Final = msgspec.json.Decoder(ChargeAnswer)


def decode_refunded(body: bytes) -> Decoded:
    charge = _CHARGE_EVENT.decode(body).data.object
    listed = charge.refunds
    payment = charge.payment_id
    if payment is None or listed is None or listed.has_more or not listed.data:
        return Facts(fetch=(ObjectRef("charge", charge.id),))
    facts = tuple(_fact(it, payment) for it in listed.data)
    return Facts(findings=(Finding(subject(charge.metadata, payment=payment), facts),))


def decode_refund(body: bytes) -> Decoded:
    return _reversed(_REFUND_EVENT.decode(body).data.object)


def decode_dispute(body: bytes) -> Decoded:
    return _reversed(_DISPUTE_EVENT.decode(body).data.object)


def decode_fetched(fetched: Fetched) -> Decoded:
    answer = _ANSWER.decode(fetched.answer)
    who = _subject(answer)
    if who is None or who.payment is None:
        return Ignored("the charge belongs to no sale of access")
    reversals: tuple[Reversal, ...] = (*answer.refunds, *answer.disputes)
    return Facts(findings=(Finding(who, tuple(_fact(it, who.payment) for it in reversals)),))


def _reversed(it: Reversal) -> Decoded:
    charge = it.charge
    if isinstance(charge, Charge) and charge.payment_id is not None:
        payment = charge.payment_id
        who = subject(charge.metadata, payment=payment)
        return Facts(findings=(Finding(who, (_fact(it, payment),)),))
    return Facts(fetch=(_where(it),))


def _where(it: Reversal) -> ObjectRef:
    charge = it.charge.id if isinstance(it.charge, Charge) else it.charge
    if charge is not None:
        return ObjectRef("charge", charge)
    intent = id_of(it.payment_intent)
    if intent is None:
        raise Malformed("stripe", "a refund or dispute names no charge")
    return ObjectRef("payment_intent", intent)


def _fact(it: Reversal, payment: str) -> Refund | Dispute:
    match it:
        case StripeRefund():
            status = REFUND.get(it.status, RefundStatus.PENDING)
            return Refund(it.id, payment, money(it.amount, it.currency), status)
        case StripeDispute():
            return Dispute(it.id, payment, DISPUTE.get(it.status, DisputeStatus.INQUIRY))


def _subject(answer: ChargeAnswer) -> Subject | None:
    invoice = answer.invoice
    if invoice is not None and invoice.subscription_id is not None:
        who = invoice.subject
        return msgspec.structs.replace(who, payment=invoice.id)
    intent = answer.charge.payment_intent
    metadata = intent.metadata if isinstance(intent, Intent) else answer.charge.metadata
    if access(metadata) is None:
        return None
    return subject(metadata, payment=answer.charge.intent_id)
