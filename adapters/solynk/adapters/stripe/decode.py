"""Which family of objects an event is about, in one table."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from solynk.adapters.stripe import invoices, reversals, sessions, subscriptions
from solynk.ports.errors import Malformed
from solynk.ports.payments import (
    FETCHED,
    Decoded,
    Envelope,
    Facts,
    Fetched,
    Ignored,
    ObjectRef,
    Received,
)

VERSION: Final = "stripe-2"


class Related(Struct, frozen=True):
    id: str
    type: str


class Head(Struct, frozen=True):
    """What every event begins with. Thin events name the account as their context, or nowhere but
    as the object that they are about."""

    id: str
    type: str
    livemode: bool
    account: str | None = None
    context: str | None = None
    related_object: Related | None = None

    @property
    def about(self) -> str:
        """The account that it concerns; empty for the platform's own."""
        it = self.related_object
        related = it.id if it is not None and it.type == "v2.core.account" else ""
        return self.account or self.context or related


class CustomerAnswer(Struct, frozen=True):
    """How `fetch` arranges a customer: the ids of all their subscriptions."""

    subscriptions: tuple[str, ...]


_HEAD: Final = msgspec.json.Decoder(Head)
_FETCHED: Final = msgspec.json.Decoder(Fetched)
_CUSTOMER: Final = msgspec.json.Decoder(CustomerAnswer)
_CUSTOMER_EVENT: Final = msgspec.json.Decoder(subscriptions.TouchedEvent)


def envelope(body: bytes) -> Envelope:
    """Raises Malformed, for anything that is no event of Stripe's."""
    try:
        head = _HEAD.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed("stripe", "the signed bytes are no event") from error
    if not head.id or not head.type or head.type == FETCHED:
        raise Malformed("stripe", "the signed bytes are no event")
    return Envelope(head.id, head.about, head.livemode, head.type)


def decode(event: Received) -> Decoded:
    """Raises Malformed."""
    read = _decode_fetched if event.kind == FETCHED else KINDS.get(event.kind)
    if read is None:
        return Ignored(_reason(event.kind))
    try:
        return read(event.body)
    except Malformed:
        raise
    except (
        msgspec.MsgspecError,
        ValueError,
        OverflowError,
        OSError,
        RecursionError,
    ) as error:
        raise Malformed("stripe", f"{event.kind} is not as agreed: {_where(error)}") from error


def _where(error: Exception) -> str:
    """Where in the payload it is wrong. Values stay out: they may be personal."""
    path = str(error).rpartition(" - at ")[2]
    return path if isinstance(error, msgspec.ValidationError) else type(error).__name__


def _decode_fetched(body: bytes) -> Decoded:
    fetched = _FETCHED.decode(body)
    match fetched.kind:
        case "subscription":
            return subscriptions.decode_fetched(fetched)
        case "checkout.session":
            return sessions.decode_fetched(fetched)
        case "charge" | "payment_intent":
            return reversals.decode_fetched(fetched)
        case "customer":
            ids = _CUSTOMER.decode(fetched.answer).subscriptions
            return Facts(fetch=tuple(ObjectRef("subscription", it) for it in ids))
        case _:
            raise Malformed("stripe", f"nobody reads a {fetched.kind}")


def _customer_deleted(body: bytes) -> Decoded:
    """All the customer's subscriptions were canceled at once."""
    return Facts(fetch=(ObjectRef("customer", _CUSTOMER_EVENT.decode(body).data.object.id),))


def _disconnected(_body: bytes) -> Decoded:
    return Facts(disconnected=True)


KINDS: Final[Mapping[str, Callable[[bytes], Decoded]]] = {
    **sessions.ENDINGS,
    "checkout.session.expired": sessions.decode_expired,
    "customer.subscription.created": subscriptions.decode_touched,
    "customer.subscription.updated": subscriptions.decode_touched,
    "customer.subscription.deleted": subscriptions.decode_touched,
    "customer.subscription.paused": subscriptions.decode_touched,
    "customer.subscription.resumed": subscriptions.decode_touched,
    "customer.subscription.trial_will_end": subscriptions.decode_touched,
    "customer.subscription.pending_update_applied": subscriptions.decode_touched,
    "customer.subscription.pending_update_expired": subscriptions.decode_touched,
    "customer.deleted": _customer_deleted,
    "invoice.paid": invoices.decode_paid,
    "invoice.payment_succeeded": invoices.decode_paid,
    "invoice.payment_failed": invoices.decode_failed,
    "invoice.payment_action_required": invoices.decode_failed,
    "invoice.created": invoices.decode_touched,
    "invoice.deleted": invoices.decode_touched,
    "invoice.finalization_failed": invoices.decode_touched,
    "invoice.finalized": invoices.decode_touched,
    "invoice.marked_uncollectible": invoices.decode_touched,
    "invoice.overdue": invoices.decode_touched,
    "invoice.payment_attempt_required": invoices.decode_touched,
    "invoice.updated": invoices.decode_touched,
    "invoice.voided": invoices.decode_touched,
    "charge.refunded": reversals.decode_refunded,
    "charge.refund.updated": reversals.decode_refund,
    "refund.created": reversals.decode_refund,
    "refund.updated": reversals.decode_refund,
    "refund.failed": reversals.decode_refund,
    "charge.dispute.created": reversals.decode_dispute,
    "charge.dispute.updated": reversals.decode_dispute,
    "charge.dispute.closed": reversals.decode_dispute,
    "charge.dispute.funds_withdrawn": reversals.decode_dispute,
    "charge.dispute.funds_reinstated": reversals.decode_dispute,
    "account.application.deauthorized": _disconnected,
    "v2.core.account.closed": _disconnected,
}

REASONS: Final[Mapping[str, str]] = {
    "invoice.upcoming": "a reminder of an invoice that does not exist yet",
    "invoice.will_be_due": "a reminder: nothing has become of the invoice",
    "invoice_payment.paid": "the invoice itself tells that it is paid",
    "radar.early_fraud_warning.created": "a warning: no money has moved",
    "account.updated": "the account's readiness is read, not told",
    "capability.updated": "the account's readiness is read, not told",
    "customer.updated": "what Stripe knows of a person does not replace what they told us",
}
FAMILIES: Final[Mapping[str, str]] = {
    "payment_intent": "the session or the invoice tells the same",
    "charge": "the session or the invoice tells the same",
    "invoice_payment": "the invoice itself tells the same",
    "v2": "the account's readiness is read, not told",
}


def _reason(kind: str) -> str:
    family = kind.partition(".")[0]
    return REASONS.get(kind) or FAMILIES.get(family) or f"{kind} concerns no access"
