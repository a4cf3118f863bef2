"""Carries out one command: lease, look again, call, record what was seen.

The call is made outside any transaction. Just before it the wish is read again under the
customer's lock (the fence), so that a command which has been overtaken is dropped; and the access is
marked as unsure, so that a crash during the call is known to whoever comes next.
"""

import logging
from typing import assert_never

from solynk.apps.engine.admission import (
    Call,
    CallOrder,
    call_platform,
    fence,
    lock,
    record,
    record_failure,
    record_lost,
)
from solynk.apps.engine.errands import run_errand
from solynk.apps.engine.failing import fail, succeed
from solynk.apps.engine.fetching import read_truth
from solynk.apps.engine.health import learn_from_fault
from solynk.apps.engine.trying import attempt, cause_of, may_begin
from solynk.apps.engine.turn import Turn, turn
from solynk.apps.engine.wiring import LEASE, Wiring, new_id
from solynk.core.access import Seen
from solynk.core.command import Admit, Command, Decline, Expel, Fetch, Inspect, Tell
from solynk.core.ids import CommandId
from solynk.ports.errors import Lost, PortError, Unavailable
from solynk.ports.telemetry import working_for

log = logging.getLogger(__name__)


async def execute(w: Wiring, command_id: CommandId) -> bool:
    """Carry out a command that is due; False where there was nothing to do for this worker.

    Raises:
        Unavailable, Lost: the storage failed; the lease ends by itself and somebody goes on.
    """
    at, wall = await w.clock.now(), await w.wall.now()
    async with w.store.begin() as tx:
        command = await tx.queue.claim_one(command_id, at, wall, wall + LEASE, new_id(wall))
    if command is None:
        return False
    await carry_out(w, command)
    return True


async def carry_out(w: Wiring, command: Command) -> None:
    """Carry out a command that this worker has leased.

    What fails in an unforeseen way is tried again later, and holds up no other command.
    """
    with working_for(command.correlation):
        try:
            await _carry_out(w, command)
        except (Unavailable, Lost):
            raise
        except Exception as fault:
            log.exception("command %s could not be carried out", command.id)
            async with turn(w, await cause_of(w, command)) as now:
                reason = f"unforeseen {type(fault).__name__}"
                await fail(now, command, Unavailable("solynk", reason))


async def _carry_out(w: Wiring, command: Command) -> None:
    match command.order:
        case Admit() | Expel():
            await _admission(w, command, command.order)
        case Fetch():
            await read_truth(w, command, command.order)
        case Decline() | Tell() | Inspect():
            await run_errand(w, command, command.order)
        case _:
            assert_never(command.order)


async def _admission(w: Wiring, command: Command, order: CallOrder) -> None:
    async with turn(w, await cause_of(w, command)) as now:
        call = await fence(now, command, order)
    if call is None or not await may_begin(w, command):
        return
    answer = await attempt(call_platform(w.platforms[call.channel.platform], call))
    if isinstance(answer, PortError):
        await learn_from_fault(w, command, call.channel.id, answer)
    async with turn(w, await cause_of(w, command)) as now:
        await _settle(now, command, call, answer)


async def _settle(now: Turn, command: Command, call: Call, answer: Seen | PortError) -> None:
    """Where the lease was lost, another worker may have acted: then nobody knows what holds."""
    found = await lock(now, command, call.order)
    if isinstance(answer, PortError):
        status = await fail(now, command, answer)
        if found is not None and status is not None:
            await record_failure(now, found, call, status)
        elif found is not None:
            await record_lost(now, found, call)
        return
    recorded = await succeed(now, command)
    if found is not None and recorded:
        await record(now, found, call, answer)
    elif found is not None:
        await record_lost(now, found, call)
