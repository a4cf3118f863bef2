"""Checkout Sessions as the API sees them; `paying` is the buyer's side."""

from datetime import timedelta

from solynk.apps.sandbox.stripe.account import Account, fresh_id
from solynk.apps.sandbox.stripe.call import Call, Route, listed
from solynk.apps.sandbox.stripe.catalog import new_price
from solynk.apps.sandbox.stripe.form import (
    Obj,
    merged_metadata,
    required,
    rows,
    text,
    tree,
    whole,
)
from solynk.apps.sandbox.stripe.problems import StripeProblem, invalid
from solynk.apps.sandbox.stripe.session import blank_session, expire, line_items

MODES = {"payment", "subscription"}
UI_MODES = {"hosted_page", "embedded_page", "elements", "form"}
LONGEST = int(timedelta(hours=24).total_seconds())
SHORTEST = int(timedelta(minutes=30).total_seconds())
TRIAL_AHEAD = int(timedelta(hours=48).total_seconds())


def _create(call: Call) -> Obj:
    account, params = call.account, call.params
    _refuse(account, params)
    lines = [_line(account, row) for row in rows(params, "line_items")]
    _check_lines(required(params, "mode"), lines)
    session = account.add(_session(account, params, lines))
    account.book(
        f"{session['id']}:expiry",
        session["expires_at"],
        f"session expires {session['id']}",
        lambda: expire(account, session),
    )
    return session


def _session(account: Account, params: Obj, lines: list[Obj]) -> Obj:
    mode = required(params, "mode")
    subscribes = mode == "subscription"
    total = sum(line["amount_total"] for line in lines)
    id_ = fresh_id("checkout.session")
    return blank_session(account) | {
        "id": id_,
        "amount_subtotal": total,
        "amount_total": _due_today(params, total),
        "cancel_url": text(params, "cancel_url") or None,
        "client_reference_id": text(params, "client_reference_id") or None,
        "currency": lines[0]["currency"],
        "customer": _customer(account, params),
        "customer_creation": None
        if subscribes
        else text(params, "customer_creation", "if_required"),
        "customer_email": text(params, "customer_email") or None,
        "expires_at": _expires_at(account, params),
        "locale": text(params, "locale") or None,
        "metadata": merged_metadata({}, params),
        "mode": mode,
        "payment_method_collection": text(params, "payment_method_collection", "always")
        if subscribes
        else "if_required",
        "success_url": text(params, "success_url") or None,
        "ui_mode": text(params, "ui_mode", "hosted_page"),
        "url": f"{account.world.ground.base_url}/checkout/{id_}",
        "_lines": lines,
        "_subscription_data": tree(params, "subscription_data"),
        "_payment_intent_data": tree(params, "payment_intent_data"),
    }


def _refuse(account: Account, params: Obj) -> None:
    if "payment_method_types" in params:
        raise invalid(
            "The `payment_method_types` parameter is no longer supported. Use "
            "`allowed_payment_method_types` or manage payment methods in the Dashboard.",
            "payment_method_types",
            "payment_method_types_no_longer_supported",
        )
    mode = required(params, "mode")
    if mode not in MODES:
        raise invalid(f"Invalid mode: {mode}", "mode")
    ui_mode = text(params, "ui_mode", "hosted_page")
    if ui_mode not in UI_MODES:
        raise invalid(f"Invalid ui_mode: must be one of {sorted(UI_MODES)}", "ui_mode")
    if ui_mode == "hosted_page":
        required(params, "success_url")
    _refuse_pairs(params, mode)
    _refuse_trial(account, tree(params, "subscription_data"))
    if not account.facts["charges_enabled"]:
        raise StripeProblem(
            400,
            "Your account cannot currently make live charges.",
            code="account_invalid",
        )


def _refuse_pairs(params: Obj, mode: str) -> None:
    if "allow_promotion_codes" in params and "discounts" in params:
        raise invalid(
            "You may only specify one of these parameters: allow_promotion_codes, discounts.",
        )
    if params.get("customer") and params.get("customer_email"):
        raise invalid(
            "You may only specify one of these parameters: customer, customer_email.",
        )
    wrong = "payment_intent_data" if mode == "subscription" else "subscription_data"
    if wrong in params:
        raise invalid(f"You can not pass `{wrong}` in `{mode}` mode.", wrong)
    if mode == "subscription" and "customer_creation" in params:
        raise invalid(
            "`customer_creation` can only be used in `payment` and `setup` mode.",
            "customer_creation",
        )


def _refuse_trial(account: Account, data: Obj) -> None:
    days, end = whole(data, "trial_period_days"), whole(data, "trial_end")
    if days is not None and days < 1:
        raise invalid(
            "The minimum number of trial period days is 1.",
            "subscription_data[trial_period_days]",
        )
    if end is not None and end < account.now + TRIAL_AHEAD:
        raise invalid(
            "The `trial_end` date has to be at least 2 days in the future.",
            "subscription_data[trial_end]",
        )


def _check_lines(mode: str, lines: list[Obj]) -> None:
    if not lines:
        raise invalid("Missing required param: line_items.", "line_items")
    recurring = [line for line in lines if line["price"]["recurring"]]
    if mode == "payment" and recurring:
        raise invalid(
            "You specified `payment` mode but passed a recurring price. Either switch "
            "to `subscription` mode or use only one-time prices.",
            "line_items[0]",
        )
    if mode == "subscription" and not recurring:
        raise invalid(
            "You must provide at least one recurring price in `subscription` mode.",
            "mode",
        )
    if len({line["currency"] for line in lines}) > 1:
        raise invalid("All prices must have the same currency.", "line_items")


def _line(account: Account, row: Obj) -> Obj:
    price = _price(account, row)
    quantity = whole(row, "quantity") or 1
    amount = price["unit_amount"] * quantity
    product = account.get("product", price["product"])
    return {
        "id": fresh_id("line_item").replace("il_", "li_"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": product["name"],
        "metadata": {},
        "price": price,
        "quantity": quantity,
    }


def _price(account: Account, row: Obj) -> Obj:
    if data := tree(row, "price_data"):
        return new_price(account, data, active=False)
    price = account.get("price", required(row, "price"), "line_items[0][price]")
    if not price["active"]:
        raise invalid(
            "The price specified is inactive. This field only accepts active prices.",
            "line_items[0][price]",
        )
    return price


def _customer(account: Account, params: Obj) -> str | None:
    id_ = text(params, "customer")
    return str(account.get("customer", id_, "customer")["id"]) if id_ else None


def _due_today(params: Obj, total: int) -> int:
    data = tree(params, "subscription_data")
    return 0 if "trial_period_days" in data or "trial_end" in data else total


def _expires_at(account: Account, params: Obj) -> int:
    at = whole(params, "expires_at")
    if at is None:
        return account.now + LONGEST
    if not SHORTEST - 60 <= at - account.now <= LONGEST + 60:
        raise invalid(
            "The `expires_at` timestamp must be from 30 minutes to 24 hours from "
            "Checkout Session creation.",
            "expires_at",
        )
    return at


def _update(call: Call) -> Obj:
    session = call.account.get("checkout.session", call.id)
    session["metadata"] = merged_metadata(session["metadata"], call.params)
    return session


def _expire(call: Call) -> Obj:
    session = call.account.get("checkout.session", call.id)
    if session["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired. This '
            f"Checkout Session has a status of {session['status']}.",
        )
    expire(call.account, session)
    return session


def _list(call: Call) -> Obj:
    names = ("payment_intent", "subscription", "customer", "status")
    asked = {name: text(call.params, name) for name in names if name in call.params}
    return listed(
        call,
        "checkout.session",
        lambda one, _: all(one[name] == value for name, value in asked.items()),
    )


def _line_items(call: Call) -> Obj:
    return line_items(call.account.get("checkout.session", call.id))


ROUTES = [
    Route("POST", "/v1/checkout/sessions", _create),
    Route("GET", "/v1/checkout/sessions", _list),
    Route(
        "GET",
        "/v1/checkout/sessions/{id}",
        lambda c: c.account.get("checkout.session", c.id),
    ),
    Route("POST", "/v1/checkout/sessions/{id}", _update),
    Route("POST", "/v1/checkout/sessions/{id}/expire", _expire),
    Route("GET", "/v1/checkout/sessions/{id}/line_items", _line_items),
]
