"""Runs a worker or the scheduler until it is told to stop."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final, Protocol

from taskiq import AsyncBroker, ScheduledTask, ScheduleSource, SendTaskError, TaskiqScheduler
from taskiq.api import run_scheduler_task
from taskiq.schedule_sources import LabelScheduleSource

from solynk.adapters.taskiq import Listener
from solynk.apps import engine

log = logging.getLogger(__name__)

LOOK_EVERY: Final = timedelta(seconds=1)
"""How often the scheduler looks whether a tick is due."""
PATIENCE: Final = timedelta(seconds=5)
"""How long a tick may take to be sent: while one of its kind hangs, no further one is."""


class Part(Protocol):
    """Something that runs until it is stopped, and finishes what it has begun."""

    async def run(self) -> None: ...

    def stop(self) -> None: ...


class Silence:
    """No hints but those of the broker: wait out the poll."""

    async def wait(self, seconds: float) -> object:
        await asyncio.sleep(seconds)
        return None


async def run_worker(
    wiring: engine.Wiring,
    stopping: asyncio.Event,
    broker: AsyncBroker | None,
    notary: engine.Notary | None,
) -> None:
    """Work until `stopping`; what was begun is finished, what was not is left to others.

    Hints come over the broker. Without one they are those of this process itself.
    """
    doorbell = wiring.waker if isinstance(wiring.waker, engine.Doorbell) else Silence()
    parts: list[Part] = [engine.Worker(wiring, doorbell), engine.Sealer(wiring, notary)]
    parts += [] if broker is None else [Listener(broker)]
    working = [asyncio.create_task(it.run()) for it in parts]
    feeding = [asyncio.create_task(engine.Feeder(wiring, it).run()) for it in wiring.platforms]
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait([*working, *feeding, waiting], return_when=asyncio.FIRST_COMPLETED)
    for part in parts:
        part.stop()
    # What a long poll was about to bring was not acknowledged, and comes again.
    await _cancelled([waiting, *feeding])
    await _finished(working)


async def _finished(working: Sequence[asyncio.Task[None]]) -> None:
    """A part that fell is the reason to stop, and is raised."""
    done, slow = await asyncio.wait(working, timeout=engine.GRACE_TO_FINISH.total_seconds())
    await _cancelled(slow)
    for task in done:
        task.result()


async def _cancelled(tasks: Iterable[asyncio.Task[object]]) -> None:
    known = list(tasks)
    for task in known:
        task.cancel()
    for outcome in await asyncio.gather(*known, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


class Ticks(TaskiqScheduler):
    """A tick that finds no Redis is lost; the next one is sent all the same."""

    async def on_ready(self, source: ScheduleSource, task: ScheduledTask) -> None:
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await super().on_ready(source, task)
        except (SendTaskError, TimeoutError) as fault:
            log.warning("no tick of %s: %s", task.task_name, type(fault).__name__)


async def run_scheduler(broker: AsyncBroker, stopping: asyncio.Event) -> None:
    """Send the ticks until `stopping`. One scheduler is enough; two only tick twice as often."""
    ticks = Ticks(broker, [LabelScheduleSource(broker)])
    # Nothing is started up: that asks for Redis, which may come later.
    ticking = asyncio.create_task(run_scheduler_task(ticks, loop_interval=LOOK_EVERY))
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait([ticking, waiting], return_when=asyncio.FIRST_COMPLETED)
    await _cancelled([waiting, ticking])
