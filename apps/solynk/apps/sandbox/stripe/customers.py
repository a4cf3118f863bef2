"""Customers and their means of payment."""

from solynk.apps.sandbox.stripe.account import Account, fresh_id
from solynk.apps.sandbox.stripe.call import Call, Route, listed
from solynk.apps.sandbox.stripe.form import Obj, merged_metadata, text
from solynk.apps.sandbox.stripe.subscription import ENDED, end

CARD: Obj = {
    "brand": "visa",
    "checks": None,
    "country": "FR",
    "exp_month": 12,
    "exp_year": 2040,
    "fingerprint": "sandbox",
    "funding": "credit",
    "last4": "4242",
    "networks": None,
    "wallet": None,
}
BANK_ACCOUNT: Obj = {
    "bank_code": "20041",
    "branch_code": None,
    "country": "FR",
    "fingerprint": "sandbox",
    "last4": "2606",
}


def new_customer(account: Account, params: Obj) -> Obj:
    customer: Obj = {
        "id": fresh_id("customer"),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": account.now,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": text(params, "description") or None,
        "discount": None,
        "email": text(params, "email") or None,
        "invoice_prefix": fresh_id("customer")[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": account.livemode,
        "metadata": merged_metadata({}, params),
        "name": text(params, "name") or None,
        "next_invoice_sequence": 1,
        "phone": text(params, "phone") or None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    account.add(customer)
    account.emit("customer.created", customer)
    return customer


def new_payment_method(account: Account, customer: Obj | None, kind: str) -> Obj:
    """`kind` is `card` or `sepa_debit`."""
    method: Obj = {
        "id": fresh_id("payment_method"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": billing_details(customer),
        "created": account.now,
        "customer": customer["id"] if customer else None,
        "customer_account": None,
        "livemode": account.livemode,
        "metadata": {},
        "type": kind,
        kind: dict(CARD if kind == "card" else BANK_ACCOUNT),
    }
    account.add(method)
    if customer:
        account.emit("payment_method.attached", method)
    return method


def billing_details(customer: Obj | None) -> Obj:
    email = customer["email"] if customer else None
    name = customer["name"] if customer else None
    return {
        "address": None,
        "email": email,
        "name": name,
        "phone": None,
        "tax_id": None,
    }


def _create(call: Call) -> Obj:
    return new_customer(call.account, call.params)


def _retrieve(call: Call) -> Obj:
    return call.account.get("customer", call.id)


def _update(call: Call) -> Obj:
    customer = call.account.get("customer", call.id)
    before: Obj = {name: customer[name] for name in ("email", "name") if name in call.params}
    for name in before:
        customer[name] = text(call.params, name) or None
    customer["metadata"] = merged_metadata(customer["metadata"], call.params)
    call.account.emit("customer.updated", customer, before)
    return customer


def _delete(call: Call) -> Obj:
    """Its subscriptions end at once."""
    account, customer = call.account, call.account.get("customer", call.id)
    for one in account.every("subscription"):
        if one["customer"] == call.id and one["status"] not in ENDED:
            end(account, one, "cancellation_requested")
    account.emit("customer.deleted", customer)
    del account.shelf["customer"][call.id]
    return {"id": call.id, "object": "customer", "deleted": True}


def _list(call: Call) -> Obj:
    email = text(call.params, "email")
    return listed(call, "customer", lambda one, _: email in {"", one["email"]})


ROUTES = [
    Route("POST", "/v1/customers", _create),
    Route("GET", "/v1/customers", _list),
    Route("GET", "/v1/customers/{id}", _retrieve),
    Route("POST", "/v1/customers/{id}", _update),
    Route("DELETE", "/v1/customers/{id}", _delete),
    Route(
        "GET",
        "/v1/payment_methods/{id}",
        lambda c: c.account.get("payment_method", c.id),
    ),
]
