"""Samples of Stripe's JSON, in the shapes of 2024 and of today, and ways to vary them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from solynk.adapters.stripe.decode import decode
from solynk.core.facts import Observed, Payment, ProviderFact
from solynk.core.instants import Period
from solynk.ports.payments import FETCHED, Decoded, Facts, Fetched, Received

SAMPLES: Final = Path(__file__).parent / "samples"
SHAPES: Final = ("endive", "2024")

START: Final = datetime(2026, 11, 1, 12, tzinfo=UTC)
END: Final = datetime(2026, 12, 1, 12, tzinfo=UTC)
PERIOD: Final = Period(START, END)


def sample(name: str) -> Any:  # noqa: ANN401 - the vendor's JSON
    return json.loads((SAMPLES / f"{name}.json").read_text())


def with_(tree: Any, **changes: object) -> Any:  # noqa: ANN401 - the vendor's JSON
    """The tree with values changed; two underscores in a name go one level deeper."""
    for path, value in changes.items():
        *steps, last = path.split("__")
        node = tree
        for step in steps:
            node = node[int(step) if step.isdigit() else step]
        node[last] = value
    return tree


def an_event(name: str, *, kind: str | None = None, **changes: object) -> Received:
    """A sample event, with parts of its object changed."""
    event = sample(name)
    event["type"] = kind or event["type"]
    created = changes.pop("event_created", event["created"])
    event["created"] = created
    with_(event["data"]["object"], **changes)
    return Received(event["type"], json.dumps(event).encode(), event["account"], livemode=False)


def a_fetched(
    answer: object, *, kind: str = "subscription", number: int = 1, read_at: datetime = START
) -> Received:
    body = msgspec.json.encode(
        Fetched(number, read_at, kind, "id", msgspec.Raw(json.dumps(answer).encode()))
    )
    return Received(FETCHED, body, "acct_1", livemode=False)


def facts_of(decoded: Decoded) -> tuple[ProviderFact, ...]:
    assert isinstance(decoded, Facts)
    return tuple(fact for finding in decoded.findings for fact in finding.facts)


def the_payment(event: Received) -> Payment:
    (payment,) = (it for it in facts_of(decode(event)) if isinstance(it, Payment))
    return payment


def the_register(event: Received) -> Observed:
    (observed,) = (it for it in facts_of(decode(event)) if isinstance(it, Observed))
    return observed
