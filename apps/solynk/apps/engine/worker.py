"""The loop that finds work and does it. Hints make it prompt; the poll makes it certain."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol, TypeVar, runtime_checkable

from solynk.apps.engine.advance import advance
from solynk.apps.engine.apply import apply
from solynk.apps.engine.execute import carry_out
from solynk.apps.engine.wiring import LEASE, Wiring, new_id
from solynk.core.command import Command
from solynk.core.ids import EventId
from solynk.ports.errors import Lost, Unavailable

log = logging.getLogger(__name__)

POLL: Final = timedelta(seconds=2)
BATCH: Final = 20
EVENTS: Final = 50
"""Many of them have little to do: fewer would be outnumbered by the questions what is due."""
CONCURRENCY: Final = 8

T = TypeVar("T")


@runtime_checkable
class Doorbell(Protocol):
    async def wait(self, seconds: float) -> object:
        """Until somebody wakes us, or the time is over."""
        ...


async def drain(w: Wiring) -> int:
    """Do everything that is due now, and what follows from it; how much it was.

    Raises:
        Unavailable, Lost: the storage failed; whatever was not done is still due.
    """
    done = 0
    while True:
        count = await _events(w) + await _commands(w) + await advance(w)
        if not count:
            return done
        done += count


async def _events(w: Wiring) -> int:
    """Those of one account in turn, and several accounts side by side."""
    at = await w.clock.now()
    accounts: dict[tuple[str, str], list[EventId]] = {}
    async with w.store.begin() as tx:
        for it in await tx.event_lists.due(at, EVENTS):
            accounts.setdefault((it.source, it.account), []).append(it.id)
    return sum(await _together([_applying(w, its) for its in accounts.values()]))


def _applying(w: Wiring, events: Sequence[EventId]) -> Callable[[], Awaitable[int]]:
    async def in_turn() -> int:
        applied = [await apply(w, event) for event in events]
        return sum(it is not None for it in applied)

    return in_turn


async def _commands(w: Wiring) -> int:
    at, wall = await w.clock.now(), await w.wall.now()
    async with w.store.begin() as tx:
        claimed = await tx.queue.claim(at, wall, wall + LEASE, new_id(wall), BATCH)
    await _together([_carrying_out(w, it) for it in claimed])
    return len(claimed)


def _carrying_out(w: Wiring, command: Command) -> Callable[[], Awaitable[None]]:
    return lambda: carry_out(w, command)


async def _together(jobs: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
    """What they answer, done a few at a time; the first failure is raised when all have ended."""
    slots = asyncio.Semaphore(CONCURRENCY)

    async def one(job: Callable[[], Awaitable[T]]) -> T:
        async with slots:
            return await job()

    answers: list[T] = []
    for it in await asyncio.gather(*(one(it) for it in jobs), return_exceptions=True):
        if isinstance(it, BaseException):
            raise it
        answers.append(it)
    return answers


@dataclass(slots=True)
class Worker:
    """Any number of these may run, in any number of processes."""

    wiring: Wiring
    doorbell: Doorbell
    poll: timedelta = POLL
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Work until `stop`; what was begun is finished first. An outage of the storage is waited out."""
        while not self._stopping.is_set():
            try:
                await drain(self.wiring)
            except (Unavailable, Lost) as fault:
                log.warning("storage: %s; trying again", fault)
                self.wiring.telemetry.count("storage_outages")
                await asyncio.sleep(self.poll.total_seconds() / 2)
                continue
            await self.doorbell.wait(self.poll.total_seconds())

    def stop(self) -> None:
        self._stopping.set()
