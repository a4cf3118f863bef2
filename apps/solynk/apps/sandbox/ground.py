"""What both vendors' worlds stand on: time, faults, the ledger and deliveries."""

import asyncio
from datetime import datetime

from solynk.apps.sandbox.clock import Agenda, Appointment, SandboxClock
from solynk.apps.sandbox.delivery import Deliveries
from solynk.apps.sandbox.faults import Faults
from solynk.apps.sandbox.ledger import Ledger


class Ground:
    """All state changes are plain calls inside one event loop, hence atomic."""

    def __init__(self, *, seed: int = 0, start: datetime | None = None) -> None:
        self.base_url = "http://127.0.0.1"
        """Where this process is reached; set once the port is known."""
        self.clock = SandboxClock(start)
        self.agenda = Agenda()
        self.faults = Faults(seed)
        self.ledger = Ledger()
        self.deliveries = Deliveries(self.clock, self.agenda, self.faults, self.ledger)
        self._advancing = asyncio.Lock()

    async def advance(self, to: datetime, *, settle: bool = False) -> list[Appointment]:
        """Move to `to`, doing all that falls due on the way, each at its instant.

        With `settle`, every instant's deliveries are waited for before the next.
        """
        async with self._advancing:
            with self.clock.held():
                done = await self._step(to, settle=settle)
                self.clock.advance_to(to)
        self.deliveries.nudge()
        if settle:
            await self.deliveries.settled()
        return done

    async def _step(self, to: datetime, *, settle: bool) -> list[Appointment]:
        done: list[Appointment] = []
        while (appointment := self.agenda.next_due(to)) is not None:
            if settle and done and done[-1].due < appointment.due:
                await self.deliveries.settled()
            self.clock.advance_to(appointment.due)
            self.deliveries.nudge()
            appointment.do()
            done.append(appointment)
            await asyncio.sleep(0)
        return done

    def catch_up(self) -> None:
        """Do what fell due while real time flowed."""
        if self._advancing.locked():
            return
        while (appointment := self.agenda.next_due(self.clock.now())) is not None:
            appointment.do()

    async def run(self) -> None:
        """Send deliveries and keep up with real time, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.deliveries.run())
            tasks.create_task(self._keep_up())

    async def _keep_up(self) -> None:
        while True:
            self.catch_up()
            await asyncio.sleep(0.25)

    def reset(self, *, seed: int = 0, start: datetime | None = None) -> None:
        self.agenda.clear()
        self.faults.reset(seed)
        self.ledger.clear()
        self.deliveries.clear()
        self.clock.reset(start)
