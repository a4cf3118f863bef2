"""Collecting an invoice: the charge, the retries, and what comes after the last.

The subscription's status follows its invoice here and nowhere else.
"""

from solynk.apps.sandbox.stripe.account import DAY, Account
from solynk.apps.sandbox.stripe.customers import new_payment_method
from solynk.apps.sandbox.stripe.form import Obj
from solynk.apps.sandbox.stripe.invoices import (
    finalize,
    mark_paid,
    mark_uncollectible,
    subscription_of,
    void,
)
from solynk.apps.sandbox.stripe.payments import (
    attempt,
    payments_of,
    settle,
    settles_at,
)
from solynk.apps.sandbox.stripe.subscription import ENDED, change, end


def finalize_and_collect(account: Account, invoice: Obj) -> None:
    """What happens to a draft when its hour is over."""
    subscription = subscription_of(account, invoice)
    pause = subscription["pause_collection"]
    if invoice["status"] != "draft" or (pause and pause["behavior"] == "keep_as_draft"):
        return
    finalize(account, invoice)
    if pause and pause["behavior"] == "void":
        void(account, invoice)
    elif pause:
        mark_uncollectible(account, invoice)
    else:
        collect(account, invoice)


def collect(account: Account, invoice: Obj) -> None:
    """Try to charge an open invoice once, as the customer's behaviour says."""
    if invoice["status"] != "open":
        return
    if not invoice["amount_due"]:
        _paid(account, invoice)
        return
    subscription = subscription_of(account, invoice)
    behaviour = account.behaviour(subscription["id"], invoice["customer"])
    match behaviour.next():
        case "pay":
            charge_now(account, invoice, paid=True)
        case "delayed":
            charge_later(account, invoice, behaviour.settle_days, paid=True)
        case "delayed_fail":
            charge_later(account, invoice, behaviour.settle_days, paid=False)
        case _:
            charge_now(account, invoice, paid=False)


def charge_now(account: Account, invoice: Obj, *, paid: bool) -> None:
    _count_attempt(invoice)
    method = _method(account, invoice, "card")
    attempt(account, intent_of(account, invoice), "pay" if paid else "decline", method)
    settled(account, invoice, paid=paid)


def charge_later(account: Account, invoice: Obj, days: float, *, paid: bool) -> None:
    """A bank debit: open and attempted, and the subscription stays as it is."""
    _count_attempt(invoice)
    intent = intent_of(account, invoice)
    attempt(account, intent, "pending", _method(account, invoice, "sepa_debit"))
    account.emit("invoice.updated", invoice, {"attempted": False, "attempt_count": 0})

    def arrive() -> None:
        settle(account, intent, paid=paid)
        settled(account, invoice, paid=paid)

    account.book(
        f"{invoice['id']}:settle",
        settles_at(account, days),
        f"bank debit {'settles' if paid else 'fails'} {invoice['id']}",
        arrive,
    )


def settled(account: Account, invoice: Obj, *, paid: bool) -> None:
    if paid:
        _paid(account, invoice)
    else:
        _failed(account, invoice)
    _tell_session(account, invoice, paid=paid)


def intent_of(account: Account, invoice: Obj) -> Obj:
    payment = payments_of(account, invoice["id"])[0]
    return account.get("payment_intent", payment["payment"]["payment_intent"])


def _paid(account: Account, invoice: Obj) -> None:
    account.call_off(f"{invoice['id']}:collect")
    mark_paid(account, invoice)
    subscription = subscription_of(account, invoice)
    if subscription["latest_invoice"] == invoice["id"] and subscription["status"] in {
        "past_due",
        "unpaid",
    }:
        change(account, subscription, {"status": "active"})


def _failed(account: Account, invoice: Obj) -> None:
    subscription = subscription_of(account, invoice)
    days = account.dunning.retry_after_days
    attempts: int = invoice["attempt_count"]
    again = attempts <= len(days) and subscription["status"] not in ENDED
    if again:
        due = account.now + int(days[attempts - 1] * DAY)
        invoice["next_payment_attempt"] = due
        account.book(
            f"{invoice['id']}:collect",
            due,
            f"retry {invoice['id']}",
            lambda: collect(account, invoice),
        )
    else:
        invoice["next_payment_attempt"] = None
    account.emit("invoice.payment_failed", invoice)
    if subscription["status"] == "active":
        change(account, subscription, {"status": "past_due"})
    if not again:
        _give_up(account, subscription)


def _give_up(account: Account, subscription: Obj) -> None:
    if subscription["status"] in ENDED:
        return
    match account.dunning.finally_:
        case "cancel":
            end(account, subscription, "payment_failed")
        case "unpaid":
            change(account, subscription, {"status": "unpaid"})
        case _:
            pass


def _tell_session(account: Account, invoice: Obj, *, paid: bool) -> None:
    """A session that completed unpaid hears how its bank debit ended."""
    for session in account.every("checkout.session"):
        if session["invoice"] == invoice["id"]:
            tell_session(account, session, paid=paid)


def tell_session(account: Account, session: Obj, *, paid: bool) -> None:
    if session["status"] != "complete" or session["payment_status"] != "unpaid":
        return
    if paid:
        session["payment_status"] = "paid"
        account.emit("checkout.session.async_payment_succeeded", session)
    else:
        account.emit("checkout.session.async_payment_failed", session)


def _count_attempt(invoice: Obj) -> None:
    invoice["attempted"] = True
    invoice["attempt_count"] += 1


def _method(account: Account, invoice: Obj, kind: str) -> Obj:
    """The customer's own means of payment of that kind, or a new one."""
    for method in reversed(account.every("payment_method")):
        if method["customer"] == invoice["customer"] and method["type"] == kind:
            return method
    customer = account.get("customer", invoice["customer"])
    return new_payment_method(account, customer, kind)
