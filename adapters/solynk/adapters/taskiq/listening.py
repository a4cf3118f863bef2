"""Listens to the broker for as long as the process lives, whatever becomes of Redis."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from taskiq import AckableMessage, AsyncBroker
from taskiq.receiver import Receiver

log = logging.getLogger(__name__)

PAUSE: Final = 1.0
CONCURRENCY: Final = 8


class Hints(Receiver):
    """One whose acknowledgement does not reach Redis comes again, which is harmless."""

    async def callback(self, message: bytes | AckableMessage, raise_err: bool = False) -> None:  # noqa: FBT001, FBT002 -- its own signature
        try:
            await super().callback(message, raise_err)
        except Exception as fault:  # noqa: BLE001 -- else it is the loop's, as one that nobody met
            log.warning("a hint was not acknowledged: %s", type(fault).__name__)


@dataclass(slots=True)
class Listener:
    """Begins anew when Redis was gone or was wiped: the group is declared again each time."""

    broker: AsyncBroker
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        self.broker.is_worker_process = True
        with ThreadPoolExecutor(max_workers=1) as threads:
            while not self._stopping.is_set():
                try:
                    await self._listen(threads)
                except Exception as fault:  # noqa: BLE001 -- hints may stop; the poll goes on
                    log.warning("hints are interrupted: %s", type(fault).__name__)
                    await asyncio.sleep(PAUSE)

    async def _listen(self, threads: ThreadPoolExecutor) -> None:
        receiver = Hints(
            self.broker, executor=threads, run_startup=True, max_async_tasks=CONCURRENCY
        )
        await receiver.listen(self._stopping)

    def stop(self) -> None:
        self._stopping.set()
