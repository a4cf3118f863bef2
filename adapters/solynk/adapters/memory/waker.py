"""Hints inside one process."""

import asyncio
from collections import deque

from solynk.ports.wake import Work

REMEMBERED = 10_000


class InMemoryWaker:
    """Wakes the one worker that waits on it; the oldest of too many hints are forgotten."""

    def __init__(self) -> None:
        self._hints: deque[Work] = deque(maxlen=REMEMBERED)
        self._rung = asyncio.Event()

    @property
    def hints(self) -> tuple[Work, ...]:
        """What was not yet taken, oldest first."""
        return tuple(self._hints)

    async def wake(self, work: Work) -> None:
        self._hints.append(work)
        self._rung.set()

    async def wait(self, seconds: float) -> tuple[Work, ...]:
        """Take all hints as soon as there is one; none where `seconds` brought none."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return ()
        taken = self.hints
        self._hints.clear()
        self._rung.clear()
        return taken
