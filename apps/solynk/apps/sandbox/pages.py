"""The sandbox's own pages: what is here, the time machine, the faults."""

from datetime import timedelta
from itertools import groupby
from typing import Any

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import URLEncodedBody
from litestar.response import Redirect, Template

from solynk.apps.sandbox.faults import Fault, FaultKind
from solynk.apps.sandbox.places import Place
from solynk.apps.sandbox.words import page
from solynk.apps.sandbox.world import World

STEPS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=31),
}
SHOWN = 30


def page_routes(world: World) -> list[HTTPRouteHandler]:
    return [*_start_routes(world), *_fault_routes(world)]


def _start_routes(world: World) -> list[HTTPRouteHandler]:
    @get("/")
    async def start(request: Request[Any, Any, Any]) -> Template:
        world.catch_up()
        return page(
            request,
            "start.html",
            now=world.clock.now(),
            groups=_grouped(world),
            ahead=world.agenda.ahead()[:SHOWN],
            entries=world.ledger.entries[: -SHOWN - 1 : -1],
        )

    @post("/time", status_code=303)
    async def advance(data: URLEncodedBody[dict[str, str]]) -> Redirect:
        step = STEPS.get(data.get("step", ""), timedelta())
        await world.advance(world.clock.now() + step, settle=True)
        return Redirect("/", status_code=303)

    return [start, advance]


def _fault_routes(world: World) -> list[HTTPRouteHandler]:
    faults = world.faults

    @get("/faults")
    async def show(request: Request[Any, Any, Any]) -> Template:
        return page(
            request,
            "faults.html",
            seed=faults.seed,
            switches=faults.switches,
            kinds=list(FaultKind),
        )

    @post("/faults", status_code=303)
    async def switch(data: URLEncodedBody[dict[str, str]]) -> Redirect:
        if data.get("clear"):
            faults.switches.clear()
        else:
            faults.add(_fault(data))
        return Redirect("/faults", status_code=303)

    return [show, switch]


def _fault(form: dict[str, str]) -> Fault:
    times = form.get("times", "")
    return Fault(
        kind=FaultKind(form["kind"]),
        vendor=form.get("vendor") or "*",
        path=form.get("path") or "*",
        times=int(times) if times.isdigit() else None,
        probability=float(form.get("probability") or 1),
    )


def _grouped(world: World) -> list[tuple[str, list[Place]]]:
    places = [*world.stripe.places(), *world.telegram.places()]
    places.sort(key=lambda place: place.group)
    return [(group, list(some)) for group, some in groupby(places, key=lambda place: place.group)]
