"""Checkout Sessions: how a purchase ended.

A one-time purchase is known by its payment intent, or by its session where nothing was due. Stripe
knows nothing of what it gives: our checkout wrote that into the metadata.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from solynk.adapters.stripe.shapes import (
    ACCESS_DAYS,
    FOREVER,
    Event,
    Ref,
    id_of,
    instant,
    money,
    subject,
)
from solynk.core.facts import Cover, Days, Forever, Payment, PaymentStatus
from solynk.ports.errors import Malformed
from solynk.ports.payments import Decoded, Facts, Fetched, Finding, Ignored, ObjectRef


class Session(Struct, frozen=True):
    id: str
    mode: str
    payment_status: str
    status: str | None = None
    subscription: Ref = None
    payment_intent: Ref = None
    amount_total: int | None = None
    currency: str | None = None
    metadata: dict[str, str] | None = None


class SessionAnswer(Struct, frozen=True):
    """How `fetch` arranges what it read."""

    session: Session
    events: tuple[msgspec.Raw, ...] = ()
    """Those that tell how it ended, as webhooks would have brought them."""


class Told(Struct, frozen=True):
    type: str


_EVENT: Final = msgspec.json.Decoder(Event[Session])
_ANSWER: Final = msgspec.json.Decoder(SessionAnswer)
_TOLD: Final = msgspec.json.Decoder(Told)


def decode_completed(body: bytes) -> Decoded:
    event = _EVENT.decode(body)
    arrived = event.data.object.payment_status in {"paid", "no_payment_required"}
    return _ended(event, PaymentStatus.PAID if arrived else PaymentStatus.PENDING)


def decode_succeeded(body: bytes) -> Decoded:
    return _ended(_EVENT.decode(body), PaymentStatus.PAID)


def decode_failed(body: bytes) -> Decoded:
    return _ended(_EVENT.decode(body), PaymentStatus.FAILED)


def decode_expired(body: bytes) -> Decoded:
    return Facts(closed_checkout=_EVENT.decode(body).data.object.id)


ENDINGS: Final[Mapping[str, Callable[[bytes], Decoded]]] = {
    "checkout.session.completed": decode_completed,
    "checkout.session.async_payment_succeeded": decode_succeeded,
    "checkout.session.async_payment_failed": decode_failed,
}


def decode_fetched(fetched: Fetched) -> Decoded:
    """What the events about it told, or would have told if they had arrived."""
    answer = _ANSWER.decode(fetched.answer)
    if answer.session.status == "expired":
        return Facts(closed_checkout=answer.session.id)
    told = [it for raw in answer.events if isinstance(it := _again(bytes(raw)), Facts)]
    if not told:
        return Ignored("no event that Stripe still keeps tells how this checkout ended")
    return Facts(
        findings=tuple(finding for it in told for finding in it.findings),
        fetch=tuple({ref: None for it in told for ref in it.fetch}),
        closed_checkout=answer.session.id,
    )


def _again(event: bytes) -> Decoded:
    """Raises Malformed."""
    read = ENDINGS.get(_TOLD.decode(event).type)
    if read is None:
        raise Malformed("stripe", "a session was read with an event that does not end it")
    return read(event)


def _ended(event: Event[Session], status: PaymentStatus) -> Decoded:
    session = event.data.object
    match session.mode:
        case "subscription":
            return _subscribed(session)
        case "payment":
            return _bought(event, status)
        case _:
            return Ignored(f"a checkout in mode {session.mode} sells no access")


def _subscribed(session: Session) -> Facts:
    """Its invoice carries the payment, so the session only ties the ids together."""
    subscription = id_of(session.subscription)
    if subscription is None:
        return Facts(closed_checkout=session.id)
    return Facts(
        findings=(Finding(subject(session.metadata, subscription=subscription), ()),),
        fetch=(ObjectRef("subscription", subscription),),
        closed_checkout=session.id,
    )


def _bought(event: Event[Session], status: PaymentStatus) -> Decoded:
    session = event.data.object
    cover = access(session.metadata)
    if cover is None:
        return Ignored("a one-time purchase that no checkout of ours began")
    payment = _payment(session, cover, status, _moment(event))
    return Facts(
        findings=(Finding(subject(session.metadata), (payment,)),), closed_checkout=session.id
    )


def access(metadata: Mapping[str, str] | None) -> Cover | None:
    """What the purchase gives, or None for one that is not ours. Raises Malformed."""
    given = (metadata or {}).get(ACCESS_DAYS)
    if not given:
        return None
    if given == FOREVER:
        return Forever()
    if not (given.isascii() and given.isdigit()):
        raise Malformed("stripe", f"{ACCESS_DAYS} is neither a number nor {FOREVER!r}")
    return Days(int(given))


def _moment(event: Event[Session]) -> datetime:
    """When it was paid, or failed to be: the one time here that is the envelope's.

    The session has none. `created` is when the page was opened, up to a day before, and a pass
    must not lose that day; the charge of a bank debit is made days before the money arrives. A read
    of the session therefore brings these very events, so that both ways give one time. Two events
    that tell of one payment are seconds apart, and facts join to the earliest.
    """
    return instant(event.created)


def _payment(session: Session, cover: Cover, status: PaymentStatus, at: datetime) -> Payment:
    if session.amount_total is None or session.currency is None:
        raise Malformed("stripe", "a session that was completed lacks its amount")
    return Payment(
        id=id_of(session.payment_intent) or session.id,
        cover=cover,
        amount=money(session.amount_total, session.currency),
        status=status,
        pending_since=at if status is PaymentStatus.PENDING else None,
        failed_at=at if status is PaymentStatus.FAILED else None,
        paid_at=at if status is PaymentStatus.PAID else None,
    )
