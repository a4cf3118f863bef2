"""Calls to the sandbox through the SDK: what is sent, what is read, and what goes wrong."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import pytest
from stripe import RequestOptions

from solynk.adapters.stripe.client import connect
from solynk.adapters.stripe.provider import StripeProvider
from solynk.contract_tests.payments import an_order
from solynk.core.instants import DAY, HOUR, Interval
from solynk.core.ledger import Ledger
from solynk.core.money import Money
from solynk.core.policies import AccessPolicy
from solynk.core.standing import Active, Expired
from solynk.ports.errors import NeedsHuman, NotFound, Refused, Unavailable
from solynk.ports.payments import ObjectRef, RawEvent
from tests.adapters.stripe.sandbox import KEY, SECRET, Shop, Street, a_month, a_pass, subscribed

pytestmark = pytest.mark.anyio


async def test_a_page_that_is_closed_is_told_and_takes_no_money(shop: Shop) -> None:
    page = await shop.provider.open_checkout(a_month(shop))

    await shop.provider.close_checkout(shop.account, page.reference)
    await shop.apply(await shop.pass_time(timedelta(0)))

    assert [it.closed_checkout for it in shop.told] == [page.reference]
    assert (await shop.objects("checkout.session"))[0]["status"] == "expired"


@pytest.mark.parametrize("interval", [it for it in Interval if it.renews])
async def test_every_interval_is_sold_as_it_is(shop: Shop, interval: Interval) -> None:
    order = an_order(expires_at=shop.now + DAY, account=shop.account, interval=interval)
    page = await shop.provider.open_checkout(order)

    await shop.apply(await shop.pay(page))

    observed = shop.ledger.observed
    assert observed is not None
    assert observed.period is not None
    assert observed.period.end == interval.after(observed.period.start)


async def test_the_email_and_our_ids_are_at_the_provider_already(shop: Shop) -> None:
    await shop.provider.open_checkout(a_month(shop))

    (session,) = await shop.objects("checkout.session")
    assert session["customer_email"] == "ann@example.com"
    assert session["client_reference_id"] == "cu_1"
    assert session["metadata"] == {
        "solynk_organization": "org_1",
        "solynk_customer": "cu_1",
        "solynk_plan": "pl_1",
        "solynk_checkout": "chk_1",
    }


async def test_everything_that_lives_is_listed_over_many_pages_and_little_else(shop: Shop) -> None:
    first = await subscribed(shop)
    await shop.act("cancel", first)
    ended = shop.now
    await shop.pass_time(DAY)
    page = await shop.provider.open_checkout(
        an_order(expires_at=shop.now + DAY, account=shop.account, checkout_id="chk_2")
    )
    await shop.pay(page)

    before = await shop.provider.list_since(shop.account, ended - HOUR)
    after = await shop.provider.list_since(shop.account, ended + HOUR)

    assert len(before) == 2
    assert len(after) == 1
    assert ObjectRef("subscription", first) not in after


async def test_a_purchase_and_its_refund_are_found_without_their_events(shop: Shop) -> None:
    page = await shop.provider.open_checkout(a_pass(shop))
    since = shop.now
    (payment,) = await bought(shop, await shop.pay(page))
    await shop.refund(payment)
    shop.ledger = Ledger()

    listed = await shop.provider.list_since(shop.account, since)
    for ref in listed:
        await shop.read(ref)

    charge = await shop.charge_of(payment)
    assert listed == [ObjectRef("checkout.session", page.reference), ObjectRef("charge", charge)]
    assert isinstance(shop.standing(AccessPolicy(renews=False)), Expired)


async def test_a_debit_found_without_its_events_begins_when_the_money_arrived(shop: Shop) -> None:
    page = await shop.provider.open_checkout(a_pass(shop))
    events = [*await shop.pay(page, "delayed"), *await shop.pass_time(6 * DAY)]
    await shop.pass_time(2 * DAY)

    await shop.read(ObjectRef("checkout.session", page.reference))

    read = shop.ledger.payments
    shop.ledger = Ledger()
    await shop.apply(events)
    assert read == shop.ledger.payments
    assert len(read) == 1


async def test_what_was_bought_or_given_back_before_is_not_listed(shop: Shop) -> None:
    (payment,) = await bought(shop, await shop.pay(await shop.provider.open_checkout(a_pass(shop))))
    await shop.refund(payment)
    await shop.pass_time(2 * DAY)

    assert list(await shop.provider.list_since(shop.account, shop.now)) == []


async def test_a_charge_with_many_reversals_is_listed_once(shop: Shop) -> None:
    (payment,) = await bought(shop, await shop.pay(await shop.provider.open_checkout(a_pass(shop))))
    charge = await shop.charge_of(payment)
    for _ in range(2):
        await shop.act("refund", charge, amount=100)
    await shop.act("dispute", charge)

    listed = await shop.provider.list_since(shop.account, shop.now - DAY)

    assert listed.count(ObjectRef("charge", charge)) == 1


async def test_an_invoice_of_many_lines_pays_for_its_period(shop: Shop) -> None:
    subscription = await subscribed(shop)
    await upgraded(shop, subscription, times=6)
    observed = shop.ledger.observed
    assert observed is not None
    assert observed.period is not None

    await shop.apply(await shop.pass_time(observed.period.end - shop.now + 2 * HOUR))

    invoice = (await shop.objects("invoice"))[-1]
    renewed = shop.ledger.observed
    assert invoice["lines"]["has_more"]
    assert renewed is not None
    assert (renewed.paid, renewed.paid_by) == (True, invoice["id"])
    assert shop.ledger.payments[invoice["id"]].cover == renewed.period
    assert isinstance(shop.standing(), Active)


async def test_the_plan_is_named_by_the_product_that_the_checkout_made(shop: Shop) -> None:
    await subscribed(shop)

    observed = shop.ledger.observed
    assert observed is not None
    assert observed.plan == "pl_1"


def test_a_provider_shows_no_secret() -> None:
    provider = StripeProvider(connect("sk_test_of_someone"), ("whsec_hidden",))

    assert "whsec_hidden" not in repr(provider)
    assert "sk_test_of_someone" not in repr(provider)


async def bought(shop: Shop, events: Sequence[RawEvent]) -> Iterable[str]:
    """The payments once the events were applied."""
    await shop.apply(events)
    return shop.ledger.payments.keys()


async def upgraded(shop: Shop, subscription: str, *, times: int) -> None:
    """As many changes of price in the middle of the period, each with a credit and a charge."""
    stripe, there = shop.provider.client.v1, RequestOptions(stripe_account=shop.account)
    product = await stripe.products.create_async({"name": "Inner circle"}, there)
    (item,) = (await shop.objects("subscription"))[0]["items"]["data"]
    for more in range(times):
        price = await stripe.prices.create_async(
            {
                "product": product.id,
                "currency": "eur",
                "unit_amount": 1600 + more,
                "recurring": {"interval": "month"},
            },
            there,
        )
        await stripe.subscriptions.update_async(
            subscription, {"items": [{"id": item["id"], "price": price.id}]}, there
        )
        await shop.apply(await shop.pass_time(HOUR))


async def test_a_subscription_of_another_account_is_not_found(shop: Shop) -> None:
    subscription = await subscribed(shop)
    await shop.control.post("/sandbox/stripe/accounts", json={"id": "acct_other"})

    with pytest.raises(NotFound):
        await shop.provider.fetch("acct_other", ObjectRef("subscription", subscription))


async def test_a_charge_is_found_by_its_payment_intent_and_by_its_customer(shop: Shop) -> None:
    subscription = await subscribed(shop)
    charge = (await shop.objects("charge"))[0]

    by_charge = await shop.provider.fetch(shop.account, ObjectRef("charge", charge["id"]))
    by_intent = await shop.provider.fetch(
        shop.account, ObjectRef("payment_intent", charge["payment_intent"])
    )
    by_customer = await shop.provider.fetch(shop.account, ObjectRef("customer", charge["customer"]))

    assert by_charge == by_intent
    assert by_customer == b'{"subscriptions":["%b"]}' % subscription.encode()


async def test_a_creator_who_disconnects_is_told_once_and_refuses_us(shop: Shop) -> None:
    subscription = await subscribed(shop)

    await shop.apply(await shop.disconnect())

    assert any(it.disconnected for it in shop.told)
    for call in (
        shop.provider.fetch(shop.account, ObjectRef("subscription", subscription)),
        shop.provider.list_since(shop.account, shop.now),
        shop.provider.reach(shop.account),
        shop.provider.open_checkout(a_month(shop)),
        shop.provider.close_checkout(shop.account, "cs_1"),
    ):
        with pytest.raises(NeedsHuman):
            await call
    assert isinstance(shop.standing(), Active)


async def test_a_creator_who_cannot_take_payments_needs_a_human(shop: Shop) -> None:
    await shop.settings(charges_enabled=False)

    with pytest.raises(NeedsHuman):
        await shop.provider.open_checkout(a_month(shop))


async def test_a_key_that_is_not_accepted_needs_a_human_and_is_not_quoted(
    shop: Shop, street: Street
) -> None:
    key = "rk_test_unknown_to_the_sandbox"
    client = connect(key, base_url=street.sandbox.base_url, http=street.http)
    stranger = StripeProvider(client, (SECRET,))

    with pytest.raises(NeedsHuman) as error:
        await stranger.open_checkout(a_month(shop))

    assert key not in str(error.value)
    assert "req_" in str(error.value)


async def test_too_many_requests_are_unavailable_for_as_long_as_stripe_wishes(shop: Shop) -> None:
    await shop.fault("rate_limit", retry_after=7)

    with pytest.raises(Unavailable) as error:
        await shop.provider.fetch(shop.account, ObjectRef("subscription", "sub_1"))

    assert error.value.retry_after == timedelta(seconds=7)


async def test_nobody_at_home_is_unavailable(street: Street) -> None:
    client = connect(KEY, base_url="http://127.0.0.1:1", http=street.http)
    nowhere = StripeProvider(client, (SECRET,))

    with pytest.raises(Unavailable):
        await nowhere.fetch("acct_1", ObjectRef("subscription", "sub_1"))


async def test_stars_are_not_sold_here(shop: Shop) -> None:
    order = an_order(expires_at=shop.now + DAY, account=shop.account, price=Money(100, "XTR"))

    with pytest.raises(Refused):
        await shop.provider.open_checkout(order)


async def test_an_order_without_end_is_refused(shop: Shop) -> None:
    order = an_order(expires_at=shop.now + 3 * DAY, account=shop.account)

    with pytest.raises(Refused) as error:
        await shop.provider.open_checkout(order)

    assert "expires_at" in str(error.value)


async def test_one_checkout_id_with_another_price_is_refused(shop: Shop) -> None:
    expires_at = shop.now + DAY
    await shop.provider.open_checkout(an_order(expires_at=expires_at, account=shop.account))

    with pytest.raises(Refused):
        await shop.provider.open_checkout(
            an_order(expires_at=expires_at, account=shop.account, price=Money(1, "EUR"))
        )


@pytest.mark.parametrize("fault", ["error_before", "error_after", "cut_before", "cut_after"])
async def test_a_call_that_fails_once_makes_one_page(shop: Shop, fault: str) -> None:
    await shop.fault(fault, path="/v1/checkout/sessions", times=1)

    page = await shop.provider.open_checkout(a_month(shop))

    assert [it["id"] for it in await shop.objects("checkout.session")] == [page.reference]


async def test_an_outage_is_unavailable_and_the_next_call_gives_the_page(shop: Shop) -> None:
    order = a_month(shop)
    await shop.fault("error_after", path="/v1/checkout/sessions", times=3)

    with pytest.raises(Unavailable):
        await shop.provider.open_checkout(order)
    page = await shop.provider.open_checkout(order)

    assert [it["id"] for it in await shop.objects("checkout.session")] == [page.reference]
