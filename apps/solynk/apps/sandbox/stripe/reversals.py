"""Refunds and disputes: money that goes back, and may come again."""

from solynk.apps.sandbox.stripe.account import Account, fresh_id
from solynk.apps.sandbox.stripe.call import Call, Route, listed
from solynk.apps.sandbox.stripe.form import Obj, merged_metadata, text, whole
from solynk.apps.sandbox.stripe.problems import invalid

EVIDENCE = (
    "access_activity_log billing_address cancellation_policy "
    "cancellation_policy_disclosure cancellation_rebuttal customer_communication "
    "customer_email_address customer_name customer_purchase_ip customer_signature "
    "duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id "
    "product_description receipt refund_policy refund_policy_disclosure "
    "refund_refusal_explanation service_date service_documentation shipping_address "
    "shipping_carrier shipping_date shipping_documentation shipping_tracking_number "
    "uncategorized_file uncategorized_text"
).split()
CLOSED = {"won", "lost", "warning_closed"}


def refund(account: Account, charge: Obj, params: Obj) -> Obj:
    """Give back `amount`, or what is left of the charge.

    Raises:
        StripeProblem: the charge did not succeed, or less than that is left.
    """
    left = charge["amount"] - charge["amount_refunded"]
    asked = whole(params, "amount")
    amount = left if asked is None else asked
    _refuse_refund(charge, amount, left)
    made = account.add(_refund(account, charge, amount, params))
    before = {name: charge[name] for name in ("amount_refunded", "refunded")}
    _add_refunded(charge, amount)
    account.emit("charge.refunded", charge, before)
    account.emit("refund.created", made)
    account.emit("refund.updated", made, {})
    account.emit("charge.refund.updated", made, {})
    return made


def fail_refund(account: Account, made: Obj) -> None:
    """The bank sends it back: the creator has the money again."""
    made.update(
        status="failed",
        failure_reason="lost_or_stolen_card",
        failure_balance_transaction=fresh_id("balance_transaction"),
    )
    _add_refunded(account.get("charge", made["charge"]), -made["amount"])
    account.emit("refund.failed", made)
    account.emit("refund.updated", made, {"status": "succeeded"})
    account.emit("charge.refund.updated", made, {"status": "succeeded"})


def open_dispute(account: Account, charge: Obj, *, inquiry: bool = False) -> Obj:
    """An inquiry moves no money."""
    dispute = account.add(_dispute(account, charge, inquiry=inquiry))
    account.emit("charge.dispute.created", dispute)
    if not inquiry:
        charge["disputed"] = True
        account.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(account: Account, dispute: Obj, status: str) -> None:
    """`status` is `won`, `lost` or `warning_closed`."""
    if status not in CLOSED:
        raise invalid(f"Invalid status: {status}", "status")
    before = dispute["status"]
    dispute["status"] = status
    account.emit("charge.dispute.updated", dispute, {"status": before})
    account.emit("charge.dispute.closed", dispute)
    if status == "won":
        account.emit("charge.dispute.funds_reinstated", dispute)


def _add_refunded(charge: Obj, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]


def _refuse_refund(charge: Obj, amount: int, left: int) -> None:
    if charge["status"] != "succeeded":
        raise invalid(f"Charge {charge['id']} has not been captured.", "charge")
    if not left:
        raise invalid(
            f"Charge {charge['id']} has already been refunded.",
            code="charge_already_refunded",
        )
    if not 0 < amount <= left:
        raise invalid(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            "amount",
        )


def _refund(account: Account, charge: Obj, amount: int, params: Obj) -> Obj:
    return {
        "id": fresh_id("refund"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": fresh_id("balance_transaction"),
        "charge": charge["id"],
        "created": account.now,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "destination_details": {"type": "card"},
        "failure_balance_transaction": None,
        "failure_reason": None,
        "metadata": merged_metadata({}, params),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "pending_reason": None,
        "reason": text(params, "reason") or None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def _dispute(account: Account, charge: Obj, *, inquiry: bool) -> Obj:
    return {
        "id": fresh_id("dispute"),
        "object": "dispute",
        "amount": charge["amount"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": account.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": account.now + 7 * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": inquiry,
        "livemode": account.livemode,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {"type": "card"},
        "reason": "fraudulent",
        "status": "warning_needs_response" if inquiry else "needs_response",
    }


def _create_refund(call: Call) -> Obj:
    intent, charge = text(call.params, "payment_intent"), text(call.params, "charge")
    if intent:
        charge = call.account.get("payment_intent", intent, "payment_intent")["latest_charge"]
    if not charge:
        raise invalid("One of the following params should be provided: payment_intent or charge.")
    return refund(call.account, call.account.get("charge", charge, "charge"), call.params)


def _list(kind: str) -> Route:
    def rows(call: Call) -> Obj:
        intent = text(call.params, "payment_intent")
        charge = text(call.params, "charge")
        return listed(
            call,
            kind,
            lambda one, _: intent in {"", one["payment_intent"]} and charge in {"", one["charge"]},
        )

    return Route("GET", f"/v1/{kind}s", rows)


ROUTES = [
    Route("POST", "/v1/refunds", _create_refund),
    _list("refund"),
    Route("GET", "/v1/refunds/{id}", lambda c: c.account.get("refund", c.id)),
    _list("dispute"),
    Route("GET", "/v1/disputes/{id}", lambda c: c.account.get("dispute", c.id)),
]
