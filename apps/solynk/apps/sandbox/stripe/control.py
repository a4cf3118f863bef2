"""Stripe's control side: what buyers, creators, banks and the network do.

Everything here is the world acting, not the API being called.
"""

from collections.abc import Callable
from typing import TypeAlias

import msgspec
from litestar import get, post
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from solynk.apps.sandbox.stripe.account import Account, Behaviour
from solynk.apps.sandbox.stripe.accounts import deauthorize, set_ready, v1_view
from solynk.apps.sandbox.stripe.collection import collect, finalize_and_collect
from solynk.apps.sandbox.stripe.events import announce, send
from solynk.apps.sandbox.stripe.form import Obj, shown
from solynk.apps.sandbox.stripe.invoices import mark_uncollectible, void
from solynk.apps.sandbox.stripe.paying import DEBIT_DAYS, Way, pay
from solynk.apps.sandbox.stripe.registry import new_endpoint
from solynk.apps.sandbox.stripe.reversals import (
    close_dispute,
    fail_refund,
    open_dispute,
    refund,
)
from solynk.apps.sandbox.stripe.session import expire
from solynk.apps.sandbox.stripe.subscriptions import (
    cancel_at_period_end,
    cancel_now,
    keep,
)
from solynk.apps.sandbox.world import World


class AccountIn(msgspec.Struct, frozen=True):
    id: str = ""
    name: str = "A creator"
    charges_enabled: bool = True
    country: str = "FR"
    email: str = "creator@example.com"


class AccountChange(msgspec.Struct, frozen=True):
    """`retry_after_days`, `finally_` and `draft_seconds` are the dunning settings."""

    charges_enabled: bool | None = None
    retry_after_days: list[float] | None = None
    finally_: str | None = msgspec.field(default=None, name="finally")
    draft_seconds: int | None = None


class EndpointIn(msgspec.Struct, frozen=True):
    """Registers a webhook endpoint with a secret of the caller's choice."""

    url: str
    secret: str
    connect: bool = True
    events: list[str] = msgspec.field(default_factory=lambda: ["*"])
    account: str = ""


class BehaviourIn(msgspec.Struct, frozen=True):
    """For a customer or, before that, for one of their subscriptions."""

    id: str
    mode: str = "pay"
    decline_next: int = 0
    settle_days: float = DEBIT_DAYS


class PayIn(msgspec.Struct, frozen=True):
    way: Way = "pay"
    email: str = ""
    settle_days: float = DEBIT_DAYS


class ActIn(msgspec.Struct, frozen=True):
    """What an act needs beside its object; each act says which."""

    amount: int | None = None
    status: str = "lost"
    inquiry: bool = False
    comment: str = ""


class EventIn(msgspec.Struct, frozen=True):
    type: str
    object: Obj
    previous_attributes: Obj | None = None


class SettingsIn(msgspec.Struct, frozen=True):
    livemode: bool | None = None
    revoked_keys: list[str] | None = None
    old_secrets: dict[str, str] | None = None
    """By endpoint id; the fault `second_secret` signs with it as well."""


Act: TypeAlias = Callable[[Account, Obj, ActIn], Obj | None]

ACTS: dict[str, tuple[str, Act]] = {
    "refund": ("charge", lambda a, o, d: refund(a, o, {"amount": d.amount})),
    "fail_refund": ("refund", lambda a, o, _: fail_refund(a, o)),
    "dispute": ("charge", lambda a, o, d: open_dispute(a, o, inquiry=d.inquiry)),
    "close_dispute": ("dispute", lambda a, o, d: close_dispute(a, o, d.status)),
    "cancel": ("subscription", lambda a, o, d: cancel_now(a, o, d.comment)),
    "cancel_at_period_end": (
        "subscription",
        lambda a, o, _: cancel_at_period_end(a, o),
    ),
    "keep": ("subscription", lambda a, o, _: keep(a, o)),
    "finalize_invoice": ("invoice", lambda a, o, _: finalize_and_collect(a, o)),
    "collect_invoice": ("invoice", lambda a, o, _: collect(a, o)),
    "void_invoice": ("invoice", lambda a, o, _: void(a, o)),
    "mark_uncollectible": ("invoice", lambda a, o, _: mark_uncollectible(a, o)),
    "expire_session": ("checkout.session", lambda a, o, _: expire(a, o)),
    "resend_event": ("event", lambda a, o, _: send(a.world, a, o)),
}
"""Per act: the kind of object that it acts on, and what it does."""


def stripe_control_routes(world: World) -> list[HTTPRouteHandler]:
    return [*_account_routes(world), *_world_routes(world), *_act_routes(world)]


def _account_routes(world: World) -> list[HTTPRouteHandler]:
    stripe = world.stripe

    @post("/sandbox/stripe/accounts", status_code=200)
    async def open_account(data: JSONBody[AccountIn]) -> Obj:
        account = stripe.open_account(
            data.id,
            name=data.name,
            charges_enabled=data.charges_enabled,
            country=data.country,
            email=data.email,
        )
        return v1_view(account)

    @get("/sandbox/stripe/accounts")
    async def every_account() -> list[Obj]:
        return [v1_view(account) for account in stripe.accounts.values()]

    @post("/sandbox/stripe/{account:str}/settings", status_code=200)
    async def change_account(account: FromPath[str], data: JSONBody[AccountChange]) -> Obj:
        changed = stripe.account(account)
        _set_dunning(changed, data)
        if data.charges_enabled is not None:
            set_ready(changed, ready=data.charges_enabled)
        return v1_view(changed)

    @post("/sandbox/stripe/{account:str}/deauthorize", status_code=200)
    async def disconnect(account: FromPath[str]) -> Obj:
        deauthorize(stripe.account(account))
        return {"revoked": True}

    return [open_account, every_account, change_account, disconnect]


def _world_routes(world: World) -> list[HTTPRouteHandler]:
    stripe = world.stripe

    @post("/sandbox/stripe/endpoints", status_code=200)
    async def endpoint(data: JSONBody[EndpointIn]) -> Obj:
        owner = stripe.account(data.account) if data.account else stripe.platform
        made = new_endpoint(
            owner, data.url, events=data.events, connect=data.connect, secret=data.secret
        )
        return shown({**made, "secret": data.secret})

    @post("/sandbox/stripe/settings", status_code=200)
    async def settings(data: JSONBody[SettingsIn]) -> Obj:
        if data.livemode is not None:
            stripe.livemode = data.livemode
        if data.revoked_keys is not None:
            stripe.revoked_keys = set(data.revoked_keys)
        stripe.old_secrets.update(data.old_secrets or {})
        return {"livemode": stripe.livemode, "revoked_keys": sorted(stripe.revoked_keys)}

    @post("/sandbox/stripe/sessions/{session:str}/pay", status_code=200)
    async def pay_session(session: FromPath[str], data: JSONBody[PayIn]) -> Obj:
        world.catch_up()
        account, found = stripe.session(session)
        pay(account, found, data.way, email=data.email, settle_days=data.settle_days)
        return shown(found)

    return [endpoint, settings, pay_session]


def _act_routes(world: World) -> list[HTTPRouteHandler]:
    stripe = world.stripe

    @post("/sandbox/stripe/{account:str}/behaviour", status_code=200)
    async def behave(account: FromPath[str], data: JSONBody[BehaviourIn]) -> Obj:
        stripe.account(account).behaviours[data.id] = Behaviour(
            data.mode, data.decline_next, data.settle_days
        )
        return msgspec.structs.asdict(data)

    @post("/sandbox/stripe/{account:str}/events", status_code=200)
    async def craft(account: FromPath[str], data: JSONBody[EventIn]) -> Obj:
        owner = stripe.account(account)
        announce(stripe, owner, data.type, data.object, data.previous_attributes)
        return shown(owner.every("event")[-1])

    @post("/sandbox/stripe/{account:str}/act/{act:str}/{id_:str}", status_code=200)
    async def act(
        account: FromPath[str],
        act: FromPath[str],
        id_: FromPath[str],
        data: JSONBody[ActIn],
    ) -> Obj:
        world.catch_up()
        if act not in ACTS:
            raise HTTPException(f"Acts: {', '.join(ACTS)}", status_code=404)
        kind, do = ACTS[act]
        owner = stripe.account(account)
        obj = owner.get(kind, id_)
        made = do(owner, obj, data)
        return shown(made or obj)

    @get("/sandbox/stripe/{account:str}/objects/{kind:str}")
    async def objects(account: FromPath[str], kind: FromPath[str]) -> list[Obj]:
        return [shown(one) for one in stripe.account(account).every(kind)]

    return [behave, craft, act, objects]


def _set_dunning(account: Account, data: AccountChange) -> None:
    dunning = account.dunning
    if data.retry_after_days is not None:
        dunning.retry_after_days = data.retry_after_days
    if data.finally_ is not None:
        dunning.finally_ = data.finally_
    if data.draft_seconds is not None:
        dunning.draft_seconds = data.draft_seconds
