"""An order as the parameters of a Checkout Session.

They depend on the order alone, never on the moment of the call: a repeated call with the same
idempotency key must be the same call.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from solynk.adapters.stripe.shapes import (
    ACCESS_DAYS,
    CHECKOUT,
    CUSTOMER,
    FOREVER,
    ORGANIZATION,
    PLAN,
)
from solynk.core.instants import Interval
from solynk.ports.errors import Refused
from solynk.ports.payments import Order

if TYPE_CHECKING:
    from stripe.params.checkout import (
        SessionCreateParams,
        SessionCreateParamsLineItem,
        SessionCreateParamsLineItemPriceData,
    )

CLOCKS_APART: Final = timedelta(minutes=1)
"""A page lives for 24 hours at most by Stripe's clock, which may be behind ours."""

Unit: TypeAlias = Literal["day", "week", "month", "year"]

RECURRING: Final[Mapping[Interval, tuple[Unit, int]]] = {
    Interval.DAY: ("day", 1),
    Interval.WEEK: ("week", 1),
    Interval.MONTH: ("month", 1),
    Interval.QUARTER: ("month", 3),
    Interval.YEAR: ("year", 1),
}

LOCALES: Final = frozenset(
    """
    bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb nl
    pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW
    """.split()
)
"""docs.stripe.com/api/checkout/sessions/create#create_checkout_session-locale"""


def idempotency_key(order: Order) -> str:
    return f"solynk-checkout-{order.checkout_id}"


def session(order: Order) -> "SessionCreateParams":
    """Raises Refused."""
    if order.plan.price.currency == "XTR":
        raise Refused("stripe", "Telegram Stars are not sold through Stripe")
    metadata = _metadata(order)
    params: SessionCreateParams = {
        "mode": "payment",
        "line_items": [_line(order)],
        "client_reference_id": order.customer_id,
        "metadata": metadata,
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
        "locale": _locale(order.locale),
        "expires_at": int((order.expires_at - CLOCKS_APART).timestamp()),
    }
    if order.email is not None:
        params["customer_email"] = order.email
    if not order.plan.interval.renews:
        params["payment_intent_data"] = {"metadata": metadata}
        return params
    params["mode"] = "subscription"
    params["subscription_data"] = {"metadata": metadata}
    if order.plan.trial_days:
        params["subscription_data"]["trial_period_days"] = order.plan.trial_days
    return params


def _line(order: Order) -> "SessionCreateParamsLineItem":
    price: SessionCreateParamsLineItemPriceData = {
        "currency": order.plan.price.currency.lower(),
        "unit_amount": order.plan.price.minor,
        # A price made here takes no metadata, so that its product has to name the plan.
        "product_data": {"name": order.product_name, "metadata": {PLAN: order.plan.id}},
    }
    if order.plan.interval.renews:
        unit, count = RECURRING[order.plan.interval]
        price["recurring"] = {"interval": unit, "interval_count": count}
    return {"price_data": price, "quantity": 1}


def _metadata(order: Order) -> dict[str, str]:
    """The same on the session and on what it makes, since nothing copies it over."""
    metadata = {
        ORGANIZATION: order.organization_id,
        CUSTOMER: order.customer_id,
        PLAN: order.plan.id,
        CHECKOUT: order.checkout_id,
    }
    if not order.plan.interval.renews:
        days = order.plan.access_days
        metadata[ACCESS_DAYS] = FOREVER if days is None else str(days)
    return metadata


def _locale(wanted: str) -> str:
    """The nearest one that Checkout speaks; with none, the browser decides."""
    tag = wanted.replace("_", "-")
    return next((it for it in (tag, tag.partition("-")[0]) if it in LOCALES), "auto")
