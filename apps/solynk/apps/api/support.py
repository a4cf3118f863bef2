"""What a person looks at when something is wrong, and what they can do about it."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Literal
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from solynk.apps.api.bodies import Why
from solynk.apps.api.problems import reads, writes
from solynk.apps.api.scope import Limit, by, known, reading
from solynk.apps.api.views import AlertView, CommandView, DeadLetters, EventView, Page
from solynk.apps.engine import Wiring, replay_command, replay_event
from solynk.apps.engine import resolve_alert as settle_alert
from solynk.core.audit import AuditEntry
from solynk.core.command import CommandStatus
from solynk.core.event import EventStatus
from solynk.core.ids import AlertId, CommandId, EventId, OrganizationId


@get("/alerts", summary="What a person must look at, with the fix", responses=reads(404))
async def list_alerts(
    organization: FromPath[UUID],
    wiring: NamedDependency[Wiring],
    resolved: FromQuery[bool] = False,  # noqa: FBT002 -- a query parameter
    limit: Limit = 100,
) -> list[AlertView]:
    async with reading(wiring, organization) as (tx, owner):
        found = await tx.alerts.all(owner.id, open_only=not resolved, limit=limit)
    return [AlertView.of(it) for it in found]


@post(
    "/alerts/{alert:uuid}/resolve",
    summary="Say that an alert is dealt with",
    status_code=HTTPStatus.OK,
    responses=writes(404),
)
async def resolve_alert(
    organization: FromPath[UUID],
    alert: FromPath[UUID],
    data: JSONBody[Why],
    wiring: NamedDependency[Wiring],
) -> AlertView:
    owner, alert_id = OrganizationId(str(organization)), AlertId(str(alert))
    return AlertView.of(await settle_alert(wiring, owner, alert_id, by(data.reason)))


@get("/dead-letters", summary="Events and commands that gave up", responses=reads(404))
async def list_dead_letters(
    organization: FromPath[UUID], wiring: NamedDependency[Wiring], limit: Limit = 100
) -> DeadLetters:
    async with reading(wiring, organization) as (tx, owner):
        events = await tx.event_lists.all(owner.id, status=EventStatus.DEAD, limit=limit)
        commands = await tx.queue.all(owner.id, status=CommandStatus.DEAD, limit=limit)
    return DeadLetters([EventView.of(it) for it in events], [CommandView.of(it) for it in commands])


@post(
    "/dead-letters/events/{event:uuid}/replay",
    summary="Apply an event again; facts are unique, so repeating it is harmless",
    status_code=HTTPStatus.ACCEPTED,
    responses=writes(404),
)
async def replay_dead_event(
    organization: FromPath[UUID],
    event: FromPath[UUID],
    data: JSONBody[Why],
    wiring: NamedDependency[Wiring],
) -> EventView:
    owner, event_id = OrganizationId(str(organization)), EventId(str(event))
    return EventView.of(await replay_event(wiring, owner, event_id, by(data.reason)))


@post(
    "/dead-letters/commands/{command:uuid}/replay",
    summary="Try a dead or parked command again",
    status_code=HTTPStatus.ACCEPTED,
    responses=writes(404, 409),
)
async def replay_dead_command(
    organization: FromPath[UUID],
    command: FromPath[UUID],
    data: JSONBody[Why],
    wiring: NamedDependency[Wiring],
) -> CommandView:
    owner, command_id = OrganizationId(str(organization)), CommandId(str(command))
    return CommandView.of(await replay_command(wiring, owner, command_id, by(data.reason)))


@get("/events", summary="Payment events, the newest first", responses=reads(404))
async def list_events(
    organization: FromPath[UUID],
    wiring: NamedDependency[Wiring],
    status: FromQuery[EventStatus | None] = None,
    before: FromQuery[UUID | None] = None,
    limit: Limit = 100,
) -> Page[EventView]:
    cursor = None if before is None else EventId(str(before))
    async with reading(wiring, organization) as (tx, owner):
        found = await tx.event_lists.all(owner.id, status=status, before=cursor, limit=limit + 1)
    more = len(found) > limit
    views = [EventView.of(it) for it in found[:limit]]
    return Page(views, views[-1].id if more else None)


@get(
    "/events/{event:uuid}",
    summary="One payment event; `include=payload` shows what was received",
    responses=reads(404),
)
async def get_event(
    organization: FromPath[UUID],
    event: FromPath[UUID],
    wiring: NamedDependency[Wiring],
    include: FromQuery[Literal["payload"] | None] = None,
) -> EventView:
    async with reading(wiring, organization) as (tx, owner):
        found = await tx.events.get(EventId(str(event)))
        mine = found if found is not None and found.organization == owner.id else None
    return EventView.of(known(mine, "event", event), payload=include is not None)


@get("/audit", summary="Who did what, the newest first", responses=reads(404))
async def list_audit(
    organization: FromPath[UUID],
    wiring: NamedDependency[Wiring],
    resource: FromQuery[str | None] = None,
    limit: Limit = 100,
) -> Sequence[AuditEntry]:
    async with reading(wiring, organization) as (tx, owner):
        return await tx.audit.about(owner.id, resource=resource, limit=limit)


support = Router(
    "/",
    route_handlers=[
        list_alerts,
        resolve_alert,
        list_dead_letters,
        replay_dead_event,
        replay_dead_command,
        list_events,
        get_event,
        list_audit,
    ],
    tags=["support"],
)
