"""A Checkout Session as a read finds it: with the events that tell how it ended."""

from typing import Any

import pytest

from solynk.adapters.stripe.decode import decode
from solynk.ports.errors import Malformed
from solynk.ports.payments import Facts, Ignored
from tests.adapters.stripe.payloads import SHAPES, a_fetched, an_event, facts_of, sample, with_

COMPLETED = "checkout.session.completed"
SUCCEEDED = "checkout.session.async_payment_succeeded"
FAILED = "checkout.session.async_payment_failed"


def told(shape: str, kind: str = COMPLETED, **changes: object) -> Any:  # noqa: ANN401 - the vendor's JSON
    event = sample(f"checkout.session.completed.payment.{shape}")
    with_(event["data"]["object"], **changes)
    return {**event, "type": kind}


def an_answer(*events: Any, status: str = "complete") -> object:  # noqa: ANN401 - the vendor's JSON
    session = sample("checkout.session.completed.payment.endive")["data"]["object"]
    return {"session": {**session, "status": status}, "events": events}


def read(*events: Any, status: str = "complete") -> object:  # noqa: ANN401 - the vendor's JSON
    return decode(a_fetched(an_answer(*events, status=status), kind="checkout.session"))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_read_tells_what_the_event_would_have_told(shape: str) -> None:
    assert read(told(shape)) == decode(an_event(f"{COMPLETED}.payment.{shape}"))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", [SUCCEEDED, FAILED])
def test_a_read_tells_of_a_debit_what_both_events_would_have_told(kind: str, shape: str) -> None:
    events = [told(shape, payment_status="unpaid"), told(shape, kind)]

    found = read(*events)

    name = f"{COMPLETED}.payment.{shape}"
    pending, ended = an_event(name, payment_status="unpaid"), an_event(name, kind=kind)
    assert isinstance(found, Facts)
    assert facts_of(found) == (*facts_of(decode(pending)), *facts_of(decode(ended)))


def test_a_session_that_expired_is_closed() -> None:
    assert read(status="expired") == Facts(closed_checkout="cs_test_a1b2c3")


def test_a_session_of_which_nothing_is_told_is_ignored_with_a_reason() -> None:
    assert isinstance(read(), Ignored)
    assert isinstance(read(status="open"), Ignored)


def test_a_session_read_with_another_event_is_malformed() -> None:
    with pytest.raises(Malformed):
        read({**told("endive"), "type": "charge.refunded"})
