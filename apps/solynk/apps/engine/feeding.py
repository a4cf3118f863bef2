"""Takes updates from a channel platform: stored first, acknowledged then.

One process at a time polls a bot: whoever holds its lease.
"""

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from solynk.apps.engine.apply import apply
from solynk.apps.engine.receive import receive_updates
from solynk.apps.engine.turn import turn_of
from solynk.apps.engine.wiring import Wiring, new_id
from solynk.core.alert import AlertKind
from solynk.core.catalog import Platform
from solynk.ports.errors import Lost, NeedsHuman, Unavailable

log = logging.getLogger(__name__)

LONG_POLL: Final = timedelta(seconds=20)
HOLD: Final = timedelta(seconds=60)
PAUSE: Final = timedelta(seconds=2)


@dataclass(slots=True)
class Feeder:
    wiring: Wiring
    platform: Platform
    wait: timedelta = LONG_POLL
    holder: str = ""
    _well: bool = False
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Poll until `stop`, or until the process is cancelled: nothing is lost either way."""
        try:
            while not self._stopping.is_set():
                await self._round()
        finally:
            await self._let_go()

    async def _round(self) -> None:
        try:
            if await self._hold(HOLD):
                await self.poll()
                await self._answered()
            else:
                await self._pause()
        except (Unavailable, Lost) as fault:
            log.warning("updates of %s: %s", self.platform.value, fault)
            await self._pause()
        except NeedsHuman as fault:
            await self._alert(fault)
            await self._pause()

    async def poll(self) -> int:
        """One round: receive, store, acknowledge, apply in order; how many updates there were.

        What waits for an older update that could not be applied yet is left to the workers.

        Raises:
            Unavailable, Lost, NeedsHuman: what was not acknowledged comes again; what was stored
                and not applied is due.
        """
        w, feed = self.wiring, self.wiring.platforms[self.platform]
        updates = await feed.receive(self.wait)
        if updates:
            new = await receive_updates(w, self.platform, feed.account, updates)
            await feed.acknowledge(updates)
            for event in new:
                await apply(w, event)
        return len(updates)

    def stop(self) -> None:
        self._stopping.set()

    async def _hold(self, length: timedelta) -> bool:
        wall = await self.wiring.wall.now()
        self.holder = self.holder or new_id(wall)
        name = f"updates:{self.platform.value}"
        async with self.wiring.store.begin() as tx:
            return await tx.leases.take(name, self.holder, wall, wall + length)

    async def _let_go(self) -> None:
        """Whoever comes next need not wait for the lease to end."""
        with contextlib.suppress(Unavailable, Lost):
            await self._hold(timedelta(0))

    async def _pause(self) -> None:
        await asyncio.sleep(PAUSE.total_seconds())

    async def _answered(self) -> None:
        """Whatever was alerted, by this process or by one before it, has gone."""
        if self._well:
            return
        actor = f"platform:{self.platform.value}"
        async with turn_of(self.wiring, actor, actor) as now:
            await now.settled(None, AlertKind.BOT_REVOKED, self.platform.value)
        self._well = True

    async def _alert(self, fault: NeedsHuman) -> None:
        self._well = False
        log.error("updates of %s: %s", self.platform.value, fault)
        actor = f"platform:{self.platform.value}"
        async with turn_of(self.wiring, actor, actor) as now:
            await now.alert(None, AlertKind.BOT_REVOKED, self.platform.value, f"{fault}")
