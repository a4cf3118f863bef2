"""The HTTP front: key, account, idempotency, dispatch, and the answer's headers."""

import json
import secrets
from base64 import b64decode
from typing import Any

import msgspec
from litestar import Request, Response, route
from litestar.handlers import HTTPRouteHandler

from solynk.apps.sandbox.answers import Answer, Incoming, answered
from solynk.apps.sandbox.faults import Fault, FaultKind
from solynk.apps.sandbox.stripe import (
    accounts,
    catalog,
    checkout,
    customers,
    invoicing,
    payments,
    portal,
    registry,
    reversals,
    subscriptions,
)
from solynk.apps.sandbox.stripe.account import DAY, Account
from solynk.apps.sandbox.stripe.call import Call, Route
from solynk.apps.sandbox.stripe.control import stripe_control_routes
from solynk.apps.sandbox.stripe.expand import expanded
from solynk.apps.sandbox.stripe.form import Obj, parsed, rows
from solynk.apps.sandbox.stripe.pages import stripe_page_routes
from solynk.apps.sandbox.stripe.problems import (
    StripeProblem,
    mismatch,
    no_such_address,
    of_fault,
)
from solynk.apps.sandbox.stripe.universe import Remembered, StripeWorld
from solynk.apps.sandbox.world import World

ROUTES: list[Route] = [
    *accounts.ROUTES,
    *catalog.ROUTES,
    *checkout.ROUTES,
    *customers.ROUTES,
    *invoicing.ROUTES,
    *payments.ROUTES,
    *portal.ROUTES,
    *registry.ROUTES,
    *reversals.ROUTES,
    *subscriptions.ROUTES,
]


class Asked(msgspec.Struct, frozen=True):
    """One request, read."""

    method: str
    path: str
    key: str
    account: str
    version: str
    idempotency_key: str
    params: Obj
    id: str

    @property
    def fingerprint(self) -> str:
        return json.dumps([self.method, self.path, self.params], sort_keys=True)


def stripe_routes(world: World) -> list[HTTPRouteHandler]:
    @route(
        ["/v1/{rest:path}", "/v2/{rest:path}", "/oauth/{rest:path}"],
        http_method=["GET", "POST", "DELETE"],
        name="stripe",
    )
    async def stripe(request: Request[Any, Any, Any]) -> Response[bytes]:
        asked = await _asked(request)
        incoming = Incoming("stripe", asked.method, asked.path, asked.account, asked.params)

        async def work() -> Answer:
            return _with_headers(asked, _worked(world.stripe, asked))

        def problem(fault: Fault) -> Answer:
            return _with_headers(asked, _problem(fault))

        return await answered(world, incoming, work, problem)

    return [stripe, *stripe_control_routes(world), *stripe_page_routes(world)]


async def _asked(request: Request[Any, Any, Any]) -> Asked:
    body = (await request.body()).decode()
    is_json = request.headers.get("content-type", "").startswith("application/json")
    query = parsed(request.scope["query_string"].decode())
    params = json.loads(body) if is_json and body else parsed(body)
    return Asked(
        method=request.method,
        path=request.url.path,
        key=_key(request.headers.get("authorization", "")),
        account=request.headers.get("stripe-account", ""),
        version=request.headers.get("stripe-version", ""),
        idempotency_key=request.headers.get("idempotency-key", ""),
        params={**query, **params},
        id=f"req_{secrets.token_hex(8)}",
    )


def _key(authorization: str) -> str:
    """The key as a bearer token, or as the user name of basic authentication."""
    scheme, _, value = authorization.partition(" ")
    if scheme != "Basic":
        return value
    try:
        return b64decode(value).decode().removesuffix(":")
    except ValueError:
        return ""


def _worked(world: StripeWorld, asked: Asked) -> Answer:
    try:
        account = world.authenticated(asked.key, asked.account)
        return _once(world, account, asked)
    except StripeProblem as problem:
        return Answer(problem.status, problem.envelope())


def _once(world: StripeWorld, account: Account, asked: Asked) -> Answer:
    """Work, or replay what the same key was answered within 24 virtual hours.

    Validation errors are not kept, as at Stripe; declines (402) are.
    """
    place = (account.id, asked.idempotency_key)
    kept = world.remembered.get(place) if asked.method == "POST" else None
    if kept is not None and account.now - kept.at < DAY:
        if kept.asked != asked.fingerprint:
            raise mismatch(asked.idempotency_key)
        headers = {
            "Idempotent-Replayed": "true",
            "Original-Request": kept.request_id,
        }
        return Answer(kept.status, kept.body, headers)
    answer = _dispatched(world, account, asked)
    if asked.idempotency_key and answer.status in {200, 402}:
        world.remembered[place] = Remembered(
            asked.fingerprint, answer.status, answer.body, asked.id, account.now
        )
    return answer


def _dispatched(world: StripeWorld, account: Account, asked: Asked) -> Answer:
    world.request = {
        "id": asked.id,
        "idempotency_key": asked.idempotency_key or None,
    }
    try:
        return Answer(200, _handled(account, asked))
    except StripeProblem as problem:
        if problem.status != 402:  # noqa: PLR2004
            raise
        return Answer(402, problem.envelope())
    finally:
        world.request = {"id": None, "idempotency_key": None}


def _handled(account: Account, asked: Asked) -> Obj:
    for one in ROUTES:
        if found := one.match(asked.method, asked.path):
            call = Call(account, asked.path, asked.params, *found.groups()[:1])
            return expanded(account, one.handler(call), rows(asked.params, "expand"))
    raise no_such_address(asked.method, asked.path)


def _problem(fault: Fault) -> Answer:
    problem = of_fault(fault)
    headers = {"Retry-After": str(fault.retry_after)} if fault.kind is FaultKind.RATE_LIMIT else {}
    return Answer(problem.status, problem.envelope(), headers)


def _with_headers(asked: Asked, answer: Answer) -> Answer:
    answer.headers["Request-Id"] = asked.id
    if asked.version:
        answer.headers["Stripe-Version"] = asked.version
    if asked.account:
        answer.headers["Stripe-Account"] = asked.account
    if asked.idempotency_key:
        answer.headers["Idempotency-Key"] = asked.idempotency_key
    return answer
