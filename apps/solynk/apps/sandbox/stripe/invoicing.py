"""Invoices as the API sees them."""

from solynk.apps.sandbox.stripe.call import Call, Route, listed, page
from solynk.apps.sandbox.stripe.collection import collect, intent_of
from solynk.apps.sandbox.stripe.form import Obj, text
from solynk.apps.sandbox.stripe.invoices import finalize, mark_uncollectible, void
from solynk.apps.sandbox.stripe.problems import StripeProblem, invalid


def _invoice(call: Call, *statuses: str) -> Obj:
    """The invoice, in one of these statuses. Raises StripeProblem 400."""
    invoice = call.account.get("invoice", call.id)
    if statuses and invoice["status"] not in statuses:
        raise invalid(
            f"You can not do this with an invoice that is {invoice['status']}.",
            code="invoice_not_editable",
        )
    return invoice


def _finalize(call: Call) -> Obj:
    invoice = _invoice(call, "draft")
    finalize(call.account, invoice)
    return invoice


def _pay(call: Call) -> Obj:
    """Raises StripeProblem 402 when the charge is declined."""
    invoice = _invoice(call, "draft", "open")
    if invoice["status"] == "draft":
        finalize(call.account, invoice)
    collect(call.account, invoice)
    if invoice["status"] != "paid" and invoice["amount_due"]:
        error = intent_of(call.account, invoice)["last_payment_error"]
        if error:
            raise StripeProblem(402, error["message"], kind="card_error", code=error["code"])
    return invoice


def _void(call: Call) -> Obj:
    invoice = _invoice(call, "open", "uncollectible")
    void(call.account, invoice)
    return invoice


def _mark_uncollectible(call: Call) -> Obj:
    invoice = _invoice(call, "open")
    mark_uncollectible(call.account, invoice)
    return invoice


def _list(call: Call) -> Obj:
    subscription = text(call.params, "subscription")
    customer = text(call.params, "customer")
    status = text(call.params, "status")
    return listed(
        call,
        "invoice",
        lambda one, _: (
            subscription in {"", one["parent"]["subscription_details"]["subscription"]}
            and customer in {"", one["customer"]}
            and status in {"", one["status"]}
        ),
    )


ROUTES = [
    Route("GET", "/v1/invoices", _list),
    Route("GET", "/v1/invoices/{id}", _invoice),
    Route("GET", "/v1/invoices/{id}/lines", lambda c: page(c, _invoice(c)["_lines"])),
    Route("POST", "/v1/invoices/{id}/finalize", _finalize),
    Route("POST", "/v1/invoices/{id}/pay", _pay),
    Route("POST", "/v1/invoices/{id}/void", _void),
    Route("POST", "/v1/invoices/{id}/mark_uncollectible", _mark_uncollectible),
]
