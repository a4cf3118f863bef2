"""One bounded attempt at a call to the outside world, with every failure as a value."""

import asyncio
import logging
from collections.abc import Awaitable
from datetime import timedelta
from typing import TypeVar

from solynk.apps.engine import queueing
from solynk.apps.engine.turn import Cause
from solynk.apps.engine.wiring import CALL_TIMEOUT, Wiring
from solynk.core.command import Command
from solynk.ports.errors import PortError, Unavailable

log = logging.getLogger(__name__)

T = TypeVar("T")


async def cause_of(w: Wiring, command: Command) -> Cause:
    """The cause of whatever follows from this command, at this instant."""
    return Cause("engine", command.correlation, await w.clock.now(), command.caused_at)


async def may_begin(w: Wiring, command: Command) -> bool:
    """Whether the call would end within the lease, and nobody was told to wait since the claim.

    A worker that was frozen must not begin one. Many commands are claimed at once: what a vendor
    says to the first of them holds for those that have not begun, and they go back to the queue.
    """
    wall = await w.wall.now()
    if command.lease_until is None or wall + CALL_TIMEOUT >= command.lease_until:
        return False
    at = await w.clock.now()
    async with w.store.begin() as tx:
        until = (await tx.lanes.get(command.lane)).open_until
        if until is None or until <= at:
            return True
        waiting = queueing.postponed(command, until, f"{command.lane} waits until {until}")
        await tx.commands.put(waiting, lease=command.lease)
    return False


async def attempt(call: Awaitable[T], within: timedelta = CALL_TIMEOUT) -> T | PortError:
    """The answer, or why there is none. A fault of the adapter itself counts as an outage."""
    try:
        async with asyncio.timeout(within.total_seconds()):
            return await call
    except PortError as fault:
        return fault
    except TimeoutError:
        return Unavailable("solynk", f"no answer within {within.total_seconds():g} seconds")
    except Exception as fault:
        log.exception("a call failed in an unforeseen way")
        return Unavailable("solynk", f"unforeseen {type(fault).__name__}")
