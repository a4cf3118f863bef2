"""Events and webhook endpoints as the API sees them."""

import secrets

from solynk.apps.sandbox.stripe.account import Account, fresh_id
from solynk.apps.sandbox.stripe.call import Call, Route, listed
from solynk.apps.sandbox.stripe.form import (
    Obj,
    flag,
    merged_metadata,
    required,
    rows,
    text,
)
from solynk.apps.sandbox.stripe.problems import invalid

MOST_ENDPOINTS = 16
MOST_TYPES = 20


def new_endpoint(
    account: Account, url: str, *, events: list[str], connect: bool,
    api_version: str | None = None, secret: str = "", metadata: Obj | None = None,
) -> Obj:  # fmt: skip
    return account.add(
        {
            "id": fresh_id("webhook_endpoint"),
            "object": "webhook_endpoint",
            "api_version": api_version,
            "application": None,
            "created": account.now,
            "description": None,
            "enabled_events": events,
            "livemode": account.livemode,
            "metadata": metadata or {},
            "status": "enabled",
            "url": url,
            "_connect": connect,
            "_secret": secret or f"whsec_{secrets.token_hex(16)}",
        }
    )


def _create_endpoint(call: Call) -> Obj:
    account, params = call.account, call.params
    if len(account.every("webhook_endpoint")) >= MOST_ENDPOINTS:
        raise invalid("You have reached the maximum of 16 test webhook endpoints.")
    events = rows(params, "enabled_events")
    if not events:
        raise invalid("Missing required param: enabled_events.", "enabled_events")
    endpoint = new_endpoint(
        account,
        required(params, "url"),
        events=events,
        connect=flag(params, "connect"),
        api_version=text(params, "api_version") or None,
        metadata=merged_metadata({}, params),
    )
    return {**endpoint, "secret": endpoint["_secret"]}


def _update_endpoint(call: Call) -> Obj:
    endpoint = call.account.get("webhook_endpoint", call.id)
    endpoint["url"] = text(call.params, "url", endpoint["url"])
    endpoint["enabled_events"] = rows(call.params, "enabled_events") or endpoint["enabled_events"]
    if "disabled" in call.params:
        endpoint["status"] = "disabled" if flag(call.params, "disabled") else "enabled"
    endpoint["metadata"] = merged_metadata(endpoint["metadata"], call.params)
    return endpoint


def _delete_endpoint(call: Call) -> Obj:
    call.account.get("webhook_endpoint", call.id)
    del call.account.shelf["webhook_endpoint"][call.id]
    return {"id": call.id, "object": "webhook_endpoint", "deleted": True}


def _list_events(call: Call) -> Obj:
    types = rows(call.params, "types") or [text(call.params, "type")]
    if len(types) > MOST_TYPES:
        raise invalid(f"You may only specify up to {MOST_TYPES} event types.", "types")
    oldest = call.account.now - 30 * 86_400
    return listed(
        call,
        "event",
        lambda one, _: one["created"] >= oldest and (types == [""] or one["type"] in types),
    )


ROUTES = [
    Route("GET", "/v1/events", _list_events),
    Route("GET", "/v1/events/{id}", lambda c: c.account.get("event", c.id)),
    Route("POST", "/v1/webhook_endpoints", _create_endpoint),
    Route("GET", "/v1/webhook_endpoints", lambda c: listed(c, "webhook_endpoint")),
    Route(
        "GET",
        "/v1/webhook_endpoints/{id}",
        lambda c: c.account.get("webhook_endpoint", c.id),
    ),
    Route("POST", "/v1/webhook_endpoints/{id}", _update_endpoint),
    Route("DELETE", "/v1/webhook_endpoints/{id}", _delete_endpoint),
]
