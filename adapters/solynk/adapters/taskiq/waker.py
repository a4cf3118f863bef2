"""Wakes a worker, in whatever process it is."""

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Final

from taskiq import AsyncBroker
from taskiq.kicker import AsyncKicker

from solynk.ports.wake import Work

log = logging.getLogger(__name__)

WORK: Final = "solynk.work"
"""The name of the task that takes a hint: (kind, id)."""
PATIENCE: Final = 1.0
"""Seconds that a hint may take: whoever waits for more than that has the poll."""


SILENCE: Final = 2.0
"""Seconds without hints after one that failed, or a Redis that hangs would delay every step."""


@dataclass(slots=True)
class TaskiqWaker:
    broker: AsyncBroker
    _silent_until: float = 0.0

    async def wake(self, work: Work) -> None:
        if time.monotonic() < self._silent_until:
            return
        kicker: AsyncKicker[[str, str], None] = AsyncKicker(WORK, self.broker, labels={})
        try:
            async with asyncio.timeout(PATIENCE):
                await kicker.kiq(work.kind.value, work.id)
        except Exception as fault:  # noqa: BLE001 -- a hint that is lost is harmless: workers poll
            self._silent_until = time.monotonic() + SILENCE
            log.warning("no hint for %s: %s", work.kind.value, type(fault).__name__)
