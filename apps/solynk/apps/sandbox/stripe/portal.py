"""The customer portal as the API sees it; its page is in `pages`."""

from solynk.apps.sandbox.stripe.account import Account, fresh_id
from solynk.apps.sandbox.stripe.call import Call, Route, listed
from solynk.apps.sandbox.stripe.form import Obj, flag, merged_metadata, required, text, tree
from solynk.apps.sandbox.stripe.problems import invalid

FEATURES: dict[str, Obj] = {
    "customer_update": {"allowed_updates": []},
    "invoice_history": {},
    "payment_method_update": {"payment_method_configuration": None},
    "subscription_cancel": {
        "cancellation_reason": {"enabled": False, "options": ["other"]},
        "mode": "at_period_end",
        "proration_behavior": "none",
    },
    "subscription_pause": {"duration": {"interval_options": [], "type": "indefinite"}},
    "subscription_update": {
        "billing_cycle_anchor": None,
        "default_allowed_updates": [],
        "products": None,
        "proration_behavior": "none",
        "schedule_at_period_end": {"conditions": []},
        "trial_update_behavior": "end_trial",
    },
}
"""What each feature holds beside `enabled`."""


def _features(asked: Obj) -> Obj:
    return {
        name: {**rest, "enabled": flag(tree(asked, name), "enabled")}
        for name, rest in FEATURES.items()
    }


def _create_configuration(call: Call) -> Obj:
    account = call.account
    first = not account.every("billing_portal.configuration")
    return account.add(
        {
            "id": fresh_id("billing_portal.configuration"),
            "object": "billing_portal.configuration",
            "active": True,
            "application": None,
            "business_profile": {
                "headline": None,
                "privacy_policy_url": None,
                "terms_of_service_url": None,
            },
            "created": account.now,
            "default_return_url": text(call.params, "default_return_url") or None,
            "features": _features(tree(call.params, "features")),
            "is_default": first,
            "livemode": account.livemode,
            "login_page": {"enabled": False, "url": None},
            "metadata": merged_metadata({}, call.params),
            "updated": account.now,
        }
    )


def _create_portal_session(call: Call) -> Obj:
    account, params = call.account, call.params
    customer = account.get("customer", required(params, "customer"), "customer")
    configuration = _configuration(account, text(params, "configuration"))
    id_ = fresh_id("billing_portal.session")
    return account.add(
        {
            "id": id_,
            "object": "billing_portal.session",
            "configuration": configuration["id"],
            "created": account.now,
            "customer": customer["id"],
            "customer_account": None,
            "flow": None,
            "livemode": account.livemode,
            "locale": text(params, "locale") or None,
            "on_behalf_of": None,
            "return_url": text(params, "return_url") or configuration["default_return_url"],
            "url": f"{account.world.ground.base_url}/portal/{id_}",
        }
    )


def _configuration(account: Account, id_: str) -> Obj:
    if id_:
        return account.get("billing_portal.configuration", id_, "configuration")
    for one in account.every("billing_portal.configuration"):
        if one["is_default"]:
            return one
    raise invalid(
        "No configuration provided and your test mode default configuration has not "
        "been created. Provide a configuration or create your default by saving your "
        "customer portal settings in test mode.",
    )


ROUTES = [
    Route("POST", "/v1/billing_portal/configurations", _create_configuration),
    Route(
        "GET",
        "/v1/billing_portal/configurations",
        lambda c: listed(c, "billing_portal.configuration"),
    ),
    Route("POST", "/v1/billing_portal/sessions", _create_portal_session),
]
