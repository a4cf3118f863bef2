"""Subscriptions as the API sees them."""

from solynk.apps.sandbox.stripe.account import Account
from solynk.apps.sandbox.stripe.billing import period_lines, schedule
from solynk.apps.sandbox.stripe.call import Call, Route, listed
from solynk.apps.sandbox.stripe.catalog import plan_of
from solynk.apps.sandbox.stripe.collection import finalize_and_collect
from solynk.apps.sandbox.stripe.form import (
    Obj,
    flag,
    merged_metadata,
    rows,
    shown,
    text,
    tree,
    whole,
)
from solynk.apps.sandbox.stripe.invoices import new_invoice, new_line
from solynk.apps.sandbox.stripe.periods import period_end
from solynk.apps.sandbox.stripe.problems import invalid, missing
from solynk.apps.sandbox.stripe.subscription import (
    ENDED,
    change,
    current_end,
    end,
    items_of,
)


def cancel_at_period_end(account: Account, subscription: Obj) -> None:
    """What the portal does under flexible billing: the date alone, no flag."""
    new = {
        "cancel_at": current_end(subscription),
        "canceled_at": account.now,
        "cancellation_details": _requested(),
    }
    change(account, subscription, new)
    schedule(account, subscription)


def keep(account: Account, subscription: Obj) -> None:
    """Take a scheduled cancellation back."""
    change(account, subscription, _kept())
    schedule(account, subscription)


def cancel_now(account: Account, subscription: Obj, comment: str = "") -> None:
    end(account, subscription, "cancellation_requested", comment)


def _update(call: Call) -> Obj:
    account, params = call.account, call.params
    subscription = account.get("subscription", call.id)
    if subscription["status"] in ENDED:
        raise invalid(
            "A canceled subscription can only update its cancellation_details and metadata.",
        )
    new = {**_cancellation(account, subscription, params), **_settings(subscription, params)}
    before = shown({k: subscription[k] for k in new if subscription[k] != new[k]})
    subscription.update(new)
    for row in rows(params, "items"):
        before |= _change_item(account, subscription, row, params)
    if before:
        account.emit("customer.subscription.updated", subscription, before)
    schedule(account, subscription)
    _resume_collection_later(account, subscription)
    return subscription


def _resume_collection_later(account: Account, subscription: Obj) -> None:
    pause, key = subscription["pause_collection"], f"{subscription['id']}:resume"
    account.call_off(key)
    if pause and pause["resumes_at"]:
        account.book(
            key,
            pause["resumes_at"],
            f"collection resumes {subscription['id']}",
            lambda: change(account, subscription, {"pause_collection": None}),
        )


def _cancellation(account: Account, subscription: Obj, params: Obj) -> Obj:
    if "cancel_at_period_end" in params:
        if not flag(params, "cancel_at_period_end"):
            return _kept()
        at: int | None = current_end(subscription)
        through_flag = True
    elif "cancel_at" in params:
        at, through_flag = _cancel_at(account, subscription, params), False
    else:
        return {}
    if at is None:
        return _kept()
    return {
        "cancel_at": at,
        "cancel_at_period_end": through_flag,
        "canceled_at": account.now,
        "cancellation_details": _requested(),
    }


def _cancel_at(account: Account, subscription: Obj, params: Obj) -> int | None:
    if params["cancel_at"] in {"min_period_end", "max_period_end", "max_billed_until"}:
        return current_end(subscription)
    at = whole(params, "cancel_at")
    if at is not None and at <= account.now:
        raise invalid("cancel_at must be in the future.", "cancel_at")
    return at


def _kept() -> Obj:
    return {
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
    }


def _requested() -> Obj:
    return {"comment": None, "feedback": None, "reason": "cancellation_requested"}


def _settings(subscription: Obj, params: Obj) -> Obj:
    new: Obj = {}
    if "metadata" in params:
        new["metadata"] = merged_metadata(subscription["metadata"], params)
    if "pause_collection" in params:
        new["pause_collection"] = _pause(tree(params, "pause_collection"))
    return new


def _pause(params: Obj) -> Obj | None:
    if not params:
        return None
    return {"behavior": text(params, "behavior"), "resumes_at": whole(params, "resumes_at")}


def _change_item(account: Account, subscription: Obj, row: Obj, params: Obj) -> Obj:
    """Put another price on an item; a new interval starts a new period at once."""
    item = _item(subscription, text(row, "id"))
    before = {"items": {"data": [shown(item)]}}
    price = account.get("price", text(row, "price") or item["price"]["id"], "items[0][price]")
    old = item["price"]
    item["quantity"] = whole(row, "quantity") or item["quantity"]
    item["price"], item["plan"] = price, plan_of(price)
    behavior = text(params, "proration_behavior", "create_prorations")
    credit = _prorated(account, item, old, sign=-1) if behavior != "none" else []
    if price["recurring"] != old["recurring"]:
        _restart(account, subscription, price)
        _invoice_now(account, subscription, credit + period_lines(account, subscription))
    elif behavior == "always_invoice":
        lines = credit + _prorated(account, item, price, sign=1)
        _invoice_now(account, subscription, lines)
    elif behavior != "none":
        lines = credit + _prorated(account, item, price, sign=1)
        account.prorations.setdefault(subscription["id"], []).extend(lines)
    return before


def _item(subscription: Obj, id_: str) -> Obj:
    """Without an id the SDK would add an item; one-item subscriptions suffice here."""
    for item in items_of(subscription):
        if item["id"] == id_:
            return item
    raise missing("subscription_item", id_, "items[0][id]")


def _prorated(account: Account, item: Obj, price: Obj, *, sign: int) -> list[Obj]:
    start, over = item["current_period_start"], item["current_period_end"]
    whole_amount = price["unit_amount"] * item["quantity"]
    amount = sign * round(whole_amount * (over - account.now) / (over - start))
    return [new_line(account, item, price, amount, (account.now, over), proration=True)]


def _restart(account: Account, subscription: Obj, price: Obj) -> None:
    now = account.now
    subscription["billing_cycle_anchor"] = now
    for item in items_of(subscription):
        item["current_period_start"] = now
        item["current_period_end"] = period_end(now, now, price["recurring"])


def _invoice_now(account: Account, subscription: Obj, lines: list[Obj]) -> None:
    invoice = new_invoice(account, subscription, "subscription_update", lines)
    finalize_and_collect(account, invoice)


def _cancel(call: Call) -> Obj:
    subscription = call.account.get("subscription", call.id)
    if subscription["status"] in ENDED:
        raise missing("subscription", call.id)
    comment = text(tree(call.params, "cancellation_details"), "comment")
    cancel_now(call.account, subscription, comment)
    return subscription


def _resume(call: Call) -> Obj:
    account = call.account
    subscription = account.get("subscription", call.id)
    if subscription["status"] != "paused":
        raise invalid("This subscription is not paused.")
    price = items_of(subscription)[0]["price"]
    _restart(account, subscription, price)
    subscription["status_details"] = None
    change(account, subscription, {"status": "active"})
    account.emit("customer.subscription.resumed", subscription)
    _invoice_now(account, subscription, period_lines(account, subscription))
    schedule(account, subscription)
    return subscription


def _pause_now(call: Call) -> Obj:
    account = call.account
    subscription = account.get("subscription", call.id)
    subscription["status_details"] = {"paused": {"subscription": {"type": "pause_requested"}}}
    change(account, subscription, {"status": "paused"})
    account.emit("customer.subscription.paused", subscription)
    schedule(account, subscription)
    return subscription


def _list(call: Call) -> Obj:
    """Ended ones are left out unless they are asked for."""
    status = text(call.params, "status")
    customer = text(call.params, "customer")
    price = text(call.params, "price")

    def wanted(one: Obj, _: Obj) -> bool:
        return (
            _status_as_asked(one["status"], status)
            and customer in {"", one["customer"]}
            and (not price or price in {i["price"]["id"] for i in items_of(one)})
        )

    return listed(call, "subscription", wanted)


def _status_as_asked(status: str, asked: str) -> bool:
    if asked == "all":
        return True
    if asked == "ended":
        return status in ENDED
    return status == asked if asked else status not in ENDED


def _items(call: Call) -> Obj:
    items: Obj = call.account.get(
        "subscription", text(call.params, "subscription"), "subscription"
    )["items"]
    return items


ROUTES = [
    Route("GET", "/v1/subscriptions", _list),
    Route("GET", "/v1/subscriptions/{id}", lambda c: c.account.get("subscription", c.id)),
    Route("POST", "/v1/subscriptions/{id}", _update),
    Route("DELETE", "/v1/subscriptions/{id}", _cancel),
    Route("POST", "/v1/subscriptions/{id}/resume", _resume),
    Route("POST", "/v1/subscriptions/{id}/pause", _pause_now),
    Route("GET", "/v1/subscription_items", _items),
]
