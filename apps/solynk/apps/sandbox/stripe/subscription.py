"""The subscription object, and the ways its status changes and ends."""

from solynk.apps.sandbox.stripe.account import Account, fresh_id
from solynk.apps.sandbox.stripe.call import as_list
from solynk.apps.sandbox.stripe.catalog import plan_of
from solynk.apps.sandbox.stripe.form import Obj
from solynk.apps.sandbox.stripe.periods import period_end

ENDED = {"canceled", "incomplete_expired"}


def new_subscription(
    account: Account, customer: Obj, lines: list[tuple[Obj, int]], *,
    metadata: Obj, trial_end: int | None = None, missing_method: str = "create_invoice",
) -> Obj:  # fmt: skip
    """Not announced: the caller does it at its place in the burst."""
    id_ = fresh_id("subscription")
    now = account.now
    first = lines[0][0]["recurring"]
    anchor = trial_end or now
    end = trial_end or period_end(anchor, now, first)
    items = [_item(account, id_, price, count, (now, end)) for price, count in lines]
    subscription = _blank(account)
    subscription.update(
        id=id_,
        billing_cycle_anchor=anchor,
        currency=lines[0][0]["currency"],
        customer=customer["id"],
        items=as_list(items, f"/v1/subscription_items?subscription={id_}"),
        metadata=dict(metadata),
        status="trialing" if trial_end else "active",
        trial_end=trial_end,
        trial_settings={"end_behavior": {"missing_payment_method": missing_method}},
        trial_start=now if trial_end else None,
    )
    return account.add(subscription)


def items_of(subscription: Obj) -> list[Obj]:
    items: list[Obj] = subscription["items"]["data"]
    return items


def current_end(subscription: Obj) -> int:
    return max(int(item["current_period_end"]) for item in items_of(subscription))


def ends_at(subscription: Obj) -> int | None:
    """When it will end by request, if that is scheduled."""
    at: int | None = subscription["cancel_at"]
    if at is None and subscription["cancel_at_period_end"]:
        return current_end(subscription)
    return at


def change(account: Account, subscription: Obj, new: Obj) -> None:
    """Set fields and announce what they were before."""
    before = {name: subscription[name] for name in new if subscription[name] != new[name]}
    subscription.update(new)
    account.emit("customer.subscription.updated", subscription, before)


def end(account: Account, subscription: Obj, reason: str, comment: str = "") -> None:
    """Over for good: `canceled`, announced as deleted."""
    now = account.now
    subscription.update(
        status="canceled",
        ended_at=now,
        canceled_at=subscription["canceled_at"] or now,
        cancellation_details={
            "comment": comment or None,
            "feedback": None,
            "reason": reason,
        },
    )
    for name in ("period", "cancel", "reminder"):
        account.call_off(f"{subscription['id']}:{name}")
    for invoice in account.every("invoice"):
        if invoice["parent"]["subscription_details"]["subscription"] == subscription["id"]:
            account.call_off(f"{invoice['id']}:collect")
            invoice["next_payment_attempt"] = None
    account.emit("customer.subscription.deleted", subscription)


def _item(account: Account, id_: str, price: Obj, count: int, period: tuple[int, int]) -> Obj:
    return {
        "id": fresh_id("subscription_item"),
        "object": "subscription_item",
        "billed_until": None,
        "billing_thresholds": None,
        "created": account.now,
        "current_period_end": period[1],
        "current_period_start": period[0],
        "discounts": [],
        "metadata": {},
        "plan": plan_of(price),
        "price": price,
        "quantity": count,
        "subscription": id_,
        "tax_rates": [],
    }


def _blank(account: Account) -> Obj:
    return {
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
        },
        "billing_cycle_anchor_config": None,
        "billing_mode": {"type": "flexible", "flexible": {}, "updated_at": None},
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": account.now,
        "customer_account": None,
        "days_until_due": None,
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "latest_invoice": None,
        "livemode": account.livemode,
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": account.now,
        "status_details": None,
        "test_clock": None,
        "transfer_data": None,
    }
