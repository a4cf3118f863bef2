"""Events that belong to no organization: unknown accounts, test mode at a live address, poison."""

from http import HTTPStatus
from typing import Final
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from solynk.apps.api.bodies import Why
from solynk.apps.api.problems import reads, writes
from solynk.apps.api.scope import Limit, by
from solynk.apps.api.views import EventView, Page
from solynk.apps.engine import Wiring, replay_event
from solynk.core.catalog import Platform, Provider
from solynk.core.event import EventStatus
from solynk.core.ids import EventId

PAYMENTS: Final = tuple(it.value for it in Provider)
UPDATES: Final = tuple(it.value for it in Platform)


@get(
    "/",
    summary="Payment events that no organization owns, the newest first; or platforms' updates",
    responses=reads(),
)
async def list_unowned(
    wiring: NamedDependency[Wiring],
    status: FromQuery[EventStatus | None] = None,
    updates: FromQuery[bool] = False,  # noqa: FBT002 -- a query parameter
    before: FromQuery[UUID | None] = None,
    limit: Limit = 100,
) -> Page[EventView]:
    cursor = None if before is None else EventId(str(before))
    async with wiring.store.begin() as tx:
        found = await tx.event_lists.all(
            None,
            status=status,
            sources=UPDATES if updates else PAYMENTS,
            before=cursor,
            limit=limit + 1,
        )
    views = [EventView.of(it) for it in found[:limit]]
    return Page(views, views[-1].id if len(found) > limit else None)


@post(
    "/{event:uuid}/replay",
    summary="Apply it again: after its account was connected, or its cause was mended",
    status_code=HTTPStatus.ACCEPTED,
    responses=writes(404),
)
async def replay_unowned(
    event: FromPath[UUID], data: JSONBody[Why], wiring: NamedDependency[Wiring]
) -> EventView:
    replayed = await replay_event(wiring, None, EventId(str(event)), by(data.reason))
    return EventView.of(replayed)


unowned = Router("/unowned-events", route_handlers=[list_unowned, replay_unowned], tags=["support"])
