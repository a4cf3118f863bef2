"""Stripe's webhook, with the real adapter: what is acknowledged is stored, and nothing else is."""

import logging
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar.testing import AsyncTestClient

from solynk.adapters.stripe.client import connect
from solynk.adapters.stripe.provider import StripeProvider
from solynk.adapters.stripe.signature import sign
from solynk.apps.api import create_app
from solynk.apps.api.webhooks import FORGED
from solynk.apps.container import container_of, put
from solynk.apps.engine import Wiring
from solynk.apps.lifetime import migrate
from solynk.apps.seldom import Seldom
from solynk.core.catalog import Provider
from solynk.core.event import Event, EventStatus
from tests.apps.api.stage import NOON, Answer, Stage, a_settings, a_stage

pytestmark = pytest.mark.anyio

SECRET = "whsec_of_the_tests"


def an_event(**changes: object) -> bytes:
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "invoice.paid",
        "account": "acct_1",
        "livemode": False,
        "created": int(NOON.timestamp()),
        "data": {"object": {"id": "in_1", "object": "invoice"}},
    }
    return msgspec.json.encode({**event, **changes})


DEEP = an_event().removesuffix(b"}") + b',"deep":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


async def deliver(stage: Stage, body: bytes, *, secret: str = SECRET, **headers: str) -> Answer:
    signed = {"stripe-signature": sign(body, secret, await stage.clock.now()), **headers}
    return await stage.http.post("/webhooks/stripe", content=body, headers=signed)


async def stored(w: Wiring) -> Sequence[Event]:
    async with w.store.begin() as tx:
        return await tx.event_lists.all(None)


def a_provider(http: httpx.AsyncClient, *secrets: str) -> StripeProvider:
    return StripeProvider(connect("sk_test_of_the_tests", http=http), secrets)


def _nothing(path: str) -> Answer:
    """What Stripe lists of an account in which nothing has happened."""
    return {"object": "list", "url": path, "has_more": False, "data": []}


@pytest.fixture
async def stage() -> AsyncGenerator[Stage]:
    empty = httpx.MockTransport(lambda it: httpx.Response(200, json=_nothing(it.url.path)))
    async with httpx.AsyncClient(transport=empty) as http, a_stage(a_settings()) as it:
        paying = {Provider.STRIPE: a_provider(http, SECRET, "whsec_of_tomorrow")}
        put(it.container.payments, paying)
        it.container.wiring.reset()
        it.wiring = it.container.wiring()
        yield it


async def test_a_genuine_event_is_stored_as_it_came(stage: Stage) -> None:
    body = an_event()

    answer = await deliver(stage, body, **{"content-type": "text/plain"})

    assert (answer.status_code, answer.json()) == (200, {"received": True})
    [event] = await stored(stage.wiring)
    assert (event.body, event.external_id, event.status) == (body, "evt_1", EventStatus.RECEIVED)


async def test_either_secret_may_sign_while_one_is_being_replaced(stage: Stage) -> None:
    answer = await deliver(stage, an_event(), secret="whsec_of_tomorrow")

    assert answer.status_code == 200


async def test_a_duplicate_is_acknowledged_and_stored_once(stage: Stage) -> None:
    first = await deliver(stage, an_event())
    second = await deliver(stage, an_event())

    assert (first.status_code, second.status_code) == (200, 200)
    assert len(await stored(stage.wiring)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"stripe-signature": sign(an_event(), "whsec_of_somebody", NOON)},
        {"stripe-signature": sign(an_event(id="evt_2"), SECRET, NOON)},
        {"stripe-signature": sign(an_event(), SECRET, NOON - timedelta(seconds=301))},
        {"stripe-signature": sign(an_event(), SECRET, NOON + timedelta(seconds=301))},
        {"stripe-signature": "t=,v1="},
        {"stripe-signature": ""},
        {},
    ],
)
async def test_a_forged_event_is_refused_and_leaves_nothing(
    stage: Stage, headers: dict[str, str]
) -> None:
    answer = await stage.http.post("/webhooks/stripe", content=an_event(), headers=headers)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert SECRET not in answer.text
    assert await stored(stage.wiring) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe\x00",
        b'{"id": 7}',
        b"[" * 100_000,
        DEEP,
    ],
)
async def test_genuine_nonsense_is_kept_as_a_dead_letter(stage: Stage, body: bytes) -> None:
    answer = await deliver(stage, body)

    assert answer.status_code == 200
    [event] = await stored(stage.wiring)
    assert (event.body, event.status) == (body, EventStatus.DEAD)
    assert event.reason


@pytest.mark.parametrize("changes", [{"livemode": True}, {"account": None}, {"account": ""}])
async def test_what_must_have_no_effect_is_acknowledged_and_set_aside(
    stage: Stage, changes: dict[str, Any]
) -> None:
    answer = await deliver(stage, an_event(**changes))

    assert answer.status_code == 200
    [event] = await stored(stage.wiring)
    assert event.status is EventStatus.IGNORED
    assert event.reason


async def test_an_unknown_type_is_acknowledged_and_ignored_with_a_reason(stage: Stage) -> None:
    made = await stage.made("/v1/organizations", name="A", slug="a", payment_account="acct_1")

    answer = await deliver(stage, an_event(type="moon.rose"))
    await stage.drain()

    assert answer.status_code == 200
    page = await stage.read(f"/v1/organizations/{made['id']}/events")
    assert [(it["kind"], it["status"]) for it in page["items"]] == [("moon.rose", "ignored")]


async def test_an_account_of_nobody_is_kept_unowned(stage: Stage) -> None:
    changed = {"object": {"id": "sub_1", "object": "subscription"}}
    body = an_event(account="acct_of_nobody", type="customer.subscription.updated", data=changed)

    answer = await deliver(stage, body)
    await stage.drain()

    assert answer.status_code == 200
    [event] = await stored(stage.wiring)
    assert event.status is EventStatus.UNOWNED


async def test_a_payment_account_of_another_form_is_refused_with_the_form_it_should_have(
    stage: Stage,
) -> None:
    body = {"name": "A", "slug": "a", "payment_account": "ca_1"}

    answer = await stage.ask("POST", "/v1/organizations", body)

    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["field"], error["value"]) == ("payment_account", "ca_1")
    assert "acct_" in error["fix"]
    assert await stage.read("/v1/organizations") == []


async def test_an_unowned_event_is_applied_by_replay_once_its_account_is_connected(
    stage: Stage,
) -> None:
    gone = {"object": {"id": "ca_1", "object": "application"}}
    body = an_event(account="acct_1", type="account.application.deauthorized", data=gone)
    await deliver(stage, body)
    await stage.drain()
    [unowned] = (await stage.read("/v1/unowned-events"))["items"]
    made = await stage.made("/v1/organizations", name="A", slug="a", payment_account="acct_1")

    await stage.made(f"/v1/unowned-events/{unowned['id']}/replay", reason="connected")
    await stage.drain()

    assert unowned["status"] == "unowned"
    assert (await stage.read("/v1/unowned-events"))["items"] == []
    [event] = (await stage.read(f"/v1/organizations/{made['id']}/events"))["items"]
    assert event["status"] == "applied"


async def test_a_body_up_to_a_mebibyte_is_taken_and_no_more(stage: Stage) -> None:
    room = 1024 * 1024 - len(an_event(padding=""))

    largest = await deliver(stage, an_event(padding="x" * room))
    larger = await deliver(stage, an_event(id="evt_2", padding="x" * (room + 1)))

    assert largest.status_code == 200
    assert larger.status_code == 413
    assert [it.external_id for it in await stored(stage.wiring)] == ["evt_1"]


@pytest.mark.parametrize("changes", [{"stripe_webhook_secrets": ()}, {"stripe_secret_key": None}])
async def test_without_a_secret_or_a_key_there_is_no_such_address(changes: dict[str, Any]) -> None:
    async with a_stage(a_settings(**changes)) as stage:
        if "stripe_secret_key" in changes:
            put(stage.container.payments, {})
            stage.container.wiring.reset()

        answer = await deliver(stage, an_event())

    assert answer.status_code == 404


async def test_while_the_store_is_down_nothing_is_acknowledged_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    """The tables are missing at first, which is one way for a database to be of no use."""
    url = f"sqlite:///{tmp_path / 'solynk.sqlite3'}"
    container = container_of(a_settings(database_url=url, data_dir=tmp_path))
    body = an_event()
    async with container.closing(), AsyncTestClient(create_app(container)) as http:
        headers = {"stripe-signature": sign(body, SECRET, await container.wall().now())}

        down = await http.post("/webhooks/stripe", content=body, headers=headers)
        unready = await http.get("/readyz")
        await migrate(container)
        again = await http.post("/webhooks/stripe", content=body, headers=headers)
        ready = await http.get("/readyz")

        events = await stored(container.wiring())

    assert (down.status_code, again.status_code) == (503, 200)
    assert int(down.headers["retry-after"]) > 0
    assert (unready.status_code, ready.status_code) == (503, 200)
    assert "solynk migrate" in unready.text
    assert [it.external_id for it in events] == ["evt_1"]


async def test_forged_events_leave_one_line_and_nothing_of_what_they_hold(
    stage: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = logging.getLogger("solynk.apps.api.webhooks")
    monkeypatch.setattr("solynk.apps.api.webhooks.FORGED", Seldom(told, FORGED.words))

    for _ in range(3):
        await deliver(stage, an_event(secret="eva@example.com"), secret="whsec_of_somebody")

    lines = [it.getMessage() for it in caplog.records if it.name == told.name]
    assert lines == ["webhooks with a wrong signature: 1 since the last such line"]
    assert "eva@example.com" not in caplog.text
