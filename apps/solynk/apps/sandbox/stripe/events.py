"""Events: kept on the account for 30 days, and delivered signed to the endpoints."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from solynk.apps.sandbox.delivery import Delivery
from solynk.apps.sandbox.faults import FaultKind
from solynk.apps.sandbox.stripe.account import Account, fresh_id
from solynk.apps.sandbox.stripe.form import Obj, shown

if TYPE_CHECKING:
    from solynk.apps.sandbox.stripe.universe import StripeWorld

NOBODY_KNOWS = "whsec_forged"


def announce(
    world: "StripeWorld", account: Account, kind: str, obj: Obj, previous: Obj | None
) -> None:
    """Record an event about `obj` as it stands, and queue it for every endpoint."""
    data: Obj = {"object": shown(obj)}
    if previous is not None:
        data["previous_attributes"] = shown(previous)
    event = account.add(_event(world, account, kind, data))
    send(world, account, event)


def send(world: "StripeWorld", account: Account, event: Obj) -> None:
    """Queue one event, fresh or resent, for every endpoint that listens to it."""
    for endpoint in listening(world, account, event["type"]):
        body = json.dumps(_as_seen(world, account, event, endpoint)).encode()
        world.ground.deliveries.put(
            Delivery(
                vendor="stripe",
                kind=event["type"],
                account=account.id,
                url=endpoint["url"],
                body=body,
                headers=signer(world, endpoint, event["type"], account.id),
                about={"event": event["id"], "object": event["data"]["object"].get("id")},
            )
        )


def listening(world: "StripeWorld", account: Account, kind: str) -> list[Obj]:
    """An account endpoint hears its own account; a Connect endpoint all the others."""
    own = [e for e in account.every("webhook_endpoint") if not e["_connect"]]
    connect = [e for e in world.platform.every("webhook_endpoint") if e["_connect"]]
    heard = own if account is world.platform else [*own, *connect]
    return [
        endpoint
        for endpoint in heard
        if endpoint["status"] == "enabled"
        and any(fnmatchcase(kind, wanted) for wanted in endpoint["enabled_events"])
    ]


def signature(body: bytes, secret: str, at: int) -> str:
    signed = f"{at}.".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def signer(
    world: "StripeWorld", endpoint: Obj, kind: str, account: str
) -> Callable[[bytes], Mapping[str, str]]:
    """Headers for one attempt. `t` is wall time, since receivers' tolerance is."""

    def headers(body: bytes) -> Mapping[str, str]:
        faults = world.ground.faults
        stale = faults.on_delivery(FaultKind.STALE, "stripe", kind, account)
        at = int(time.time() - (stale.seconds if stale else 0))  # noqa: TID251 - wall time is meant
        secrets = [endpoint["_secret"]]
        if faults.on_delivery(FaultKind.FORGED, "stripe", kind, account):
            secrets = [NOBODY_KNOWS]
        if faults.on_delivery(FaultKind.SECOND_SECRET, "stripe", kind, account):
            secrets.insert(0, world.old_secrets.get(endpoint["id"], NOBODY_KNOWS))
        schemes = [f"v1={signature(body, secret, at)}" for secret in secrets]
        return {"Stripe-Signature": ",".join([f"t={at}", *schemes, f"v0={'0' * 64}"])}

    return headers


def _event(world: "StripeWorld", account: Account, kind: str, data: Obj) -> Obj:
    return {
        "id": fresh_id("event"),
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": account.now,
        "data": data,
        "livemode": world.livemode,
        "pending_webhooks": len(listening(world, account, kind)),
        "request": dict(world.request),
        "type": kind,
    }


def _as_seen(world: "StripeWorld", account: Account, event: Obj, endpoint: Obj) -> Obj:
    """Connect deliveries name the account; a fault may turn livemode round."""
    seen = {**event, "api_version": endpoint["api_version"] or event["api_version"]}
    if endpoint["_connect"]:
        seen["account"] = account.id
    if world.ground.faults.on_delivery(FaultKind.LIVEMODE, "stripe", event["type"], account.id):
        seen["livemode"] = not event["livemode"]
    return seen
