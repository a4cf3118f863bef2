import json
import time

import pytest
from stripe import SignatureVerificationError

from tests.sandbox.stripe.play import DAY, MARKS, SECRET, Play, ids, verify

pytestmark = MARKS


async def test_the_sdk_accepts_the_signature_over_the_raw_body(play: Play) -> None:
    await play.a_subscription()

    await play.settle()

    for one in play.receiver.received:
        verify(one, SECRET)


async def test_the_signature_time_is_real_while_the_event_time_is_virtual(play: Play) -> None:
    await play.advance(days=400)
    await play.a_subscription()

    await play.settle()

    one = play.receiver.received[-1]
    signed = int(one.headers["stripe-signature"].split(",")[0].removeprefix("t="))
    assert abs(signed - time.time()) < 60  # noqa: TID251 - wall time is what is asserted
    assert one.event["created"] - signed > 300 * DAY


async def test_a_forged_and_a_stale_signature_are_refused(play: Play) -> None:
    await play.fault("forged", path="product.created", times=1)
    await play.fault("stale", path="price.created", times=1, seconds=900)

    await play.a_price()
    await play.settle()

    for one in play.receiver.received:
        with pytest.raises(SignatureVerificationError):
            verify(one, SECRET)


async def test_while_a_secret_is_rotated_either_verifies(play: Play) -> None:
    endpoint = (await play.stripe.v1.webhook_endpoints.list_async({})).data[0]
    await play.do("/sandbox/stripe/settings", old_secrets={endpoint.id: "whsec_old"})
    await play.fault("second_secret")

    await play.a_price()
    await play.settle()

    one = play.receiver.received[0]
    for secret in (SECRET, "whsec_old"):
        verify(one, secret)


async def test_a_delivery_is_tried_until_it_is_accepted(play: Play) -> None:
    play.receiver.answers += [500, 302]

    await play.stripe.v1.products.create_async({"name": "Club"}, play.there)
    await play.settle()

    assert play.receiver.kinds == ["product.created"] * 3
    assert len({one.event["id"] for one in play.receiver.received}) == 1


async def test_a_duplicate_has_the_same_event_id(play: Play) -> None:
    await play.fault("duplicate", path="price.created", copies=2)

    await play.a_price()
    await play.settle()

    assert sorted(play.receiver.kinds) == ["price.created"] * 3 + ["product.created"]
    assert len({one["id"] for one in play.receiver.of("price.created")}) == 1


async def test_reordering_loses_nothing(play: Play) -> None:
    await play.fault("reorder", seconds=0.5)

    await play.a_subscription()
    await play.settle()

    happened = [one["id"] for one in await play.events()]
    arrived = [one.event["id"] for one in play.receiver.received]
    assert arrived != happened
    assert sorted(arrived) == sorted(happened)


async def test_a_dropped_attempt_comes_again_and_a_lost_event_does_not(play: Play) -> None:
    await play.fault("drop", path="product.created", times=2)
    await play.fault("lose", path="price.created")

    await play.a_price()
    await play.settle()

    assert play.receiver.kinds == ["product.created"]
    assert "price.created" in [one["type"] for one in await play.events()]


async def test_an_event_can_be_days_late(play: Play) -> None:
    await play.fault("delay", path="price.created", seconds=0, virtual_seconds=5 * DAY)

    await play.a_price()
    await play.settle()
    before = play.receiver.kinds
    await play.advance(days=6)

    assert before == ["product.created"]
    assert play.receiver.kinds == ["product.created", "price.created"]


async def test_an_event_can_say_the_other_livemode(play: Play) -> None:
    await play.fault("livemode", path="price.created")

    await play.a_price()
    await play.settle()

    assert [one.event["livemode"] for one in play.receiver.received] == [False, True]


async def test_events_are_listed_newest_first_and_by_their_time(play: Play) -> None:
    await play.a_price()
    await play.advance(days=1)
    noon = int(play.world.clock.now().timestamp())
    await play.a_price()

    newest = await play.stripe.v1.events.list_async({"limit": 1}, play.there)
    since = await play.stripe.v1.events.list_async({"created": {"gte": noon}}, play.there)
    prices = await play.stripe.v1.events.list_async({"types": ["price.created"]}, play.there)
    await play.advance(days=30, hours=12)
    kept = await play.stripe.v1.events.list_async({}, play.there)

    assert newest.data[0].type == "price.created"
    assert (len(since.data), len(prices.data), len(kept.data)) == (2, 2, 0)


async def test_an_event_is_retrieved_resent_and_crafted(play: Play) -> None:
    await play.stripe.v1.products.create_async({"name": "Club"}, play.there)
    event = (await play.events())[0]

    read = await play.stripe.v1.events.retrieve_async(event["id"], {}, play.there)
    await play.act("resend_event", event["id"])
    await play.do(
        f"/sandbox/stripe/{play.account}/events",
        type="made.up",
        object={"id": "x_1", "object": "x"},
    )
    await play.settle()

    assert read.type == "product.created"
    assert read.request is not None
    assert str(read.request.id).startswith("req_")
    assert play.receiver.kinds == ["product.created", "product.created", "made.up"]


async def test_endpoints_hear_what_they_asked_for(play: Play) -> None:
    own = await play.stripe.v1.webhook_endpoints.create_async(
        {
            "url": play.receiver.url,
            "enabled_events": ["price.created"],
            "api_version": "2026-10-28.endive",
        },
        play.there,
    )
    await play.a_price()
    await play.settle()

    read = await play.stripe.v1.webhook_endpoints.retrieve_async(own.id, {}, play.there)
    by_own = [one.event for one in play.receiver.received if "account" not in one.event]
    assert str(own.secret).startswith("whsec_")
    assert "secret" not in read
    assert [one["type"] for one in by_own] == ["price.created"]


async def test_a_connect_endpoint_hears_accounts_and_not_the_platform(play: Play) -> None:
    await play.stripe.v1.webhook_endpoints.create_async(
        {"url": play.receiver.url, "enabled_events": ["*"], "connect": True}
    )

    await play.stripe.v1.products.create_async({"name": "Club"}, play.there)
    await play.stripe.v1.products.create_async({"name": "The platform's own"})
    await play.settle()

    assert [one.event["account"] for one in play.receiver.received] == [play.account] * 2


async def test_an_endpoint_that_is_down_for_days_loses_the_event(play: Play) -> None:
    play.receiver.answers += [500] * 50
    await play.stripe.v1.products.create_async({"name": "Club"}, play.there)
    await play.settle()

    await play.advance(days=4)
    tried = len(play.receiver.received)
    await play.advance(days=1)

    assert len(play.receiver.received) == tried
    assert len(play.world.deliveries.given_up) == 1


async def test_another_accounts_events_and_objects_stay_there(play: Play) -> None:
    other = (await play.do("/sandbox/stripe/accounts"))["id"]
    await play.a_price()

    theirs = await play.stripe.v1.prices.list_async({}, {"stripe_account": other})
    platforms = await play.stripe.v1.prices.list_async({})

    assert (ids(theirs), ids(platforms)) == ([], [])


async def test_the_ledger_tells_what_came_in_and_what_went_out(play: Play) -> None:
    await play.stripe.v1.products.create_async({"name": "Club"}, play.there)
    await play.settle()

    rows = json.loads((await play.http.get("/sandbox/ledger", params={"vendor": "stripe"})).text)

    told = [(one["direction"], one["path"], one["account"], one["status"]) for one in rows]
    assert told == [
        ("call", "/v1/products", play.account, 200),
        ("delivery", "product.created", play.account, 200),
    ]
    assert rows[0]["params"] == {"name": "Club"}
