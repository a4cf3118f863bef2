"""The course of a subscription: its periods, its trial, its scheduled end."""

from solynk.apps.sandbox.stripe.account import DAY, Account
from solynk.apps.sandbox.stripe.collection import finalize_and_collect
from solynk.apps.sandbox.stripe.form import Obj
from solynk.apps.sandbox.stripe.invoices import new_invoice, new_line
from solynk.apps.sandbox.stripe.periods import period_end
from solynk.apps.sandbox.stripe.subscription import (
    ENDED,
    change,
    current_end,
    end,
    ends_at,
    items_of,
)

REMINDER = 3 * DAY


def schedule(account: Account, subscription: Obj) -> None:
    """Book what comes next; call it again after any change."""
    id_ = subscription["id"]
    if subscription["status"] in ENDED:
        return
    over, stop = current_end(subscription), ends_at(subscription)
    account.call_off(f"{id_}:period")
    account.call_off(f"{id_}:cancel")
    if stop is not None:
        account.book(
            f"{id_}:cancel",
            stop,
            f"subscription ends {id_}",
            lambda: _end_by_request(account, subscription),
        )
    if (stop is None or stop > over) and subscription["status"] != "paused":
        account.book(
            f"{id_}:period",
            over,
            f"period ends {id_}",
            lambda: _roll(account, subscription),
        )


def remind_of_trial_end(account: Account, subscription: Obj) -> None:
    """Three days ahead, or at once for a shorter trial."""
    account.book(
        f"{subscription['id']}:reminder",
        max(subscription["trial_end"] - REMINDER, account.now),
        f"trial will end {subscription['id']}",
        lambda: account.emit("customer.subscription.trial_will_end", subscription),
    )


def period_lines(account: Account, subscription: Obj, *, free: bool = False) -> list[Obj]:
    """One line per item for its current period."""
    return [
        new_line(
            account,
            item,
            item["price"],
            0 if free else item["price"]["unit_amount"] * item["quantity"],
            (item["current_period_start"], item["current_period_end"]),
        )
        for item in items_of(subscription)
    ]


def _end_by_request(account: Account, subscription: Obj) -> None:
    end(account, subscription, "cancellation_requested")


def _roll(account: Account, subscription: Obj) -> None:
    if subscription["status"] == "trialing" and _stops_at_trial_end(account, subscription):
        return
    before = _next_period(subscription)
    lines = account.prorations.pop(subscription["id"], [])
    lines += period_lines(account, subscription)
    invoice = new_invoice(account, subscription, "subscription_cycle", lines)
    if subscription["status"] == "trialing":
        before["status"] = "trialing"
        subscription["status"] = "active"
    account.emit("customer.subscription.updated", subscription, before)
    schedule(account, subscription)
    if subscription["status"] == "unpaid":
        invoice["auto_advance"] = False
        return
    _finalize_later(account, invoice)


def _finalize_later(account: Account, invoice: Obj) -> None:
    due = account.now + account.dunning.draft_seconds
    invoice["automatically_finalizes_at"] = due
    account.book(
        f"{invoice['id']}:collect",
        due,
        f"finalize {invoice['id']}",
        lambda: finalize_and_collect(account, invoice),
    )


def _next_period(subscription: Obj) -> Obj:
    """Roll every item over; what was there before, for `previous_attributes`."""
    before: Obj = {
        "latest_invoice": subscription["latest_invoice"],
        "items": {
            "data": [
                {
                    "id": item["id"],
                    "current_period_start": item["current_period_start"],
                    "current_period_end": item["current_period_end"],
                }
                for item in items_of(subscription)
            ]
        },
    }
    anchor = subscription["billing_cycle_anchor"]
    for item in items_of(subscription):
        start = item["current_period_end"]
        item["current_period_start"] = start
        item["current_period_end"] = period_end(anchor, start, item["price"]["recurring"])
    return before


def _stops_at_trial_end(account: Account, subscription: Obj) -> bool:
    """Without a means of payment the trial may end in a stop."""
    behaviour = account.behaviour(subscription["id"], subscription["customer"])
    wish = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if behaviour.mode != "no_card" or wish == "create_invoice":
        return False
    if wish == "cancel":
        end(account, subscription, "cancellation_requested")
    else:
        pause = {"subscription": {"type": "trial_end_without_payment_method"}}
        subscription["status_details"] = {"paused": pause}
        change(account, subscription, {"status": "paused"})
        account.emit("customer.subscription.paused", subscription)
    return True
