"""Accounts in the v1 and the v2 API, their onboarding links, and OAuth."""

from solynk.apps.sandbox.stripe.account import Account
from solynk.apps.sandbox.stripe.call import Call, Route
from solynk.apps.sandbox.stripe.form import Obj, required, rows, text, tree
from solynk.apps.sandbox.stripe.problems import StripeProblem, no_access

MINUTES = 5 * 60


def v1_view(account: Account) -> Obj:
    facts, ready = account.facts, account.facts["charges_enabled"]
    due = [] if ready else ["external_account"]
    requirements = {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": due,
        "disabled_reason": None if ready else "requirements.past_due",
        "errors": [],
        "eventually_due": due,
        "past_due": due,
        "pending_verification": [],
    }
    capability = "active" if ready else "inactive"
    return {
        "id": account.id,
        "object": "account",
        "business_profile": {"name": facts["name"], "url": None},
        "business_type": None,
        "capabilities": {"card_payments": capability, "transfers": capability},
        "charges_enabled": ready,
        "controller": {
            "type": "application",
            "is_controller": True,
            "fees": {"payer": "account"},
            "losses": {"payments": "stripe"},
            "requirement_collection": "stripe",
            "stripe_dashboard": {"type": "full"},
        },
        "country": facts["country"],
        "created": facts["created"],
        "default_currency": "eur",
        "details_submitted": ready,
        "email": facts["email"],
        "future_requirements": requirements,
        "metadata": facts["metadata"],
        "payouts_enabled": ready,
        "requirements": requirements,
        "settings": {
            "branding": {"icon": None, "logo": None, "primary_color": None},
            "card_payments": {"statement_descriptor_prefix": None},
            "dashboard": {"display_name": facts["name"], "timezone": "Etc/UTC"},
            "payments": {"statement_descriptor": None},
        },
        "tos_acceptance": {},
        "type": "standard",
    }


def v2_view(account: Account, include: list[str]) -> Obj:
    """Nested blocks are null unless they are named in `include`."""
    facts = account.facts
    blocks: Obj = {
        "configuration": {"configuration.merchant": {"merchant": _merchant(account)}},
        "defaults": {"defaults": {"currency": "eur"}},
        "identity": {"identity": {"country": facts["country"].lower()}},
        "requirements": {"requirements": {"entries": []}},
    }
    wanted = {
        name: next((b for key, b in by.items() if key in include), None)
        for name, by in blocks.items()
    }
    return {
        "id": account.id,
        "object": "v2.core.account",
        "applied_configurations": ["merchant"],
        "contact_email": facts["email"],
        "created": account.world.ground.clock.now().isoformat(),
        "dashboard": "full",
        "display_name": facts["name"],
        "livemode": account.livemode,
        "metadata": facts["metadata"],
        **wanted,
    }


def set_ready(account: Account, *, ready: bool) -> None:
    """Change what the account may do, and tell its Connect endpoint."""
    before = {"charges_enabled": account.facts["charges_enabled"]}
    account.facts["charges_enabled"] = ready
    account.emit("account.updated", v1_view(account), before)


def deauthorize(account: Account) -> None:
    """The creator disconnects: after this event every call for them is refused."""
    account.emit(
        "account.application.deauthorized",
        {"id": "ca_sandbox", "object": "application", "name": "Sandbox platform"},
    )
    account.revoked = True


def _merchant(account: Account) -> Obj:
    status = "active" if account.facts["charges_enabled"] else "pending"
    return {
        "applied": True,
        "capabilities": {
            "card_payments": {"requested": True, "status": status, "status_details": []}
        },
    }


def _named(call: Call, id_: str) -> Account:
    account = call.account.world.accounts.get(id_)
    if account is None or account.revoked:
        raise no_access("sk_test_", id_)
    return account


def _retrieve(call: Call) -> Obj:
    return v1_view(_named(call, call.id) if call.id else call.account)


def _create_v1(call: Call) -> Obj:
    del call
    raise StripeProblem(
        400,
        "Accounts v1 is not recommended for new Connect integrations. Use POST "
        "/v2/core/accounts instead, or turn on Accounts v1 support in the Dashboard.",
    )


def _create_v2(call: Call) -> Obj:
    created = call.account.world.open_account(
        name=text(call.params, "display_name"),
        email=text(call.params, "contact_email", "creator@example.com"),
        country=text(tree(call.params, "identity"), "country", "fr").upper(),
        charges_enabled=False,
    )
    created.facts["metadata"] = tree(call.params, "metadata")
    return v2_view(created, rows(call.params, "include"))


def _retrieve_v2(call: Call) -> Obj:
    return v2_view(_named(call, call.id), rows(call.params, "include"))


def _link(call: Call) -> Obj:
    """An onboarding link; its page finishes the account and returns."""
    account = _named(call, required(call.params, "account"))
    case = tree(tree(call.params, "use_case"), "account_onboarding") or call.params
    account.facts["return_url"] = text(case, "return_url")
    now = account.now
    is_v2 = call.path.startswith("/v2")
    return {
        "object": "v2.core.account_link" if is_v2 else "account_link",
        "account": account.id,
        "created": account.world.ground.clock.now().isoformat() if is_v2 else now,
        "expires_at": now + MINUTES,
        "url": f"{account.world.ground.base_url}/onboarding/{account.id}",
        "livemode": account.livemode,
        "use_case": call.params.get("use_case"),
    }


def _token(call: Call) -> Obj:
    """A code is `ac_` and the id of the account that said yes."""
    account = _named(call, required(call.params, "code").removeprefix("ac_"))
    return {
        "access_token": "sk_test_ignored",
        "livemode": account.livemode,
        "refresh_token": "rt_ignored",
        "scope": "read_write",
        "stripe_publishable_key": "pk_test_ignored",
        "stripe_user_id": account.id,
        "token_type": "bearer",
    }


def _deauthorize(call: Call) -> Obj:
    account = _named(call, required(call.params, "stripe_user_id"))
    deauthorize(account)
    return {"stripe_user_id": account.id}


ROUTES = [
    Route("GET", "/v1/account", _retrieve),
    Route("GET", "/v1/accounts/{id}", _retrieve),
    Route("POST", "/v1/accounts", _create_v1),
    Route("POST", "/v1/account_links", _link),
    Route("POST", "/v2/core/accounts", _create_v2),
    Route("GET", "/v2/core/accounts/{id}", _retrieve_v2),
    Route("POST", "/v2/core/account_links", _link),
    Route("POST", "/oauth/token", _token),
    Route("POST", "/oauth/deauthorize", _deauthorize),
]
