"""What becomes of a command that was tried: done, again later, parked, or a dead letter.

Nothing is swallowed. An outage opens the breaker of its bot or account, and one success closes it
and makes everything that waited behind it due at once.
"""

import logging
from datetime import timedelta
from typing import Final, assert_never

from msgspec.structs import replace

from solynk.apps.engine import queueing
from solynk.apps.engine.chance import jitter
from solynk.apps.engine.turn import Turn
from solynk.core.alert import AlertKind
from solynk.core.command import (
    Admit,
    Command,
    CommandStatus,
    Decline,
    Expel,
    Fetch,
    Inspect,
    Tell,
)
from solynk.core.instants import latest
from solynk.ports.errors import NeedsHuman, NotFound, PortError, Refused, Unavailable, Unreachable
from solynk.ports.storage import Lane

log = logging.getLogger(__name__)

BREAKS_AFTER: Final = 5
"""So many failures in a row, and the lane is only probed."""
PROBE_EVERY: Final = timedelta(seconds=30)


async def succeed(now: Turn, command: Command) -> bool:
    """Record that it is done. False where the lease was lost meanwhile: then nothing is recorded."""
    done = queueing.finished(command, CommandStatus.DONE, now.at)
    if not await now.tx.commands.put(done, lease=command.lease):
        return False
    await _relieve(now, command.lane)
    trouble = _trouble(command)
    if trouble is not None:
        await now.settled(command.organization, *trouble)
    _count(now, done)
    return True


async def fail(now: Turn, command: Command, fault: PortError) -> CommandStatus | None:
    """Record the failure by what is to be done next; None where the lease was lost meanwhile."""
    after = _after(now, command, fault)
    if not await now.tx.commands.put(after, lease=command.lease):
        return None
    if isinstance(fault, Unavailable):
        await _strain(now, command.lane, fault)
    else:
        await _relieve(now, command.lane)
    await _report(now, after, fault)
    _count(now, after)
    return after.status


def _count(now: Turn, tried: Command) -> None:
    """What a vendor said of it stays in its row: a line of the log holds ids alone."""
    now.w.telemetry.count("commands", kind=_kind(tried), outcome=tried.status.value)
    log.info("command %s, %s: %s", tried.id, _kind(tried), tried.status.value)


def _after(now: Turn, command: Command, fault: PortError) -> Command:
    reason = f"{fault}"
    match fault:
        case Unreachable():
            return queueing.finished(command, CommandStatus.DONE, now.at, reason)
        case NeedsHuman():
            free = queueing.postponed(command, command.due_at, reason)
            return replace(free, status=CommandStatus.PARKED)
        case Refused() | NotFound():
            return queueing.finished(command, CommandStatus.DEAD, now.at, reason)
        case _:
            return _later(now, command, fault)


def _later(now: Turn, command: Command, fault: PortError) -> Command:
    """The deadline decides when to give up, not the number of tries."""
    if now.at >= command.deadline:
        return queueing.finished(command, CommandStatus.DEAD, now.at, f"{fault}")
    wait = now.w.retry.delay(command.attempts, jitter())
    if isinstance(fault, Unavailable) and fault.retry_after is not None:
        wait = fault.retry_after
    return queueing.postponed(command, now.at + wait, f"{fault}")


async def _strain(now: Turn, name: str, fault: Unavailable) -> None:
    lane = await now.tx.lanes.get(name)
    failures = lane.failures + 1
    wait = PROBE_EVERY if failures >= BREAKS_AFTER else None
    wait = wait if fault.retry_after is None else fault.retry_after
    open_until = latest((lane.open_until, None if wait is None else now.at + wait))
    await now.tx.lanes.put(Lane(name, failures, open_until))


async def _relieve(now: Turn, name: str) -> None:
    """The vendor answers, if only to refuse: whatever waited behind the breaker is due.

    While the lane is closed, only what had begun before it was closed can be answered: that takes
    back no wish to wait.
    """
    lane = await now.tx.lanes.get(name)
    if lane.failures and (lane.open_until is None or lane.open_until <= now.at):
        await now.tx.lanes.put(Lane(name))
        await now.tx.queue.hasten(name, now.at)


async def _report(now: Turn, command: Command, fault: PortError) -> None:
    owner, kind = command.organization, _kind(command)
    if command.status is CommandStatus.DEAD:
        message = f"{kind} failed for good: {fault}"
        await now.alert(owner, AlertKind.DEAD_LETTER, command.id, message)
        now.note(owner, "command.dead", f"command:{command.id}", reason=f"{fault}")
    trouble = _trouble(command)
    if command.status is CommandStatus.PARKED and trouble is not None:
        await now.alert(owner, *trouble, f"{kind} waits for a person: {fault}")


def _trouble(command: Command) -> tuple[AlertKind, str] | None:
    """The account or the bot is wrong, not the one command that met it.

    What is wrong with a channel is told by its health.
    """
    match command.order:
        case Fetch():
            return AlertKind.PROVIDER_REFUSES, command.order.account
        case Tell():
            return AlertKind.BOT_REVOKED, command.lane
        case Admit() | Expel() | Decline() | Inspect():
            return None
        case _:
            assert_never(command.order)


def _kind(command: Command) -> str:
    return str(command.order.__struct_config__.tag)
