"""Invoices: drafted, finalised, then paid, voided or written off."""

from solynk.apps.sandbox.stripe.account import Account, fresh_id
from solynk.apps.sandbox.stripe.call import as_list
from solynk.apps.sandbox.stripe.form import Obj
from solynk.apps.sandbox.stripe.payments import (
    new_invoice_payment,
    new_payment_intent,
    payments_of,
)

SHOWN_LINES = 10


def new_invoice(account: Account, subscription: Obj, reason: str, lines: list[Obj]) -> Obj:
    """Draft an invoice for `subscription` (announced as `invoice.created`)."""
    id_ = fresh_id("invoice")
    total = max(sum(line["amount"] for line in lines), 0)
    for line in lines:
        line["invoice"] = id_
    customer = account.get("customer", subscription["customer"])
    invoice = account.add(
        {
            **_blank(account),
            "id": id_,
            "currency": subscription["currency"],
            "billing_reason": reason,
            "customer": customer["id"],
            "customer_email": customer["email"],
            "customer_name": customer["name"],
            "lines": _first(lines, f"/v1/invoices/{id_}/lines"),
            "_lines": lines,
            "parent": _parent(subscription),
            **_amounts(total),
        }
    )
    subscription["latest_invoice"] = id_
    account.emit("invoice.created", invoice)
    return invoice


def new_line(
    account: Account, item: Obj, price: Obj, amount: int, period: tuple[int, int],
    *, proration: bool = False,
) -> Obj:  # fmt: skip
    return {
        "id": fresh_id("line_item"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": "Remaining time" if proration else "Membership",
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": None,
        "livemode": account.livemode,
        "metadata": {},
        "parent": {
            "type": "subscription_item_details",
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": proration,
                "proration_details": None,
                "subscription": item["subscription"],
                "subscription_item": item["id"],
            },
        },
        "period": {"start": period[0], "end": period[1]},
        "pretax_credit_amounts": [],
        "pricing": {
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": item["quantity"],
        "subtotal": amount,
        "taxes": [],
    }


def finalize(account: Account, invoice: Obj) -> None:
    """Open it. The subscription's metadata is copied in here, and stays as it is."""
    subscription = subscription_of(account, invoice)
    invoice["parent"] = _parent(subscription)
    invoice["status"] = "open"
    invoice["number"] = f"SANDBOX-{len(account.every('invoice')):04d}"
    invoice["effective_at"] = account.now
    invoice["automatically_finalizes_at"] = None
    invoice["status_transitions"]["finalized_at"] = account.now
    invoice["hosted_invoice_url"] = f"{account.world.ground.base_url}/invoices/{invoice['id']}"
    if invoice["amount_due"]:
        new_invoice_payment(account, invoice, _intent(account, invoice))
    account.emit("invoice.finalized", invoice)


def mark_paid(account: Account, invoice: Obj) -> None:
    """Paid in full, by a charge or because there was nothing to pay."""
    invoice.update(
        status="paid",
        attempted=True,
        amount_paid=invoice["amount_due"],
        amount_remaining=0,
        next_payment_attempt=None,
        auto_advance=False,
    )
    invoice["status_transitions"]["paid_at"] = account.now
    account.emit("invoice.paid", invoice)
    account.emit("invoice.payment_succeeded", invoice)
    for payment in payments_of(account, invoice["id"]):
        payment["status"] = "paid"
        payment["amount_paid"] = invoice["amount_paid"]
        payment["status_transitions"]["paid_at"] = account.now
        account.emit("invoice_payment.paid", payment)


def void(account: Account, invoice: Obj) -> None:
    _close(account, invoice, "void", "voided_at")
    account.emit("invoice.voided", invoice)


def mark_uncollectible(account: Account, invoice: Obj) -> None:
    _close(account, invoice, "uncollectible", "marked_uncollectible_at")
    account.emit("invoice.marked_uncollectible", invoice)


def subscription_of(account: Account, invoice: Obj) -> Obj:
    id_ = invoice["parent"]["subscription_details"]["subscription"]
    return account.get("subscription", id_)


def _close(account: Account, invoice: Obj, status: str, moment: str) -> None:
    invoice["status"] = status
    invoice["next_payment_attempt"] = None
    invoice["auto_advance"] = False
    invoice["status_transitions"][moment] = account.now
    account.call_off(f"{invoice['id']}:collect")


def _intent(account: Account, invoice: Obj) -> Obj:
    return new_payment_intent(
        account,
        invoice["amount_due"],
        invoice["currency"],
        customer=invoice["customer"],
        description="Subscription update"
        if invoice["billing_reason"] != "subscription_create"
        else "Subscription creation",
    )


def _parent(subscription: Obj) -> Obj:
    return {
        "type": "subscription_details",
        "quote_details": None,
        "subscription_details": {
            "metadata": dict(subscription["metadata"]),
            "subscription": subscription["id"],
            "subscription_proration_date": None,
        },
    }


def _first(lines: list[Obj], url: str) -> Obj:
    """What an invoice shows of its lines; the others are listed at `url`."""
    shown = as_list(lines[:SHOWN_LINES], url)
    return {**shown, "has_more": len(lines) > SHOWN_LINES, "total_count": len(lines)}


def _amounts(total: int) -> Obj:
    return {
        "amount_due": total,
        "amount_paid": 0,
        "amount_remaining": total,
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "total": total,
        "total_excluding_tax": total,
    }


def _blank(account: Account) -> Obj:
    return {
        "object": "invoice",
        "account_country": account.facts["country"],
        "account_name": account.facts["name"],
        "account_tax_ids": None,
        "amount_overpaid": 0,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {"enabled": False, "liability": None, "status": None},
        "automatically_finalizes_at": None,
        "collection_method": "charge_automatically",
        "created": account.now,
        "custom_fields": None,
        "customer_account": None,
        "customer_address": None,
        "customer_phone": None,
        "customer_shipping": None,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "due_date": None,
        "effective_at": None,
        "ending_balance": None,
        "footer": None,
        "from_invoice": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
        "livemode": account.livemode,
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "on_behalf_of": None,
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": account.now,
        "period_start": account.now,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": 0,
        "statement_descriptor": None,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "test_clock": None,
        "total_discount_amounts": [],
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": None,
    }
