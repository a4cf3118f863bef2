from typing import Any

import pytest

from solynk.apps.container import put
from tests.apps.api.stage import NOBODY, Shop, Stage

pytestmark = pytest.mark.anyio


async def test_an_organization_has_the_installation_s_grace_until_it_sets_its_own(
    stage: Stage,
) -> None:
    made = await stage.made("/v1/organizations", name="A", slug="a")
    path = f"/v1/organizations/{made['id']}"

    changed = await stage.ask(
        "PATCH", path, {"policy": {"grace": "P3D"}, "removals_stopped": True, "reason": "a test"}
    )

    assert made["policy"]["grace"] == "P5D"
    assert changed.json() == await stage.read(path)
    assert changed.json()["policy"] == {**made["policy"], "grace": "P3D"}
    assert changed.json()["removals_stopped"] is True
    assert await stage.read("/v1/organizations") == [changed.json()]


async def test_a_payment_account_can_be_connected_and_cut(stage: Stage, shop: Shop) -> None:
    connected = await stage.ask("PATCH", shop.root, {"payment_account": "acct_2"})
    cut = await stage.ask("PATCH", shop.root, {"payment_account": None})

    assert connected.json()["payment_account"] == "acct_2"
    assert cut.json()["payment_account"] is None


async def test_a_payment_account_that_refuses_us_is_not_connected(stage: Stage, shop: Shop) -> None:
    stage.provider.disconnected.add("acct_2")

    answer = await stage.ask("PATCH", shop.root, {"payment_account": "acct_2"})

    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {
            "field": "payment_account",
            "value": "acct_2",
            "fix": "payment_account: no such connected account; connect it to your platform first",
        }
    ]
    assert (await stage.read(shop.root))["payment_account"] == "atelier"


async def test_a_taken_slug_is_a_conflict(stage: Stage) -> None:
    await stage.an_organization(slug="atelier")

    answer = await stage.ask("POST", "/v1/organizations", {"name": "B", "slug": "atelier"})

    assert answer.status_code == 409
    assert "holder" not in answer.json()


async def test_a_product_is_changed_in_part(stage: Stage, shop: Shop) -> None:
    path = f"{shop.root}/products/{shop.product}"
    opens = [{"type": "feature", "name": "hd"}, {"type": "quota", "name": "songs", "amount": 3}]

    answer = await stage.ask("PATCH", path, {"name": "Salon", "opens": opens, "status": "archived"})

    assert answer.status_code == 200
    assert answer.json() == await stage.read(path)
    assert await stage.read(f"{shop.root}/products") == [answer.json()]
    assert (answer.json()["name"], answer.json()["opens"]) == ("Salon", opens)


async def test_a_plan_is_renamed_and_taken_off_sale(stage: Stage, shop: Shop) -> None:
    path = f"{shop.root}/plans/{shop.plan}"

    answer = await stage.ask("PATCH", path, {"name": "Old", "active": False, "grace_days": 7})

    assert answer.status_code == 200
    assert answer.json() == await stage.read(path)
    assert await stage.read(f"{shop.root}/plans") == [answer.json()]
    assert (answer.json()["active"], answer.json()["grace_days"]) == (False, 7)


async def test_a_channel_s_removals_and_protected_people_can_be_set(
    stage: Stage, shop: Shop
) -> None:
    path = f"{shop.root}/channels/{shop.channel}"

    answer = await stage.ask("PATCH", path, {"removals": "shadow", "never_remove": ["7", "8"]})

    assert answer.json() == await stage.read(path)
    assert await stage.read(f"{shop.root}/channels") == [answer.json()]
    assert (answer.json()["removals"], answer.json()["never_remove"]) == ("shadow", ["7", "8"])


async def test_a_channel_is_inspected_when_it_is_asked_for(stage: Stage, shop: Shop) -> None:
    path = f"{shop.root}/channels/{shop.channel}"
    stage.platform.chats["chat-of-atelier"].bot_has_rights = False

    asked = await stage.ask("POST", f"{path}/inspect")
    await stage.drain()

    assert asked.status_code == 202
    assert (await stage.read(path))["health"] == "no_rights"


async def test_a_chat_belongs_to_one_organization(stage: Stage, shop: Shop) -> None:
    other = await stage.an_organization(slug="other")

    answer = await stage.ask(
        "POST", f"{other.root}/channels", {"platform": "telegram", "chat": "chat-of-atelier"}
    )

    assert answer.status_code == 409
    assert shop.id not in answer.text
    assert shop.channel not in answer.text


async def test_a_platform_that_is_not_set_up_is_refused(stage: Stage, shop: Shop) -> None:
    answer = await stage.ask("POST", f"{shop.root}/channels", {"platform": "discord", "chat": "1"})

    assert answer.status_code == 422
    detail = "there is no adapter for discord yet: choose another platform"
    assert answer.json()["detail"] == detail


async def test_a_bot_that_has_no_token_is_told_with_its_setting(stage: Stage, shop: Shop) -> None:
    put(stage.container.platforms, {})
    stage.container.reset_singletons()

    answer = await stage.ask("POST", f"{shop.root}/channels", {"platform": "telegram", "chat": "1"})

    assert answer.status_code == 422
    assert "set TELEGRAM_BOT_TOKEN first" in answer.json()["detail"]


async def test_customers_are_listed_a_page_at_a_time(stage: Stage, shop: Shop) -> None:
    await stage.made(f"{shop.root}/customers")
    await stage.made(f"{shop.root}/customers", email="bo@example.com", locale="fr")
    path = f"{shop.root}/customers"

    first = await stage.read(path, params={"limit": 2})
    last = await stage.read(path, params={"limit": 2, "after": first["next"]})
    everyone = await stage.read(path)

    assert [len(first["items"]), len(last["items"]), last["next"]] == [2, 1, None]
    assert first["items"] + last["items"] == everyone["items"]
    assert await stage.read(shop.customer_path) in everyone["items"]


PRICE = {"minor": 990, "currency": "EUR"}
PLAN: dict[str, Any] = {
    "product": NOBODY,
    "name": "Monthly",
    "price": PRICE,
    "interval": "month",
}


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"price": {"minor": 990, "currency": "ZZZ"}}, "price.currency", "ZZZ"),
        ({"price": {"minor": "990", "currency": "EUR"}}, "price.minor", "990"),
        ({"price": {"minor": -1, "currency": "EUR"}}, "price.minor", "-1"),
        ({"price": {"minor": 10**30, "currency": "EUR"}}, "price.minor", str(10**30)),
        ({"interval": "fortnight"}, "interval", "fortnight"),
        ({"trial_days": 731}, "trial_days", "731"),
        ({"access_days": 30}, "access_days", "30"),
        ({"grace_days": 31}, "grace_days", "31"),
        ({"product": "p"}, "product", "p"),
        ({"name": " "}, "name", " "),
        ({"name": "a\u0000b"}, "name", "a\u0000b"),
        ({"name": "line\n"}, "name", "line\n"),
        ({"colour": "red"}, "colour", "red"),
    ],
)
async def test_a_plan_of_a_wrong_form_is_refused_with_its_field_and_value(
    stage: Stage, shop: Shop, change: dict[str, Any], field: str, value: str
) -> None:
    body = {**PLAN, "product": shop.product, **change}

    answer = await stage.ask("POST", f"{shop.root}/plans", body)

    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    [error] = answer.json()["errors"]
    assert (error["field"], error["value"]) == (field, value)
    assert error["fix"]
    assert await stage.read(f"{shop.root}/plans") == [
        await stage.read(f"{shop.root}/plans/{shop.plan}")
    ]


@pytest.mark.parametrize(
    ("body", "field", "value"),
    [
        ({"policy": {"grace": "P31D"}}, "policy.grace", "P31D"),
        ({"policy": {"grace": 5}}, "policy.grace", "5"),
        ({"policy": {"grace": "five days"}}, "policy.grace", "five days"),
        ({"policy": {"renews": False}}, "policy.renews", "false"),
        ({"policy": {"verify_within": "PT1M"}}, "policy.verify_within", "PT1M"),
        ({"removals_stopped": "yes"}, "removals_stopped", "yes"),
        ({"slug": "Not a slug"}, "slug", "Not a slug"),
        ({"slug": None}, "slug", None),
        ({"id": NOBODY}, "id", NOBODY),
        ({"reason": ""}, "reason", ""),
    ],
)
async def test_an_invalid_policy_or_field_of_an_organization_is_refused(
    stage: Stage, shop: Shop, body: dict[str, Any], field: str, value: str
) -> None:
    before = await stage.read(shop.root)

    answer = await stage.ask("PATCH", shop.root, body)

    assert answer.status_code == 400, answer.text
    [error] = answer.json()["errors"]
    assert (error["field"], error["value"]) == (field, value)
    assert await stage.read(shop.root) == before


async def test_a_plan_of_an_unknown_product_is_not_found(stage: Stage, shop: Shop) -> None:
    answer = await stage.ask("POST", f"{shop.root}/plans", PLAN)

    assert answer.status_code == 404
