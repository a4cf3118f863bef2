"""The Checkout Session object, and its end without a payment."""

from solynk.apps.sandbox.stripe.account import Account
from solynk.apps.sandbox.stripe.call import as_list
from solynk.apps.sandbox.stripe.form import Obj, whole


def expire(account: Account, session: Obj) -> None:
    if session["status"] == "open":
        account.call_off(f"{session['id']}:expiry")
        session.update(status="expired", url=None)
        account.emit("checkout.session.expired", session)


def line_items(session: Obj) -> Obj:
    return as_list(session["_lines"], f"/v1/checkout/sessions/{session['id']}/line_items")


def trial_end_of(account: Account, data: Obj) -> int | None:
    days = whole(data, "trial_period_days")
    if days is not None:
        return account.now + days * 86_400
    return whole(data, "trial_end")


def blank_session(account: Account) -> Obj:
    return {
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "automatic_tax": {
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "billing_address_collection": None,
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": account.now,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer_account": None,
        "customer_details": None,
        "discounts": [],
        "invoice": None,
        "invoice_creation": None,
        "livemode": account.livemode,
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card", "sepa_debit"],
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "total_details": {
            "amount_discount": 0,
            "amount_shipping": 0,
            "amount_tax": 0,
        },
        "wallet_options": None,
    }
