from datetime import timedelta
from typing import cast

import pytest
from stripe.params.checkout import SessionCreateParams

from solynk.adapters.stripe.orders import idempotency_key, session
from solynk.contract_tests.payments import an_order
from solynk.core.instants import DAY, Interval
from solynk.core.money import Money
from solynk.ports.payments import Order
from tests.adapters.stripe.payloads import START

END_OF_PAGE = START + DAY


def an_order_here(
    *,
    interval: Interval = Interval.MONTH,
    trial_days: int = 0,
    access_days: int | None = None,
    price: Money = Money(1500, "EUR"),  # noqa: B008 - a frozen value
    email: str | None = "ann@example.com",
    locale: str = "en",
) -> Order:
    return an_order(
        expires_at=END_OF_PAGE,
        account="acct_1",
        interval=interval,
        trial_days=trial_days,
        access_days=access_days,
        price=price,
        email=email,
        locale=locale,
    )


def written(params: SessionCreateParams) -> dict[str, str]:
    """The session's metadata; the SDK's type allows for its own objects as well."""
    return cast("dict[str, str]", params.get("metadata"))


def test_a_subscription_carries_our_ids_wherever_they_must_come_back() -> None:
    params = session(an_order_here())

    assert params.get("mode") == "subscription"
    assert params.get("metadata") == params.get("subscription_data", {}).get("metadata")
    assert "payment_intent_data" not in params
    assert params.get("client_reference_id") == "cu_1"


def test_the_product_names_the_plan_because_an_inline_price_can_not() -> None:
    (line,) = session(an_order_here()).get("line_items", [])

    product = line.get("price_data", {}).get("product_data", {})
    assert product.get("metadata") == {"solynk_plan": "pl_1"}


def test_a_pass_carries_what_it_gives() -> None:
    params = session(an_order_here(interval=Interval.ONE_TIME, access_days=30))

    assert params.get("mode") == "payment"
    assert params.get("metadata") == params.get("payment_intent_data", {}).get("metadata")
    assert written(params).get("solynk_access_days") == "30"
    assert "subscription_data" not in params


def test_access_for_life_is_written_as_such() -> None:
    params = session(an_order_here(interval=Interval.ONE_TIME))

    assert written(params).get("solynk_access_days") == "forever"


def test_metadata_keys_are_as_short_as_stripe_wants_them() -> None:
    params = session(an_order_here(interval=Interval.ONE_TIME))

    assert all(len(key) <= 40 for key in written(params))


def test_a_trial_is_asked_for_only_where_there_is_one() -> None:
    with_trial = session(an_order_here(trial_days=7)).get("subscription_data", {})
    without = session(an_order_here()).get("subscription_data", {})

    assert with_trial.get("trial_period_days") == 7
    assert "trial_period_days" not in without


@pytest.mark.parametrize(
    ("interval", "unit", "count"),
    [
        (Interval.DAY, "day", 1),
        (Interval.WEEK, "week", 1),
        (Interval.MONTH, "month", 1),
        (Interval.QUARTER, "month", 3),
        (Interval.YEAR, "year", 1),
    ],
)
def test_an_interval_in_stripes_words(interval: Interval, unit: str, count: int) -> None:
    (line,) = session(an_order_here(interval=interval)).get("line_items", [])

    recurring = line.get("price_data", {}).get("recurring")
    assert recurring == {"interval": unit, "interval_count": count}


@pytest.mark.parametrize(
    "price", [Money(500, "JPY"), Money(5000, "KWD"), Money(1500, "EUR"), Money(500, "UGX")]
)
def test_money_is_sent_in_minor_units(price: Money) -> None:
    (line,) = session(an_order_here(price=price)).get("line_items", [])

    sent = line.get("price_data", {})
    assert (sent.get("unit_amount"), sent.get("currency")) == (price.minor, price.currency.lower())


@pytest.mark.parametrize(
    ("wanted", "spoken"),
    [
        ("en", "en"),
        ("fr-CA", "fr-CA"),
        ("fr-BE", "fr"),
        ("pt_BR", "pt-BR"),
        ("de_AT", "de"),
        ("tlh", "auto"),
        ("", "auto"),
    ],
)
def test_the_page_speaks_the_nearest_language(wanted: str, spoken: str) -> None:
    assert session(an_order_here(locale=wanted)).get("locale") == spoken


def test_a_buyer_without_an_email_types_it_at_the_page() -> None:
    assert "customer_email" not in session(an_order_here(email=None))
    assert session(an_order_here()).get("customer_email") == "ann@example.com"


def test_the_page_ends_a_little_before_the_order_since_clocks_differ() -> None:
    expires_at = session(an_order_here()).get("expires_at")

    assert expires_at == int((END_OF_PAGE - timedelta(minutes=1)).timestamp())


@pytest.mark.parametrize(
    "never", ["payment_method_types", "application_fee_amount", "transfer_data", "on_behalf_of"]
)
def test_what_is_never_sent(never: str) -> None:
    assert never not in repr(session(an_order_here()))


def test_one_order_is_one_call() -> None:
    assert session(an_order_here()) == session(an_order_here())
    assert idempotency_key(an_order_here()) == idempotency_key(an_order_here(email=None))
