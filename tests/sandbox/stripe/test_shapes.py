"""The sandbox's answers against the SDK's own models: what they annotate must be there."""

import typing
from typing import Any

import pytest
import stripe
from stripe import checkout

from tests.sandbox.stripe.play import MARKS, Play

pytestmark = MARKS

INCLUDED: dict[str, set[str]] = {
    "Charge": {"refunds", "level3", "radar_options", "presentment_details"},
    "Customer": {"subscriptions", "sources", "tax_ids", "tax"},
    "Invoice": {"payments"},
}
"""Nullable fields that Stripe leaves out until they are asked for, or mostly."""


def annotated(model: type[object], *, nullable: bool) -> set[str]:
    """The model's field names; which of them may be null is read off their types."""
    return {
        name
        for name, kind in model.__annotations__.items()
        if "ClassVar" not in str(kind) and (type(None) in typing.get_args(kind)) is nullable
    }


def missing(model: type[Any], answer: dict[str, Any], path: str = "") -> list[str]:
    """Paths of non-nullable fields that are absent or null, nested structures included."""
    lacking = [
        f"{path}{name}"
        for name in sorted(annotated(model, nullable=False))
        if answer.get(name) is None
    ]
    for name, kind in model.__annotations__.items():
        nested = next((k for k in (kind, *typing.get_args(kind)) if _is_nested(model, k)), None)
        if nested is not None and isinstance(answer.get(name), dict):
            lacking += missing(nested, answer[name], f"{path}{name}.")
    return lacking


def _is_nested(model: type[Any], kind: object) -> bool:
    return isinstance(kind, type) and kind.__qualname__.startswith(f"{model.__qualname__}.")


@pytest.fixture
async def everything(play: Play) -> dict[str, dict[str, Any]]:
    """One of each object, as plain JSON."""
    there, v1 = play.there, play.stripe.v1
    subscription = await play.a_subscription()
    renewed = await play.a_subscription(subscription_data={"trial_period_days": 3})
    charge = (await v1.charges.list_async({}, there)).data[0]
    refund = await v1.refunds.create_async({"charge": charge.id, "amount": 1}, there)
    dispute = await play.act("dispute", charge.id)
    invoice = await v1.invoices.retrieve_async(subscription["latest_invoice"]["id"], {}, there)
    configuration = await v1.billing_portal.configurations.create_async(
        {"features": {"invoice_history": {"enabled": True}}}, there
    )
    customer = str(subscription.customer)
    portal = await v1.billing_portal.sessions.create_async({"customer": customer}, there)
    endpoint = await v1.webhook_endpoints.create_async(
        {"url": play.receiver.url, "enabled_events": ["charge.refunded"]}, there
    )
    made = {
        "Subscription": subscription,
        "Trial": renewed,
        "SubscriptionItem": subscription["items"]["data"][0],
        "Plan": subscription["items"]["data"][0]["plan"],
        "Invoice": invoice,
        "InvoiceLineItem": invoice.lines.data[0],
        "InvoicePayment": (await v1.invoice_payments.list_async({}, there)).data[0],
        "Price": (await v1.prices.list_async({}, there)).data[0],
        "Product": (await v1.products.list_async({}, there)).data[0],
        "Session": (await v1.checkout.sessions.list_async({}, there)).data[0],
        "Charge": charge,
        "PaymentIntent": await v1.payment_intents.retrieve_async(
            str(charge.payment_intent), {}, there
        ),
        "PaymentMethod": await v1.payment_methods.retrieve_async(
            str(charge.payment_method), {}, there
        ),
        "Refund": refund,
        "Event": (await v1.events.list_async({}, there)).data[0],
        "Customer": await v1.customers.retrieve_async(customer, {}, there),
        "Account": await v1.accounts.retrieve_async(play.account),
        "WebhookEndpoint": endpoint,
        "PortalConfiguration": configuration,
        "PortalSession": portal,
    }
    return {"Dispute": dispute} | {name: one.to_dict(recursive=True) for name, one in made.items()}


MODELS: dict[str, type[Any]] = {
    "Subscription": stripe.Subscription,
    "Trial": stripe.Subscription,
    "SubscriptionItem": stripe.SubscriptionItem,
    "Plan": stripe.Plan,
    "Invoice": stripe.Invoice,
    "InvoiceLineItem": stripe.InvoiceLineItem,
    "InvoicePayment": stripe.InvoicePayment,
    "Price": stripe.Price,
    "Product": stripe.Product,
    "Session": checkout.Session,
    "Charge": stripe.Charge,
    "PaymentIntent": stripe.PaymentIntent,
    "PaymentMethod": stripe.PaymentMethod,
    "Refund": stripe.Refund,
    "Dispute": stripe.Dispute,
    "Event": stripe.Event,
    "Customer": stripe.Customer,
    "Account": stripe.Account,
    "WebhookEndpoint": stripe.WebhookEndpoint,
    "PortalConfiguration": stripe.billing_portal.Configuration,
    "PortalSession": stripe.billing_portal.Session,
}


async def test_every_field_that_can_not_be_null_is_there(
    everything: dict[str, dict[str, Any]],
) -> None:
    lacking = {name: missing(model, everything[name]) for name, model in MODELS.items()}

    assert {name: fields for name, fields in lacking.items() if fields} == {}


async def test_no_field_is_unknown_to_the_model(everything: dict[str, dict[str, Any]]) -> None:
    unknown = {
        name: set(everything[name])
        - annotated(model, nullable=True)
        - annotated(model, nullable=False)
        for name, model in MODELS.items()
    }

    assert {name: fields for name, fields in unknown.items() if fields} == {}


async def test_nothing_that_the_sandbox_keeps_for_itself_is_shown(play: Play) -> None:
    await play.a_subscription()

    listed = await play.stripe.v1.webhook_endpoints.list_async({})
    await play.settle()

    assert listed.data
    assert not any(name.startswith("_") for name in listed.data[0].to_dict())
    assert b'"_' not in b"".join(one.body for one in play.receiver.received)


async def test_the_removed_fields_are_gone(everything: dict[str, dict[str, Any]]) -> None:
    assert "current_period_end" not in everything["Subscription"]
    assert "subscription" not in everything["Invoice"]
    assert "payment_intent" not in everything["Invoice"]
    assert "invoice" not in everything["Charge"]
    assert "invoice" not in everything["PaymentIntent"]
