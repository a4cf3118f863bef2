"""The buyer's side of a Checkout Session: pay, be declined, or pay by bank debit.

A subscription comes into being here, when its session completes, and not before.
"""

from typing import Literal, TypeAlias

from solynk.apps.sandbox.stripe.account import Account, Behaviour
from solynk.apps.sandbox.stripe.billing import (
    period_lines,
    remind_of_trial_end,
    schedule,
)
from solynk.apps.sandbox.stripe.collection import (
    charge_later,
    charge_now,
    collect,
    tell_session,
)
from solynk.apps.sandbox.stripe.customers import new_customer, new_payment_method
from solynk.apps.sandbox.stripe.form import Obj, text, tree
from solynk.apps.sandbox.stripe.invoices import finalize, new_invoice
from solynk.apps.sandbox.stripe.payments import (
    attempt,
    new_payment_intent,
    settle,
    settles_at,
)
from solynk.apps.sandbox.stripe.problems import invalid
from solynk.apps.sandbox.stripe.session import trial_end_of
from solynk.apps.sandbox.stripe.subscription import new_subscription

Way: TypeAlias = Literal["pay", "decline", "delayed", "delayed_fail", "no_card"]
"""`delayed` is a bank debit that will settle, `delayed_fail` one that will not;
`no_card` starts a free trial without a means of payment."""

DEBIT_DAYS = 5.0


def pay(
    account: Account, session: Obj, way: Way, *, email: str = "",
    settle_days: float = DEBIT_DAYS,
) -> Obj:  # fmt: skip
    """Raises StripeProblem when the session is not open."""
    if session["status"] != "open":
        raise invalid(f"This Checkout Session is {session['status']}.")
    if way == "decline":
        _decline(account, session)
        return session
    customer = _customer(account, session, email)
    if session["mode"] == "subscription":
        _subscribe(account, session, customer, way, settle_days)
    else:
        _buy(account, session, customer, way, settle_days)
    return session


def _decline(account: Account, session: Obj) -> None:
    """The session stays open, and nothing else exists because of it."""
    intent = new_payment_intent(
        account, session["amount_total"], session["currency"], metadata=_metadata(session)
    )
    attempt(account, intent, "decline", new_payment_method(account, None, "card"))


def _subscribe(account: Account, session: Obj, customer: Obj, way: Way, settle_days: float) -> None:
    data: Obj = session["_subscription_data"]
    method = _method(account, customer, way)
    trial_end = trial_end_of(account, data)
    subscription = new_subscription(
        account,
        customer,
        [(row["price"], row["quantity"]) for row in session["_lines"] if row["price"]["recurring"]],
        metadata=tree(data, "metadata"),
        trial_end=trial_end,
        missing_method=text(
            tree(tree(data, "trial_settings"), "end_behavior"),
            "missing_payment_method",
            "create_invoice",
        ),
    )
    subscription["default_payment_method"] = method["id"] if method else None
    if way not in {"pay", "no_card"}:
        account.behaviours[subscription["id"]] = Behaviour(way, 0, settle_days)
    if way == "no_card":
        account.behaviours[subscription["id"]] = Behaviour("no_card")
    lines = period_lines(account, subscription, free=trial_end is not None)
    invoice = new_invoice(account, subscription, "subscription_create", lines)
    finalize(account, invoice)
    _first_charge(account, invoice, way, settle_days)
    account.emit("customer.subscription.created", subscription)
    account.emit("customer.subscription.updated", subscription, {"default_payment_method": None})
    if trial_end is not None:
        remind_of_trial_end(account, subscription)
    schedule(account, subscription)
    session.update(subscription=subscription["id"], invoice=invoice["id"])
    _complete(account, session, _payment_status(way, invoice["amount_due"]))


def _first_charge(account: Account, invoice: Obj, way: Way, settle_days: float) -> None:
    if not invoice["amount_due"]:
        collect(account, invoice)
    elif way in {"delayed", "delayed_fail"}:
        charge_later(account, invoice, settle_days, paid=way == "delayed")
    else:
        charge_now(account, invoice, paid=True)


def _buy(
    account: Account, session: Obj, customer: Obj | None, way: Way, settle_days: float
) -> None:
    if session["customer_creation"] != "always" and session["customer"] is None:
        customer = None
    intent = new_payment_intent(
        account,
        session["amount_total"],
        session["currency"],
        customer=customer["id"] if customer else None,
        metadata=_metadata(session),
    )
    session["payment_intent"] = intent["id"]
    method = _method(account, customer, way)
    if way == "pay" and method:
        attempt(account, intent, "pay", method)
    elif method:
        attempt(account, intent, "pending", method)
        _arrive_later(account, session, intent, settle_days, paid=way == "delayed")
    _complete(account, session, _payment_status(way, session["amount_total"]))


def _arrive_later(account: Account, session: Obj, intent: Obj, days: float, *, paid: bool) -> None:
    def arrive() -> None:
        settle(account, intent, paid=paid)
        tell_session(account, session, paid=paid)

    account.book(
        f"{intent['id']}:settle",
        settles_at(account, days),
        f"bank debit {'settles' if paid else 'fails'} {intent['id']}",
        arrive,
    )


def _complete(account: Account, session: Obj, payment_status: str) -> None:
    account.call_off(f"{session['id']}:expiry")
    session.update(status="complete", payment_status=payment_status, url=None)
    account.emit("checkout.session.completed", session)


def _payment_status(way: Way, amount: int) -> str:
    if not amount:
        return "no_payment_required"
    return "unpaid" if way in {"delayed", "delayed_fail"} else "paid"


def _customer(account: Account, session: Obj, email: str) -> Obj:
    """The session's customer; a guest's details stay on the session alone."""
    address = email or session["customer_email"] or "buyer@example.com"
    if session["customer"]:
        customer = account.get("customer", session["customer"])
        address = customer["email"] or address
    else:
        customer = {"id": None, "email": address, "name": None}
        if session["mode"] == "subscription" or session["customer_creation"] == "always":
            customer = new_customer(account, {"email": address})
            session["customer"] = customer["id"]
    session["customer_details"] = {
        "address": None,
        "business_name": None,
        "email": address,
        "individual_name": None,
        "name": customer["name"],
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    return customer


def _method(account: Account, customer: Obj | None, way: Way) -> Obj | None:
    if way == "no_card":
        return None
    kind = "sepa_debit" if way in {"delayed", "delayed_fail"} else "card"
    return new_payment_method(account, customer, kind)


def _metadata(session: Obj) -> Obj:
    return tree(session["_payment_intent_data"], "metadata")
