"""The tasks that travel over the broker. Each only names work: the database says what it is."""

import logging
from collections.abc import Callable
from typing import Final

from taskiq import AsyncBroker

from solynk.adapters.taskiq import WORK
from solynk.apps import engine
from solynk.core.ids import CommandId, EventId
from solynk.ports.errors import Lost, Unavailable
from solynk.ports.wake import WorkKind

log = logging.getLogger(__name__)

ADVANCE_EVERY: Final = 15
WATCH_EVERY: Final = 60
INSPECT_EVERY: Final = 3600
RECONCILE_EVERY: Final = 6 * 3600
RETAIN_EVERY: Final = 6 * 3600
"""Seconds. Every worker also advances on each of its polls; the ticks are for a sleeping system."""


def register(
    broker: AsyncBroker,
    wiring: Callable[[], engine.Wiring],
    notary: Callable[[], engine.Notary | None],
) -> None:
    """Tell the broker what its messages mean. What is asked for is asked when there is work."""

    async def work(kind: str, work_id: str) -> None:
        await _do(wiring(), WorkKind(kind), work_id)

    async def advance() -> None:
        while await engine.advance(wiring()):
            pass

    async def inspect() -> None:
        await engine.inspect_all(wiring())

    async def reconcile() -> None:
        found = await engine.reconcile(wiring())
        log.info("reconciled: %d reads, %d drifted", found.reads, found.drifted)

    async def retain() -> None:
        await engine.retain(wiring(), notary())

    watch = engine.Watch()

    async def look() -> None:
        await watch.look(wiring())

    broker.register_task(work, task_name=WORK)
    for name, tick, seconds in (
        ("solynk.advance", advance, ADVANCE_EVERY),
        ("solynk.watch", look, WATCH_EVERY),
        ("solynk.inspect", inspect, INSPECT_EVERY),
        ("solynk.reconcile", reconcile, RECONCILE_EVERY),
        ("solynk.retain", retain, RETAIN_EVERY),
    ):
        broker.register_task(tick, task_name=name, schedule=[{"interval": seconds}])


async def _do(w: engine.Wiring, kind: WorkKind, work_id: str) -> None:
    """A hint that meets an outage of the storage is dropped: the poll finds the work."""
    try:
        match kind:
            case WorkKind.EVENT:
                await engine.apply(w, EventId(work_id))
            case WorkKind.COMMAND:
                await engine.execute(w, CommandId(work_id))
    except (Unavailable, Lost) as fault:
        log.warning("storage: %s; the poll goes on", fault)
        w.telemetry.count("storage_outages")
