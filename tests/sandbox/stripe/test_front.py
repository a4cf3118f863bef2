import asyncio

import httpx
import pytest
from stripe import (
    APIConnectionError,
    APIError,
    AuthenticationError,
    HTTPXClient,
    IdempotencyError,
    InvalidRequestError,
    RateLimitError,
    StripeClient,
)
from stripe import (
    PermissionError as NoAccess,
)

from tests.sandbox.stripe.play import MARKS, Play, ids

pytestmark = MARKS


async def test_the_same_key_gets_the_same_answer(play: Play) -> None:
    there = play.keyed("order-1")

    first = await play.stripe.v1.products.create_async({"name": "Club"}, there)
    again = await play.stripe.v1.products.create_async({"name": "Club"}, there)

    assert first.id == again.id
    assert first.last_response is not None
    assert again.last_response is not None
    assert "idempotent-replayed" not in first.last_response.headers
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert again.last_response.headers["request-id"] != first.last_response.headers["request-id"]


async def test_the_same_key_for_something_else_is_an_error(play: Play) -> None:
    there = play.keyed("order-1")
    await play.stripe.v1.products.create_async({"name": "Club"}, there)

    with pytest.raises(IdempotencyError):
        await play.stripe.v1.products.create_async({"name": "Pub"}, there)


async def test_a_key_is_an_accounts_own_and_is_forgotten_after_a_day(play: Play) -> None:
    other = (await play.do("/sandbox/stripe/accounts"))["id"]

    here = await play.stripe.v1.products.create_async({"name": "Club"}, play.keyed("order-1"))
    elsewhere = await play.stripe.v1.products.create_async(
        {"name": "Club"}, {"stripe_account": other, "idempotency_key": "order-1"}
    )
    await play.advance(hours=25)
    later = await play.stripe.v1.products.create_async({"name": "Club"}, play.keyed("order-1"))

    assert len({here.id, elsewhere.id, later.id}) == 3


async def test_a_refused_request_does_not_use_up_its_key(play: Play) -> None:
    there = play.keyed("order-1")

    with pytest.raises(InvalidRequestError):
        await play.stripe.v1.products.create_async({"name": ""}, there)

    assert (await play.stripe.v1.products.create_async({"name": "Club"}, there)).name == "Club"


async def test_the_answer_repeats_version_account_and_request_id(play: Play) -> None:
    product = await play.stripe.v1.products.create_async({"name": "Club"}, play.there)

    assert product.last_response is not None
    headers = product.last_response.headers
    assert headers["stripe-version"] == "2026-10-28.endive"
    assert headers["stripe-account"] == play.account
    assert headers["request-id"].startswith("req_")


async def test_pages_are_walked_by_cursor(play: Play) -> None:
    made = [
        (await play.stripe.v1.customers.create_async({"name": str(n)}, play.there)).id
        for n in range(25)
    ]

    first = await play.stripe.v1.customers.list_async({"limit": 10}, play.there)
    walked = [one.id async for one in first.auto_paging_iter()]
    before = await play.stripe.v1.customers.list_async(
        {"limit": 5, "ending_before": walked[10]}, play.there
    )

    assert first.has_more
    assert walked == made[::-1]
    assert ids(before) == walked[5:10]


async def test_what_is_missing_or_misspelt_is_told_as_stripe_tells_it(play: Play) -> None:
    with pytest.raises(InvalidRequestError) as missing:
        await play.stripe.v1.customers.retrieve_async("cus_nobody", {}, play.there)
    await play.a_price()
    with pytest.raises(InvalidRequestError, match="cannot be expanded"):
        await play.stripe.v1.products.list_async({"expand": ["data.nothing"]}, play.there)
    with pytest.raises(InvalidRequestError, match="Unrecognized request URL"):
        await play.raw("get", "/v1/nothing")

    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")
    assert str(missing.value.request_id).startswith("req_")


async def test_keys_and_accounts_are_checked(play: Play) -> None:
    await play.do("/sandbox/stripe/settings", revoked_keys=["sk_test_gone"])

    for key in ("sk_test_gone", "sk_other"):
        with pytest.raises(AuthenticationError):
            await play.stripe.v1.products.list_async({}, {"api_key": key})
    with pytest.raises(NoAccess) as unknown:
        await play.stripe.v1.products.list_async({}, {"stripe_account": "acct_nobody"})

    # the SDK leaves `.code` empty on this class
    assert "account_invalid" in str(unknown.value.http_body)


async def test_a_key_may_come_as_a_user_name(play: Play) -> None:
    read = await play.http.get("/v1/account", auth=("sk_test_sandbox", ""))
    refused = await play.http.get("/v1/account", headers={"Authorization": "Basic x"})

    assert read.json()["object"] == "account"
    assert refused.status_code == 401


async def test_a_disconnected_account_is_told_once_and_then_refused(play: Play) -> None:
    await play.do(f"/sandbox/stripe/{play.account}/deauthorize")
    await play.settle()

    with pytest.raises(NoAccess):
        await play.stripe.v1.accounts.retrieve_async(play.account)
    with pytest.raises(NoAccess):
        await play.a_price()
    assert play.receiver.kinds == ["account.application.deauthorized"]
    assert play.receiver.received[0].event["account"] == play.account


async def test_a_limited_call_is_answered_429_and_the_next_one_is_not(play: Play) -> None:
    await play.fault("rate_limit", path="/v1/products", times=1, retry_after=3)

    with pytest.raises(RateLimitError) as limited:
        await play.stripe.v1.products.list_async({}, play.there)

    assert limited.value.headers is not None
    assert limited.value.headers["retry-after"] == "3"
    assert ids(await play.stripe.v1.products.list_async({}, play.there)) == []


@pytest.mark.parametrize(
    ("kind", "error", "made"),
    [
        ("error_before", APIError, 0),
        ("error_after", APIError, 1),
        ("cut_before", APIConnectionError, 0),
        ("cut_after", APIConnectionError, 1),
    ],
)
async def test_a_failure_before_or_after_the_effect_converges_under_one_key(
    play: Play, kind: str, error: type[Exception], made: int
) -> None:
    there = play.keyed("order-1")
    await play.fault(kind, path="/v1/products", method="POST", times=1, status=503)

    with pytest.raises(error):
        await play.stripe.v1.products.create_async({"name": "Club"}, there)
    after_failure = ids(await play.stripe.v1.products.list_async({}, play.there))
    again = await play.stripe.v1.products.create_async({"name": "Club"}, there)

    assert len(after_failure) == made
    assert ids(await play.stripe.v1.products.list_async({}, play.there)) == [again.id]


async def test_the_sdks_own_retries_get_through(play: Play) -> None:
    await play.fault("error_after", path="/v1/products", times=1)
    transport = HTTPXClient(timeout=5)
    patient = StripeClient(
        "sk_test_sandbox",
        base_addresses={"api": play.world.base_url},
        http_client=transport,
        max_network_retries=2,
    )

    product = await patient.v1.products.create_async({"name": "Club"}, play.there)
    await transport.close_async()  # type: ignore[no-untyped-call]  # the SDK says nothing of it

    assert ids(await play.stripe.v1.products.list_async({}, play.there)) == [product.id]


async def test_a_slow_answer_outlasts_a_short_timeout_and_takes_effect(play: Play) -> None:
    await play.fault("slow", path="/v1/products", times=1, seconds=0.4)
    async with httpx.AsyncClient(base_url=play.world.base_url, timeout=0.1) as hasty:
        with pytest.raises(httpx.ReadTimeout):
            await hasty.post(
                "/v1/products",
                data={"name": "Club"},
                headers={"Authorization": "Bearer sk_test_x", "Stripe-Account": play.account},
            )

    await asyncio.sleep(0.6)
    products = await play.stripe.v1.products.list_async({}, play.there)

    assert len(products.data) == 1


async def test_lost_rights_are_refused_until_they_are_back(play: Play) -> None:
    await play.fault("refuse", account=play.account)

    with pytest.raises(NoAccess):
        await play.a_price()
    await play.http.delete("/sandbox/faults")

    assert await play.a_price()


async def test_both_account_apis_tell_who_may_sell(play: Play) -> None:
    await play.do(f"/sandbox/stripe/{play.account}/settings", charges_enabled=False)

    v1 = await play.stripe.v1.accounts.retrieve_async(play.account)
    v2 = await play.stripe.v2.core.accounts.retrieve_async(
        play.account, {"include": ["configuration.merchant"]}
    )
    bare = await play.stripe.v2.core.accounts.retrieve_async(play.account)

    assert not v1.charges_enabled
    assert v2["configuration"]["merchant"]["capabilities"]["card_payments"]["status"] == "pending"
    assert bare["configuration"] is None
    with pytest.raises(InvalidRequestError, match="charges"):
        await play.a_session()
    assert "account.updated" in await play.since(0)


async def test_an_account_is_created_by_v2_and_onboarded_on_its_page(play: Play) -> None:
    with pytest.raises(InvalidRequestError, match="v2/core/accounts"):
        await play.stripe.v1.accounts.create_async({"type": "standard"})

    account = await play.stripe.v2.core.accounts.create_async(
        {"display_name": "Ann", "contact_email": "ann@example.com"}
    )
    link = await play.stripe.v2.core.account_links.create_async(
        {
            "account": account.id,
            "use_case": {
                "type": "account_onboarding",
                "account_onboarding": {
                    "refresh_url": "https://club.example/again",
                    "return_url": "https://club.example/back",
                },
            },
        }
    )
    shown = await play.http.get(link.url)
    done = await play.http.post(link.url, data={"act": "finish"})

    read = await play.stripe.v1.accounts.retrieve_async(account.id)
    assert "Ann" in shown.text
    assert (done.status_code, done.headers["location"]) == (303, "https://club.example/back")
    assert read.charges_enabled


async def test_a_lookup_key_names_one_price(play: Play) -> None:
    price = await play.a_price()
    other = await play.a_price()
    await play.stripe.v1.prices.update_async(price, {"lookup_key": "monthly"}, play.there)

    with pytest.raises(InvalidRequestError):
        await play.stripe.v1.prices.update_async(other, {"lookup_key": "monthly"}, play.there)
    await play.stripe.v1.prices.update_async(
        other, {"lookup_key": "monthly", "transfer_lookup_key": True}, play.there
    )

    found = await play.stripe.v1.prices.list_async({"lookup_keys": ["monthly"]}, play.there)
    assert ids(found) == [other]


async def test_a_prices_amount_is_fixed_and_it_can_be_archived(play: Play) -> None:
    price = await play.a_price()

    with pytest.raises(InvalidRequestError):
        await play.raw("post", f"/v1/prices/{price}", unit_amount=1)
    await play.stripe.v1.prices.update_async(price, {"active": False}, play.there)

    with pytest.raises(InvalidRequestError, match="inactive"):
        await play.a_session(price=price)
