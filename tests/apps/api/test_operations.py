import html.parser
import re

import pytest

from solynk.adapters.clock.sandbox import SandboxClock
from solynk.apps.container import put
from tests.apps.api.stage import Shop, Stage, a_settings, a_stage

pytestmark = pytest.mark.anyio


async def test_health_and_readiness_need_no_key(stage: Stage) -> None:
    alive = await stage.http.get("/healthz")
    ready = await stage.http.get("/readyz")

    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()) == (
        200,
        {"ready": True, "faults": [], "degraded": []},
    )


async def test_readiness_says_what_is_missing_and_how_to_mend_it() -> None:
    async with a_stage(a_settings(stripe_webhook_secrets=(), api_key=None)) as stage:
        answer = await stage.http.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["degraded"] == [
        "no webhooks are accepted: set STRIPE_WEBHOOK_SECRET",
        "the API is closed: set SOLYNK_API_KEY",
    ]


async def test_without_a_key_the_api_stays_closed() -> None:
    async with a_stage(a_settings(api_key=None)) as stage:
        for sent in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer None"}):
            answer = await stage.http.get("/v1/organizations", headers=sent)

            assert answer.status_code == 401


async def test_metrics_tell_of_events_backlog_and_alerts(stage: Stage, shop: Shop) -> None:
    await stage.pays(shop)
    first = await stage.ask("GET", "/metrics")
    waiting = first.text
    await stage.drain()
    done = (await stage.ask("GET", "/metrics")).text

    assert first.headers["content-type"].count("charset") == 1
    assert 'solynk_backlog{kind="events"} 1' in waiting
    assert 'solynk_backlog{kind="events"} 0' in done
    assert 'solynk_events_received_total{source="stripe",status="received"} 1.0' in done
    assert "solynk_store_up 1" in done
    assert "atelier" not in done


async def test_metrics_are_not_for_everyone(stage: Stage) -> None:
    answer = await stage.http.get("/metrics")

    assert answer.status_code == 401


async def test_the_payment_to_invite_duration_is_measured(stage: Stage, shop: Shop) -> None:
    await stage.bind(shop, "77")
    await stage.pays(shop)
    await stage.drain()

    numbers = (await stage.ask("GET", "/metrics")).text

    assert 'solynk_payment_to_invite_seconds_bucket{le="2.0"} 1.0' in numbers


async def test_the_backlog_is_told(stage: Stage, shop: Shop) -> None:
    await stage.pays(shop)

    assert await stage.read("/v1/backlog") == {"events": 1, "commands": 0, "customers": 0}


@pytest.mark.parametrize("path", ["/healthz", "/v1/organizations", "/nothing-here", "/docs"])
async def test_every_answer_has_the_security_headers(stage: Stage, path: str) -> None:
    answer = await stage.ask("GET", path)

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_the_page_of_the_api_loads_nothing_from_elsewhere(stage: Stage) -> None:
    page = await stage.http.get("/docs")

    html.parser.HTMLParser().feed(page.text)
    assert page.status_code == 200
    assert "sha256-" in page.headers["content-security-policy"]
    assert not re.search(r"<script|https?://|src=", page.text)
    assert "POST /webhooks/stripe" in page.text
    link = re.search(r'href="([^"]+)"', page.text)
    assert link is not None
    assert (await stage.http.get(link[1])).status_code == 200


async def test_every_route_below_v1_tells_which_problems_it_answers(stage: Stage) -> None:
    routes = [it for it in await stage.described() if it[1].startswith("/v1")]

    for method, path, operation in routes:
        name = f"{method} {path}"
        answers = operation["responses"]
        assert {"400", "401", "503"} <= set(answers), name
        assert "{" not in path or "404" in answers, name
        for status, answer in answers.items():
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"], (name, status)
        assert operation["summary"], name


async def test_a_sandbox_clock_that_does_not_answer_makes_it_unready(stage: Stage) -> None:
    clock = SandboxClock.at("http://127.0.0.1:9")
    put(stage.container.clock, clock)
    stage.container.wiring.reset()

    answer = await stage.http.get("/readyz")

    assert answer.status_code == 503
    await clock.close()


async def test_the_description_says_that_bodies_hold_nothing_else(stage: Stage) -> None:
    schemas = (await stage.http.get("/docs/openapi.json")).json()["components"]["schemas"]

    for name in ("NewPlan", "Price", "Decision", "OpensChannel", "PolicyChange"):
        assert schemas[name]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Problem"]
