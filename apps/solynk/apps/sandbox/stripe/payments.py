"""Payment intents, charges, and the records that tie them to invoices."""

from typing import Literal, TypeAlias

from solynk.apps.sandbox.stripe.account import DAY, Account, fresh_id
from solynk.apps.sandbox.stripe.call import Call, Route, listed
from solynk.apps.sandbox.stripe.customers import billing_details
from solynk.apps.sandbox.stripe.form import Obj, text, tree

Outcome: TypeAlias = Literal["pay", "decline", "pending"]

CARD_DECLINED: Obj = {
    "type": "card_error",
    "code": "card_declined",
    "decline_code": "generic_decline",
    "message": "Your card was declined.",
}


def new_payment_intent(
    account: Account, amount: int, currency: str, *, customer: str | None = None,
    metadata: Obj | None = None, description: str | None = None,
) -> Obj:  # fmt: skip
    intent: Obj = {
        "id": fresh_id("payment_intent"),
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": None,
        "confirmation_method": "automatic",
        "created": account.now,
        "currency": currency,
        "customer": customer,
        "customer_account": None,
        "description": description,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": account.livemode,
        "metadata": dict(metadata or {}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }
    account.add(intent)
    account.emit("payment_intent.created", intent)
    return intent


def attempt(account: Account, intent: Obj, outcome: Outcome, method: Obj) -> Obj:
    """Charge the intent once; a `pending` charge waits for `settle`."""
    charge = account.add(_charge(account, intent, method))
    intent["latest_charge"] = charge["id"]
    intent["payment_method"] = method["id"]
    intent["payment_method_types"] = [method["type"]]
    if outcome == "pending":
        intent["status"] = "processing"
        account.emit("charge.pending", charge)
        account.emit("payment_intent.processing", intent)
    else:
        settle(account, intent, paid=outcome == "pay")
    return charge


def settle(account: Account, intent: Obj, *, paid: bool) -> None:
    """The intent's latest charge succeeds or fails."""
    charge = account.get("charge", intent["latest_charge"])
    if paid:
        _succeed(account, charge, intent)
    else:
        _fail(account, charge, intent)


def _succeed(account: Account, charge: Obj, intent: Obj) -> None:
    charge.update(
        status="succeeded",
        paid=True,
        captured=True,
        amount_captured=charge["amount"],
        balance_transaction=fresh_id("balance_transaction"),
        receipt_url=f"{account.world.ground.base_url}/receipts/{charge['id']}",
    )
    intent.update(status="succeeded", amount_received=intent["amount"], last_payment_error=None)
    account.emit("charge.succeeded", charge)
    account.emit("payment_intent.succeeded", intent)


def _fail(account: Account, charge: Obj, intent: Obj) -> None:
    charge.update(
        status="failed",
        paid=False,
        failure_code=CARD_DECLINED["code"],
        failure_message=CARD_DECLINED["message"],
    )
    intent.update(
        status="requires_payment_method",
        last_payment_error={**CARD_DECLINED, "charge": charge["id"]},
    )
    account.emit("charge.failed", charge)
    account.emit("payment_intent.payment_failed", intent)


def settles_at(account: Account, days: float) -> int:
    return account.now + int(days * DAY)


def new_invoice_payment(account: Account, invoice: Obj, intent: Obj) -> Obj:
    payment: Obj = {
        "id": fresh_id("invoice_payment"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "created": account.now,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": account.livemode,
        "payment": {"type": "payment_intent", "payment_intent": intent["id"]},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
    return account.add(payment)


def payments_of(account: Account, invoice: str) -> list[Obj]:
    return [p for p in account.every("invoice_payment") if p["invoice"] == invoice]


def _charge(account: Account, intent: Obj, method: Obj) -> Obj:
    customer = account.find("customer", intent["customer"] or "")
    kind = method["type"]
    return {
        "id": fresh_id("charge"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": billing_details(customer),
        "calculated_statement_descriptor": "SANDBOX",
        "captured": False,
        "created": account.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": None,
        "livemode": account.livemode,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": None,
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"type": kind, kind: method[kind]},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "pending",
        "transfer_data": None,
        "transfer_group": None,
    }


def _list_charges(call: Call) -> Obj:
    intent = text(call.params, "payment_intent")
    customer = text(call.params, "customer")
    return listed(
        call,
        "charge",
        lambda one, _: intent in {"", one["payment_intent"]} and customer in {"", one["customer"]},
    )


def _list_intents(call: Call) -> Obj:
    customer = text(call.params, "customer")
    return listed(call, "payment_intent", lambda one, _: customer in {"", one["customer"]})


def _list_invoice_payments(call: Call) -> Obj:
    payment = tree(call.params, "payment")
    intent = text(payment, "payment_intent")
    invoice = text(call.params, "invoice")
    status = text(call.params, "status")
    return listed(
        call,
        "invoice_payment",
        lambda one, _: (
            intent in {"", one["payment"]["payment_intent"]}
            and invoice in {"", one["invoice"]}
            and status in {"", one["status"]}
        ),
    )


ROUTES = [
    Route("GET", "/v1/charges", _list_charges),
    Route("GET", "/v1/charges/{id}", lambda c: c.account.get("charge", c.id)),
    Route("GET", "/v1/payment_intents", _list_intents),
    Route(
        "GET",
        "/v1/payment_intents/{id}",
        lambda c: c.account.get("payment_intent", c.id),
    ),
    Route("GET", "/v1/invoice_payments", _list_invoice_payments),
    Route(
        "GET",
        "/v1/invoice_payments/{id}",
        lambda c: c.account.get("invoice_payment", c.id),
    ),
]
