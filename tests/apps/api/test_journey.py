import pytest

from solynk.apps.api import access
from solynk.core.instants import DAY
from tests.apps.api.stage import Shop, Stage

pytestmark = pytest.mark.anyio


async def test_a_payment_lets_the_bound_person_in(stage: Stage, shop: Shop) -> None:
    await stage.bind(shop, "77")

    answer = await stage.pays(shop)
    await stage.drain()
    [invited] = await stage.read(f"{shop.customer_path}/access")
    stage.platform.asks_to_join("chat-of-atelier", "77")
    await stage.drain()

    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert (invited["state"], invited["situation"]) == ("pending", "invited")
    [inside] = await stage.read(f"{shop.customer_path}/access")
    assert (inside["state"], inside["desired"]) == ("granted", "in")
    assert "77" in stage.platform.chats["chat-of-atelier"].members


async def test_a_block_takes_the_person_out(stage: Stage, shop: Shop) -> None:
    await stage.bind(shop, "77")
    await stage.pays(shop)
    await stage.drain()
    stage.platform.asks_to_join("chat-of-atelier", "77")
    await stage.drain()

    block = await stage.made(f"{shop.customer_path}/blocks", reason="spam")
    await stage.drain()
    [outside] = await stage.read(f"{shop.customer_path}/access")
    path = f"{shop.customer_path}/blocks/{block['id']}"
    lifted = await stage.ask("DELETE", path, params={"reason": "a mistake"})
    [again] = await stage.read(f"{shop.customer_path}/access")

    assert outside["state"] == "revoked"
    assert "77" not in stage.platform.chats["chat-of-atelier"].members
    assert lifted.status_code == 204
    assert again["desired"] == "in"


async def test_a_grant_opens_and_its_withdrawal_closes(stage: Stage, shop: Shop) -> None:
    await stage.bind(shop, "77")
    until = (await stage.clock.now() + 30 * DAY).isoformat()
    scope = {"type": "channel", "channel": shop.channel}

    grant = await stage.made(
        f"{shop.customer_path}/grants", reason="a gift", scope=scope, until=until
    )
    [given] = await stage.read(f"{shop.customer_path}/access")
    path = f"{shop.customer_path}/grants/{grant['id']}"
    withdrawn = await stage.ask("DELETE", path, params={"reason": "given twice"})
    [taken] = await stage.read(f"{shop.customer_path}/access")

    assert given["desired"] == "in"
    assert withdrawn.status_code == 204
    assert taken["desired"] == "out"


async def test_the_explanation_is_in_the_language_that_was_asked_for(
    stage: Stage, shop: Shop
) -> None:
    await stage.pays(shop)
    await stage.drain()
    path = f"{shop.customer_path}/access"

    [english] = await stage.read(path)
    [french] = await stage.read(path, headers={"Accept-Language": "de, fr-CA;q=0.8, en;q=0.5"})

    assert english["situation"] == french["situation"] == "waits_for_claim"
    assert english["sentence"] != french["sentence"]
    assert english["facts"]


async def test_the_timeline_says_where_it_did_not_search(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.bind(shop, "77")
    await stage.pays(shop)
    await stage.drain()
    path = f"{shop.customer_path}/timeline"
    whole = await stage.read(path)
    monkeypatch.setattr(access, "SEARCHED", 1)

    cut = await stage.read(path)

    assert "truncated" not in [it["kind"] for it in whole]
    [told] = [it for it in cut if it["kind"] == "truncated"]
    assert "not shown" in told["details"]["words"]
    assert len([it for it in cut if it["source"] == "command"]) <= 2


async def test_the_timeline_tells_all_that_happened_the_newest_first(
    stage: Stage, shop: Shop
) -> None:
    await stage.bind(shop, "77")
    await stage.pays(shop)
    await stage.drain()

    entries = await stage.read(f"{shop.customer_path}/timeline")
    few = await stage.read(f"{shop.customer_path}/timeline", params={"limit": 2})

    assert {it["source"] for it in entries} == {"fact", "event", "command", "audit"}
    assert entries == sorted(entries, key=lambda it: (it["at"], it["id"]), reverse=True)
    assert few == entries[:2]
    assert {"payment", "observed"} <= {it["kind"] for it in entries}


async def test_a_claim_link_binds_whoever_opens_it(stage: Stage, shop: Shop) -> None:
    await stage.pays(shop)
    await stage.drain()

    link = await stage.made(f"{shop.customer_path}/claim-link", platform="telegram")
    stage.platform.starts("77", link["url"].rpartition("=")[2].rpartition("/")[2])
    await stage.drain()

    [access] = await stage.read(f"{shop.customer_path}/access")
    assert access["situation"] == "invited"


async def test_a_second_checkout_is_the_first_one(stage: Stage, shop: Shop) -> None:
    wanted = {
        "customer": shop.customer,
        "plan": shop.plan,
        "success_url": "https://example.com/a",
        "cancel_url": "https://example.com/b",
    }

    first = await stage.made(f"{shop.root}/checkouts", **wanted)
    second = await stage.made(f"{shop.root}/checkouts", **wanted)

    assert first == second
    assert first["url"]
