"""Products and prices."""

from solynk.apps.sandbox.stripe.account import Account, fresh_id
from solynk.apps.sandbox.stripe.call import Call, Route, listed
from solynk.apps.sandbox.stripe.form import (
    Obj,
    flag,
    merged_metadata,
    required,
    rows,
    text,
    tree,
    whole,
)
from solynk.apps.sandbox.stripe.problems import invalid

INTERVALS = {"day", "week", "month", "year"}


def new_product(account: Account, params: Obj) -> Obj:
    product: Obj = {
        "id": text(params, "id") or fresh_id("product"),
        "object": "product",
        "active": flag(params, "active", default=True),
        "created": account.now,
        "default_price": None,
        "description": text(params, "description") or None,
        "images": rows(params, "images"),
        "livemode": account.livemode,
        "marketing_features": [],
        "metadata": merged_metadata({}, params),
        "name": required(params, "name"),
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": account.now,
        "url": None,
    }
    account.add(product)
    account.emit("product.created", product)
    return product


def new_price(account: Account, params: Obj, *, active: bool = True) -> Obj:
    amount = whole(params, "unit_amount")
    if amount is None:
        raise invalid("Missing required param: unit_amount.", "unit_amount")
    recurring = tree(params, "recurring")
    price: Obj = {
        "id": fresh_id("price"),
        "object": "price",
        "active": active,
        "billing_scheme": "per_unit",
        "created": account.now,
        "currency": required(params, "currency").lower(),
        "custom_unit_amount": None,
        "livemode": account.livemode,
        "lookup_key": _lookup_key(account, params),
        "metadata": merged_metadata({}, params),
        "nickname": text(params, "nickname") or None,
        "product": _product_of(account, params),
        "recurring": _recurring(recurring) if recurring else None,
        "tax_behavior": text(params, "tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }
    account.add(price)
    account.emit("price.created", price)
    return price


def plan_of(price: Obj) -> Obj:
    """The older twin that subscription items still carry."""
    recurring = price["recurring"] or {"interval": "month", "interval_count": 1}
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": "per_unit",
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": price["livemode"],
        "metadata": price["metadata"],
        "meter": None,
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def _product_of(account: Account, params: Obj) -> str:
    if data := tree(params, "product_data"):
        return str(new_product(account, data)["id"])
    return str(account.get("product", required(params, "product"), "product")["id"])


def _recurring(params: Obj) -> Obj:
    interval = required(params, "interval")
    if interval not in INTERVALS:
        raise invalid(f"Invalid interval: {interval}", "recurring[interval]")
    return {
        "interval": interval,
        "interval_count": whole(params, "interval_count") or 1,
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def _lookup_key(account: Account, params: Obj) -> str | None:
    key = text(params, "lookup_key")
    holder = next((p for p in account.every("price") if key and p["lookup_key"] == key), None)
    if holder is not None:
        if not flag(params, "transfer_lookup_key"):
            raise invalid(f"A price (`{holder['id']}`) already uses that lookup key.", "lookup_key")
        holder["lookup_key"] = None
    return key or None


def _create_product(call: Call) -> Obj:
    return new_product(call.account, call.params)


def _update_product(call: Call) -> Obj:
    product = call.account.get("product", call.id)
    for name in ("name", "description"):
        if name in call.params:
            product[name] = text(call.params, name) or None
    product["active"] = flag(call.params, "active", default=product["active"])
    product["metadata"] = merged_metadata(product["metadata"], call.params)
    product["updated"] = call.account.now
    call.account.emit("product.updated", product, {})
    return product


def _create_price(call: Call) -> Obj:
    return new_price(call.account, call.params)


def _update_price(call: Call) -> Obj:
    price = call.account.get("price", call.id)
    if fixed := {"unit_amount", "currency", "recurring", "product"} & set(call.params):
        name = min(fixed)
        raise invalid(f"Received unknown parameter: {name}", name, "parameter_unknown")
    if "lookup_key" in call.params:
        price["lookup_key"] = _lookup_key(call.account, call.params)
    price["active"] = flag(call.params, "active", default=price["active"])
    price["nickname"] = text(call.params, "nickname", price["nickname"] or "") or None
    price["metadata"] = merged_metadata(price["metadata"], call.params)
    call.account.emit("price.updated", price, {})
    return price


def _list_products(call: Call) -> Obj:
    return listed(call, "product", _active_as_asked)


def _list_prices(call: Call) -> Obj:
    keys = rows(call.params, "lookup_keys")
    product = text(call.params, "product")

    def wanted(price: Obj, params: Obj) -> bool:
        return (
            _active_as_asked(price, params)
            and (not keys or price["lookup_key"] in keys)
            and product in {"", price["product"]}
        )

    return listed(call, "price", wanted)


def _active_as_asked(obj: Obj, params: Obj) -> bool:
    return "active" not in params or obj["active"] == flag(params, "active")


ROUTES = [
    Route("POST", "/v1/products", _create_product),
    Route("GET", "/v1/products", _list_products),
    Route("GET", "/v1/products/{id}", lambda c: c.account.get("product", c.id)),
    Route("POST", "/v1/products/{id}", _update_product),
    Route("POST", "/v1/prices", _create_price),
    Route("GET", "/v1/prices", _list_prices),
    Route("GET", "/v1/prices/{id}", lambda c: c.account.get("price", c.id)),
    Route("POST", "/v1/prices/{id}", _update_price),
]
