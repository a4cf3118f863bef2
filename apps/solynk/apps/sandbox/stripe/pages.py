"""Stripe's pages: the checkout, the customer portal, a creator's onboarding."""

from typing import Any, cast

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from solynk.apps.sandbox.stripe.account import Account, Behaviour
from solynk.apps.sandbox.stripe.accounts import set_ready
from solynk.apps.sandbox.stripe.collection import collect
from solynk.apps.sandbox.stripe.form import Obj
from solynk.apps.sandbox.stripe.paying import Way, pay
from solynk.apps.sandbox.stripe.subscription import ENDED, current_end, ends_at
from solynk.apps.sandbox.stripe.subscriptions import cancel_at_period_end, keep
from solynk.apps.sandbox.words import money, page
from solynk.apps.sandbox.world import World

WAYS = ("pay", "decline", "delayed", "delayed_fail")


def stripe_page_routes(world: World) -> list[HTTPRouteHandler]:
    return [
        *_checkout_routes(world),
        *_portal_routes(world),
        *_onboarding_routes(world),
    ]


def _checkout_routes(world: World) -> list[HTTPRouteHandler]:
    @get("/checkout/{id_:str}")
    async def checkout(request: Request[Any, Any, Any], id_: FromPath[str]) -> Template:
        world.catch_up()
        account, session = world.stripe.session(id_)
        return page(
            request,
            "checkout.html",
            session=session,
            seller=account.facts["name"],
            total=money(session["amount_total"], session["currency"]),
            money=money,
            ways=_ways(session),
            declined="declined" in request.query_params,
        )

    @post("/checkout/{id_:str}", status_code=303)
    async def decide(id_: FromPath[str], data: URLEncodedBody[dict[str, str]]) -> Redirect:
        world.catch_up()
        account, session = world.stripe.session(id_)
        way = data.get("way", "pay")
        if session["status"] != "open" or way not in {*WAYS, "no_card"}:
            return Redirect(f"/checkout/{id_}", status_code=303)
        pay(account, session, cast("Way", way), email=data.get("email", ""))
        return Redirect(_after(session), status_code=303)

    return [checkout, decide]


def _portal_routes(world: World) -> list[HTTPRouteHandler]:
    @get("/portal/{id_:str}")
    async def portal(request: Request[Any, Any, Any], id_: FromPath[str]) -> Template:
        world.catch_up()
        account, session = world.stripe.portal(id_)
        subscriptions = [
            {
                "id": one["id"],
                "status": one["status"],
                "until": account.moment(current_end(one)),
                "ends": account.moment(ends_at(one)),
            }
            for one in _theirs(account, session)
        ]
        return page(request, "portal.html", session=session, subscriptions=subscriptions)

    @post("/portal/{id_:str}", status_code=303)
    async def change(id_: FromPath[str], data: URLEncodedBody[dict[str, str]]) -> Redirect:
        account, session = world.stripe.portal(id_)
        _act(account, session, data.get("act", ""), data.get("subscription", ""))
        return Redirect(f"/portal/{id_}", status_code=303)

    return [portal, change]


def _onboarding_routes(world: World) -> list[HTTPRouteHandler]:
    @get("/onboarding/{id_:str}")
    async def onboarding(request: Request[Any, Any, Any], id_: FromPath[str]) -> Template:
        account = world.stripe.account(id_)
        return page(request, "onboarding.html", seller=account.facts["name"], id=id_)

    @post("/onboarding/{id_:str}", status_code=303)
    async def finish(id_: FromPath[str], data: URLEncodedBody[dict[str, str]]) -> Redirect:
        account = world.stripe.account(id_)
        if data.get("act") == "finish":
            set_ready(account, ready=True)
        return Redirect(account.facts.get("return_url") or "/", status_code=303)

    return [onboarding, finish]


def _after(session: Obj) -> str:
    """Where the buyer goes; a declined one stays and reads why."""
    if session["status"] != "complete":
        return f"/checkout/{session['id']}?declined=1"
    address: str = session["success_url"] or "/"
    return address.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _ways(session: Obj) -> list[str]:
    free_start = not session["amount_total"]
    optional = session["payment_method_collection"] == "if_required"
    return [*WAYS, *(["no_card"] if free_start and optional else [])]


def _theirs(account: Account, session: Obj) -> list[Obj]:
    return [
        one
        for one in account.every("subscription")
        if one["customer"] == session["customer"] and one["status"] not in ENDED
    ]


def _act(account: Account, session: Obj, act: str, id_: str) -> None:
    """Only what belongs to the session's customer can be acted on."""
    if act in {"card_good", "card_bad"}:
        mode = "pay" if act == "card_good" else "decline"
        account.behaviours[session["customer"]] = Behaviour(mode)
    for one in _theirs(account, session):
        if act == "card_good":
            _pay_what_is_due(account, one)
        elif one["id"] == id_ and act == "stop":
            cancel_at_period_end(account, one)
        elif one["id"] == id_ and act == "keep":
            keep(account, one)


def _pay_what_is_due(account: Account, subscription: Obj) -> None:
    invoice = account.find("invoice", subscription["latest_invoice"] or "")
    if invoice and invoice["status"] == "open" and subscription["status"] != "active":
        collect(account, invoice)
