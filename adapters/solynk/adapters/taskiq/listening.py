"""Listens to the broker for as long as the process lives, whatever becomes of Redis."""

import asyncio
import contextlib
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from taskiq import AsyncBroker
from taskiq.receiver import Receiver

log = logging.getLogger(__name__)

PAUSE: Final = 1.0
"""Seconds before the second attempt; each further one waits twice as long, up to `LONGEST`."""
LONGEST: Final = 30.0
FINISH: Final = 5.0
"""Seconds for what was begun; Redis may hang while it is waited for."""
CONCURRENCY: Final = 8


@dataclass(slots=True)
class Listener:
    """Begins anew when Redis was gone or was wiped: the group is declared again each time."""

    broker: AsyncBroker
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0
    """In a row: what is told is the first of them, and that they are over."""

    async def run(self) -> None:
        self.broker.is_worker_process = True
        with ThreadPoolExecutor(max_workers=1) as threads:
            while not self._stopping.is_set():
                await self._session(threads)

    async def _session(self, threads: ThreadPoolExecutor) -> None:
        """Listen until told to stop, or until Redis fails; a receiver that hangs is left behind."""
        listening = asyncio.create_task(self._listen(threads))
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({listening, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.done():
            await asyncio.wait({listening}, timeout=FINISH)
            listening.cancel()
            await asyncio.wait({listening}, timeout=PAUSE)
        stopping.cancel()
        fault = None if not listening.done() or listening.cancelled() else listening.exception()
        if fault is not None:
            await self._wait_out(fault)

    async def _wait_out(self, fault: BaseException) -> None:
        if not self.failures:
            log.warning("hints are interrupted: %s; the database is polled", type(fault).__name__)
        pause = pause_after(self.failures)
        self.failures += 1
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._stopping.wait()

    async def _listen(self, threads: ThreadPoolExecutor) -> None:
        await self.broker.startup()
        if self.failures:
            log.warning("hints are heard again")
            self.failures = 0
        receiver = Receiver(
            self.broker, executor=threads, run_startup=False, max_async_tasks=CONCURRENCY
        )
        await receiver.listen(self._stopping)

    def stop(self) -> None:
        self._stopping.set()


def pause_after(failures: int) -> float:
    """Seconds to wait when so many attempts failed before this one."""
    return min(PAUSE * (1 << min(failures, 10)), LONGEST)
