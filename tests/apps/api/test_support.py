import pytest

from solynk.core.event import EventStatus
from tests.apps.api.stage import Shop, Stage, things_of

pytestmark = pytest.mark.anyio


async def test_an_alert_is_listed_with_its_fix_until_it_is_resolved(
    stage: Stage, shop: Shop
) -> None:
    things = await things_of(stage, shop)
    path = f"{shop.root}/alerts"
    [opened] = [it for it in await stage.read(path) if it["id"] == things["alert"]]

    resolved = await stage.made(f"{path}/{things['alert']}/resolve", reason="looked at")
    still = await stage.read(path)
    ever = await stage.read(path, params={"resolved": "true"})

    assert opened["fix"]
    assert resolved["resolved_at"] is not None
    assert things["alert"] not in {it["id"] for it in still}
    assert things["alert"] in {it["id"] for it in ever}
    params = {"resource": f"alert:{things['alert']}"}
    [entry] = await stage.read(f"{shop.root}/audit", params=params)
    assert (entry["action"], entry["actor"]) == ("alert.resolved", "api")
    assert entry["details"] == {"reason": "looked at"}


async def test_a_dead_command_is_listed_with_its_reason_and_replayed(
    stage: Stage, shop: Shop
) -> None:
    things = await things_of(stage, shop)
    path = f"{shop.root}/dead-letters"
    [dead] = (await stage.read(path))["commands"]

    replayed = await stage.made(f"{path}/commands/{things['command']}/replay", reason="mended")
    twice = await stage.ask(
        "POST", f"{path}/commands/{things['command']}/replay", {"reason": "mended"}
    )

    assert (dead["kind"], dead["reason"]) == ("inspect", "its deadline has passed")
    assert replayed["status"] == "ready"
    assert twice.status_code == 409
    assert (await stage.read(path))["commands"] == []


async def test_an_event_is_shown_with_its_payload_only_when_that_is_asked_for(
    stage: Stage, shop: Shop
) -> None:
    things = await things_of(stage, shop)
    path = f"{shop.root}/events/{things['event']}"

    plain = await stage.read(path)
    whole = await stage.read(path, params={"include": "payload"})
    wrong = await stage.ask("GET", path, params={"include": "everything"})

    assert "payload" not in plain
    assert whole.pop("payload").startswith("{")
    assert whole == plain
    assert wrong.status_code == 400


async def test_events_are_listed_by_status_a_page_at_a_time(stage: Stage, shop: Shop) -> None:
    await things_of(stage, shop)
    path = f"{shop.root}/events"

    everything = await stage.read(path, params={"status": EventStatus.APPLIED.value})
    first = await stage.read(path, params={"limit": 1})
    second = await stage.read(path, params={"limit": 1, "before": first["next"]})
    none = await stage.read(path, params={"status": EventStatus.DEAD.value})

    assert len(everything["items"]) >= 2
    assert first["items"] + second["items"] == everything["items"][:2]
    assert none == {"items": [], "next": None}


async def test_updates_of_platforms_are_not_among_unowned_payment_events(stage: Stage) -> None:
    stage.platform.starts("77")
    await stage.drain()

    payments = await stage.read("/v1/unowned-events")
    updates = await stage.read("/v1/unowned-events", params={"updates": "true"})

    assert payments == {"items": [], "next": None}
    assert {it["source"] for it in updates["items"]} == {"telegram"}


async def test_a_replayed_event_changes_nothing_the_second_time(stage: Stage, shop: Shop) -> None:
    things = await things_of(stage, shop)
    before = await stage.read(f"{shop.customer_path}/access")

    replayed = await stage.made(
        f"{shop.root}/dead-letters/events/{things['event']}/replay", reason="to be sure"
    )
    await stage.drain()

    assert replayed["status"] == "received"
    assert (await stage.read(f"{shop.root}/events/{things['event']}"))["status"] == "applied"
    assert await stage.read(f"{shop.customer_path}/access") == before


async def test_the_audit_log_can_be_asked_about_one_thing(stage: Stage, shop: Shop) -> None:
    await stage.bind(shop, "77")
    resource = f"customer:{shop.customer}"

    entries = await stage.read(f"{shop.root}/audit", params={"resource": resource})

    assert {it["resource"] for it in entries} == {resource}
    assert {"customer.saved", "identity.bound"} <= {it["action"] for it in entries}


async def test_whoever_reads_the_log_learns_who_bound_sold_and_looked_and_why(
    stage: Stage, shop: Shop
) -> None:
    urls = {"success_url": "https://example.com/a", "cancel_url": "https://example.com/b"}
    sold = {"customer": shop.customer, "plan": shop.plan, "reason": "sold", **urls}

    bound = {"person": "77", "reason": "known by phone"}
    await stage.ask("PUT", f"{shop.customer_path}/identities/telegram", bound)
    await stage.made(f"{shop.root}/checkouts", **sold)
    await stage.made(f"{shop.root}/channels/{shop.channel}/inspect")

    entries = {it["action"]: it for it in await stage.read(f"{shop.root}/audit")}
    expected = {
        "identity.bound": "known by phone",
        "checkout.opened": "sold",
        "inspection.asked": "asked for through the API",
    }
    assert {it: entries[it]["details"]["reason"] for it in expected} == expected
    assert {entries[it]["actor"] for it in expected} == {"api"}


async def test_a_request_is_named_in_all_that_follows_from_it(stage: Stage, shop: Shop) -> None:
    named = {"X-Request-Id": "my-request-1"}
    await stage.bind(shop, "77")

    await stage.ask("POST", f"{shop.customer_path}/grants", {"reason": "a gift"}, headers=named)
    await stage.ask("PATCH", shop.root, {"name": "Mine"}, headers=named)

    audit = await stage.read(f"{shop.root}/audit")
    mine = {it["action"] for it in audit if it["correlation"] == "my-request-1"}
    assert {"grant.given", "organization.saved"} <= mine
    timeline = await stage.read(f"{shop.customer_path}/timeline")
    [admits] = [it for it in timeline if (it["source"], it["kind"]) == ("command", "admit")]
    assert admits["details"]["correlation"] == "my-request-1"


async def test_a_brake_that_is_not_engaged_can_not_be_released(stage: Stage, shop: Shop) -> None:
    path = f"{shop.root}/channels/{shop.channel}/release-brake"

    answer = await stage.ask("POST", path, {"reason": "looked at"})

    assert answer.status_code == 404
