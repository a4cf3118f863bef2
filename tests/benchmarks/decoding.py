"""P4: from a body and its signature to the facts in it."""

import hashlib
import hmac
import time
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import stripe
from msgspec import Struct

from solynk.adapters.stripe.provider import StripeProvider
from solynk.adapters.stripe.signature import HEADER, sign
from solynk.ports.payments import RawEvent, Received
from tests.benchmarks.blocks import contenders
from tests.benchmarks.floor import SECRET
from tests.benchmarks.ground import Ground
from tests.benchmarks.measuring import Outcome, Target, measured
from tests.benchmarks.payloads import an_invoice_paid
from tests.benchmarks.scale import Scale

TARGETS: Final = (
    Target("P4", "verify and decode, of a bare HMAC and one struct", "us", "solynk",
           most=1.5, over="anchor"),
    Target("P4", "construct_event, of our verify and decode", "us", "construct_event",
           least=40, over="solynk"),
)  # fmt: skip


class Price(Struct, frozen=True):
    price: str


class Pricing(Struct, frozen=True):
    price_details: Price


class Period(Struct, frozen=True):
    start: int
    end: int


class Line(Struct, frozen=True):
    id: str
    amount: int
    period: Period
    pricing: Pricing


class Lines(Struct, frozen=True):
    data: list[Line]


class Invoice(Struct, frozen=True):
    id: str
    customer: str
    status: str
    amount_paid: int
    currency: str
    created: int
    lines: Lines


class Data(Struct, frozen=True):
    object: Invoice


class Event(Struct, frozen=True):
    id: str
    type: str
    account: str
    livemode: bool
    created: int
    data: Data


ANCHOR: Final = msgspec.json.Decoder(Event)


def decoding(ground: Ground, scale: Scale) -> Outcome:
    del ground
    at = datetime.fromtimestamp(time.time(), UTC)  # noqa: TID251 -- a signature is about real time
    body = an_invoice_paid(id="evt_1").encode()
    header = sign(body, SECRET, at)
    provider = StripeProvider(stripe.StripeClient("sk_test_none"), (SECRET,), timedelta(days=1))
    raw = RawEvent(body=body, headers={HEADER: header}, received_at=at)

    def solynk() -> object:
        envelope = provider.verify(raw)
        told = Received(envelope.kind, body, envelope.account, envelope.livemode)
        return provider.decode(told)

    def anchor() -> object:
        seconds, _, rest = header.removeprefix("t=").partition(",")
        expected = hmac.digest(SECRET.encode(), seconds.encode() + b"." + body, hashlib.sha256)
        if not hmac.compare_digest(rest.removeprefix("v1="), expected.hex()):
            raise ValueError("forged")
        return ANCHOR.decode(body)

    def construct_event() -> object:
        return stripe.Webhook.construct_event(body, header, SECRET, tolerance=86_400)

    calls = {"anchor": anchor, "solynk": solynk, "construct_event": construct_event}
    notes = {
        "anchor": "HMAC and one typed struct",
        "solynk": "verify, envelope, facts",
        "construct_event": "the Stripe SDK's own way",
    }
    entrants = contenders(calls, notes)
    return measured("decoding", "Verify and decode an invoice", entrants, TARGETS, scale.blocks)
