"""Webhook deliveries: at least once, in no promised order, until answered 2xx.

A failed delivery is tried again after a short back-off in real time, and at
once whenever the time machine moves. After three virtual days it is given up,
as the vendors do, so that lost events can be rehearsed.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from solynk.apps.sandbox.clock import Agenda, SandboxClock
from solynk.apps.sandbox.faults import Fault, FaultKind, Faults
from solynk.apps.sandbox.ledger import Ledger

GIVE_UP_AFTER = timedelta(days=3)
BACK_OFF = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Real seconds before the next attempt; the last one repeats."""
POLL = 0.02
PATIENCE = 3
"""Failed attempts after which `settled` waits for a delivery no longer."""


@dataclass
class Delivery:
    """One body for one address. `headers` is asked anew for every attempt."""

    vendor: str
    kind: str
    """The event's type or the update's kind, for faults and the ledger."""
    account: str
    url: str
    body: bytes
    headers: Callable[[bytes], Mapping[str, str]]
    about: dict[str, Any] = field(default_factory=dict[str, Any])
    """Goes to the ledger as `params`."""
    answered: Callable[[httpx.Response], None] | None = None
    """Told of the 2xx answer (Telegram lets it carry a method call)."""
    born: datetime | None = None
    due: float = 0.0
    attempts: int = 0
    met: str = ""
    """The fault that put it out of its order, or made it one of several."""


class Deliveries:
    """The queue. Nothing is sent before `run` is running."""

    def __init__(self, clock: SandboxClock, agenda: Agenda, faults: Faults, ledger: Ledger) -> None:
        self.clock = clock
        self.agenda = agenda
        self.faults = faults
        self.ledger = ledger
        self.waiting: list[Delivery] = []
        self.given_up: list[Delivery] = []
        self._sending = 0
        self._wake = asyncio.Event()

    def put(self, delivery: Delivery) -> None:
        """Queue a delivery, through the faults that it meets."""
        delivery.born = self.clock.now()
        if self._meets(FaultKind.LOSE, delivery):
            self._write(delivery, 0, FaultKind.LOSE)
            return
        wait = self._wait(delivery)
        duplicate = self._meets(FaultKind.DUPLICATE, delivery)
        delay = self._meets(FaultKind.DELAY, delivery)
        copies = 1 + (duplicate.copies if duplicate else 0)
        later = delay.virtual_seconds if delay else 0.0
        wait += delay.seconds if delay else 0.0
        for copy in range(copies):
            sent = _copy(delivery)
            sent.met = FaultKind.DUPLICATE if copy else FaultKind.REORDER if wait else ""
            self._later(sent, later, wait + copy * POLL)

    def nudge(self) -> None:
        """Make everything that waits for its next attempt due at once."""
        for delivery in self.waiting:
            if delivery.attempts:
                delivery.due = 0.0
        self._wake.set()

    async def settled(self, timeout_seconds: float = 10.0) -> bool:
        """Wait until nothing waits, or what waits is between attempts after three failures."""
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            if not self._sending and not any(self._is_pressing(d) for d in self.waiting):
                return not self.waiting
            await asyncio.sleep(POLL)
        return False

    def _is_pressing(self, delivery: Delivery) -> bool:
        return delivery.attempts < PATIENCE or delivery.due <= time.monotonic()

    async def run(self) -> None:
        """Send what is due, one by one, until cancelled."""
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            while True:
                delivery = self._next()
                if delivery is None:
                    await self._rest()
                    continue
                await self._send(client, delivery)

    def clear(self) -> None:
        self.waiting.clear()
        self.given_up.clear()

    def _next(self) -> Delivery | None:
        due = [d for d in self.waiting if d.due <= time.monotonic()]
        return min(due, key=lambda d: d.due) if due else None

    async def _rest(self) -> None:
        self._wake.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), POLL)

    async def _send(self, client: httpx.AsyncClient, delivery: Delivery) -> None:
        self.waiting.remove(delivery)
        self._sending += 1
        delivery.attempts += 1
        try:
            answer = await self._attempt(client, delivery)
        finally:
            self._sending -= 1
        if answer is None or not answer.is_success:
            self._again(delivery)
        elif delivery.answered is not None:
            delivery.answered(answer)

    async def _attempt(
        self, client: httpx.AsyncClient, delivery: Delivery
    ) -> httpx.Response | None:
        if self._meets(FaultKind.DROP, delivery):
            self._write(delivery, 0, FaultKind.DROP)
            return None
        headers = {"Content-Type": "application/json", **delivery.headers(delivery.body)}
        try:
            answer = await client.post(delivery.url, content=delivery.body, headers=headers)
        except httpx.HTTPError:
            self._write(delivery, 0)
            return None
        self._write(delivery, answer.status_code)
        return answer

    def _again(self, delivery: Delivery) -> None:
        if delivery.born and self.clock.now() - delivery.born > GIVE_UP_AFTER:
            self.given_up.append(delivery)
            return
        wait = BACK_OFF[min(delivery.attempts, len(BACK_OFF)) - 1]
        delivery.due = time.monotonic() + wait
        self.waiting.append(delivery)

    def _later(self, delivery: Delivery, virtual: float, real: float) -> None:
        if not virtual:
            self._queue(delivery, real)
            return
        self.agenda.at(
            self.clock.now() + timedelta(seconds=virtual),
            f"deliver {delivery.kind}",
            lambda: self._queue(delivery, real),
        )

    def _queue(self, delivery: Delivery, real: float) -> None:
        delivery.due = time.monotonic() + real
        self.waiting.append(delivery)
        self._wake.set()

    def _wait(self, delivery: Delivery) -> float:
        fault = self._meets(FaultKind.REORDER, delivery)
        return self.faults.random.random() * fault.seconds if fault else 0.0

    def _meets(self, kind: FaultKind, delivery: Delivery) -> Fault | None:
        return self.faults.on_delivery(kind, delivery.vendor, delivery.kind, delivery.account)

    def _write(self, delivery: Delivery, status: int, fault: str = "") -> None:
        self.ledger.add(
            at=self.clock.now(),
            direction="delivery",
            vendor=delivery.vendor,
            method="POST",
            path=delivery.kind,
            account=delivery.account,
            params={**delivery.about, "attempt": delivery.attempts},
            status=status,
            fault=fault or delivery.met,
        )


def _copy(delivery: Delivery) -> Delivery:
    return Delivery(
        vendor=delivery.vendor,
        kind=delivery.kind,
        account=delivery.account,
        url=delivery.url,
        body=delivery.body,
        headers=delivery.headers,
        about=delivery.about,
        answered=delivery.answered,
        born=delivery.born,
    )
