import json

import pytest

from solynk.adapters.stripe.decode import envelope
from solynk.adapters.stripe.signature import TOLERANCE
from solynk.ports.errors import Malformed
from solynk.ports.payments import FETCHED, Envelope
from tests.adapters.stripe.payloads import SAMPLES, SHAPES


@pytest.mark.parametrize("shape", SHAPES)
def test_an_event_is_known_by_its_head(shape: str) -> None:
    body = (SAMPLES / f"invoice.paid.{shape}.json").read_bytes()

    assert envelope(body) == Envelope(
        "evt_1Qx8aZ2eZvKYlo2C", "acct_1PgafTB1WZ6qNLrn", livemode=False, kind="invoice.paid"
    )


def test_an_event_of_the_platform_itself_has_no_account() -> None:
    body = b'{"id": "evt_1", "type": "charge.refunded", "livemode": true}'

    assert envelope(body) == Envelope("evt_1", "", livemode=True, kind="charge.refunded")


def test_a_thin_event_names_its_account_as_context() -> None:
    body = json.dumps(
        {
            "id": "evt_1",
            "object": "v2.core.event",
            "type": "v2.core.account.closed",
            "livemode": True,
            "context": "acct_1",
        }
    ).encode()

    assert envelope(body).account == "acct_1"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b'{"id": "evt_1", "type": "x"}',
        b'{"id": "evt_1", "livemode": true}',
        b'{"type": "x", "livemode": true}',
        b'{"id": "", "type": "x", "livemode": true}',
        b'{"id": "evt_1", "type": "", "livemode": true}',
        b'{"id": "evt_1", "type": "x", "livemode": "true"}',
        b'{"id": 1, "type": "x", "livemode": true}',
        b'{"id": "evt_1", "type": "x", "livemode": true}{}',
    ],
)
def test_what_is_no_event_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        envelope(body)


def test_nobody_outside_can_send_an_answer_to_a_read() -> None:
    body = json.dumps({"id": "evt_1", "type": FETCHED, "livemode": True}).encode()

    with pytest.raises(Malformed):
        envelope(body)


def test_the_tolerance_is_five_minutes() -> None:
    assert TOLERANCE.total_seconds() == 300
