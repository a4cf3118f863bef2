"""Dead letters and alerts: read, mended, tried again or settled by a person."""

from msgspec.structs import replace

from solynk.apps.engine import queueing
from solynk.apps.engine.people import Person, turn_by
from solynk.apps.engine.turn import Turn
from solynk.apps.engine.wiring import Wiring
from solynk.core.alert import Alert, AlertKind
from solynk.core.command import Admit, Command, CommandStatus, Expel
from solynk.core.event import Event, EventStatus
from solynk.core.ids import AlertId, CommandId, EventId, OrganizationId
from solynk.ports.errors import Conflict, NotFound
from solynk.ports.wake import Work, WorkKind


async def replay_event(
    w: Wiring, organization: OrganizationId | None, event_id: EventId, by: Person
) -> Event:
    """Apply a stored event again. Facts are unique, so repeating it changes nothing.

    Raises:
        NotFound: no such event of this organization.
        Conflict: it is being applied at this moment.
    """
    async with turn_by(w, by) as now:
        known = await now.tx.events.get(event_id)
        if known is None or known.organization != organization:
            raise NotFound("solynk", f"no event {event_id}")
        event = await now.tx.events.lock(event_id)
        if event is None:
            raise Conflict("solynk", f"event {event_id} is being applied at this moment")
        again = replace(
            event,
            status=EventStatus.RECEIVED,
            replayed_at=now.at,
            due_at=now.at,
            attempts=0,
            reason=None,
        )
        await now.tx.events.put(again)
        now.note(organization, "event.replayed", f"event:{event_id}", reason=by.reason)
        await now.settled(organization, AlertKind.DEAD_LETTER, event_id)
        now.work.append(Work(WorkKind.EVENT, event_id))
    return again


async def replay_command(
    w: Wiring, organization: OrganizationId | None, command_id: CommandId, by: Person
) -> Command:
    """Try a dead or parked command again, with a new deadline.

    Raises:
        NotFound: no such command of this organization.
        Conflict: it is neither dead nor parked, or another of its subject is on its way already.
    """
    async with turn_by(w, by) as now:
        command = await now.tx.commands.get(command_id)
        if command is None or command.organization != organization:
            raise NotFound("solynk", f"no command {command_id}")
        if command.status not in {CommandStatus.DEAD, CommandStatus.PARKED}:
            raise Conflict("solynk", f"command {command_id} is {command.status.value}")
        await _refuse_twin(now, command)
        again = queueing.ready(command, now.at, w.retry.deadline)
        await now.tx.commands.put(again, lease=command.lease)
        await _try_again(now, command)
        now.note(organization, "command.replayed", f"command:{command_id}", reason=by.reason)
        await now.settled(organization, AlertKind.DEAD_LETTER, command_id)
        now.work.append(Work(WorkKind.COMMAND, command_id))
    return again


async def resolve_alert(
    w: Wiring, organization: OrganizationId | None, alert_id: AlertId, by: Person
) -> Alert:
    """Say that an alert is dealt with. Its cause opens it anew where that was not so.

    Raises:
        NotFound: no such alert of this organization.
    """
    async with turn_by(w, by) as now:
        alert = await now.tx.alerts.get(organization, alert_id)
        if alert is None:
            raise NotFound("solynk", f"no alert {alert_id}")
        await now.settled(organization, alert.kind, alert.subject)
        now.note(organization, "alert.resolved", f"alert:{alert_id}", reason=by.reason)
        after = await now.tx.alerts.get(organization, alert_id)
    return alert if after is None else after


async def _refuse_twin(now: Turn, command: Command) -> None:
    live = await now.tx.commands.live(command.subject)
    if live is not None and live.id != command.id:
        reason = f"command {live.id} of the same subject is on its way already"
        raise Conflict("solynk", reason, holder=live.id)


async def _try_again(now: Turn, command: Command) -> None:
    order = command.order
    if not isinstance(order, Admit | Expel) or command.organization is None:
        return
    access = await now.tx.accesses.get(command.organization, order.access)
    if access is not None:
        await now.tx.accesses.put(replace(access, given_up=None))
