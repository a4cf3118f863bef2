"""The vendors as the engine sees them, with every call counted, timed and told in the log.

A line says what was asked of whom and how it ended, never about whom or with which words. With the
correlation that stands beside it, a call leads back to the webhook that it was made for.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from solynk.core.access import Seen
from solynk.core.command import Tell
from solynk.core.ids import PersonId
from solynk.core.signals import Signal
from solynk.ports.channels import ChannelPlatform, Inspection, Place, RawUpdate
from solynk.ports.errors import (
    Disconnected,
    Moved,
    NeedsHuman,
    NotFound,
    PortError,
    Refused,
    Unavailable,
    Unreachable,
)
from solynk.ports.payments import (
    CheckoutPage,
    Decoded,
    Envelope,
    ObjectRef,
    Order,
    PaymentProvider,
    RawEvent,
    Received,
)
from solynk.ports.telemetry import Telemetry

log = logging.getLogger(__name__)

T = TypeVar("T")

OUTCOMES: Final[Mapping[type[PortError], str]] = {
    Unavailable: "unavailable",
    NeedsHuman: "needs_human",
    Disconnected: "disconnected",
    Refused: "refused",
    NotFound: "not_found",
    Moved: "moved",
    Unreachable: "unreachable",
}


@dataclass(frozen=True, slots=True)
class Calls:
    vendor: str
    telemetry: Telemetry

    async def made(self, operation: str, call: Awaitable[T]) -> T:
        since, outcome = time.perf_counter(), "failed"
        try:
            answer = await call
            outcome = "done"
        except PortError as fault:
            outcome = OUTCOMES.get(type(fault), outcome)
            raise
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        else:
            return answer
        finally:
            self._tell(operation, outcome, time.perf_counter() - since)

    def _tell(self, operation: str, outcome: str, seconds: float) -> None:
        vendor = self.vendor
        self.telemetry.count("calls", vendor=vendor, operation=operation, outcome=outcome)
        self.telemetry.observe("call_seconds", seconds, vendor=vendor, operation=operation)
        log.info("%s %s: %s, %.0f ms", vendor, operation, outcome, 1000 * seconds)


@dataclass(frozen=True, slots=True)
class MeasuredProvider:
    inner: PaymentProvider
    calls: Calls

    @property
    def version(self) -> str:
        return self.inner.version

    def verify(self, raw: RawEvent) -> Envelope:
        return self.inner.verify(raw)

    def decode(self, event: Received) -> Decoded:
        return self.inner.decode(event)

    def refuse_account(self, account: str) -> None:
        self.inner.refuse_account(account)

    async def fetch(self, account: str, ref: ObjectRef) -> bytes:
        return await self.calls.made("fetch", self.inner.fetch(account, ref))

    async def reach(self, account: str) -> None:
        await self.calls.made("reach", self.inner.reach(account))

    async def list_since(self, account: str, since: datetime) -> Sequence[ObjectRef]:
        return await self.calls.made("list_since", self.inner.list_since(account, since))

    async def open_checkout(self, order: Order) -> CheckoutPage:
        return await self.calls.made("open_checkout", self.inner.open_checkout(order))

    async def close_checkout(self, account: str, reference: str) -> None:
        call = self.inner.close_checkout(account, reference)
        return await self.calls.made("close_checkout", call)


@dataclass(frozen=True, slots=True)
class MeasuredPlatform:
    """A poll is not measured: how long it waits is our own wish, and its failures are logged.

    Nor is its acknowledgement, which may only be told by the next poll.
    """

    inner: ChannelPlatform
    calls: Calls

    @property
    def account(self) -> str:
        return self.inner.account

    async def inspect(self, place: Place) -> Inspection:
        return await self.calls.made("inspect", self.inner.inspect(place))

    async def admit(
        self, place: Place, person: PersonId, until: datetime, *, lift_ban: bool
    ) -> Seen:
        call = self.inner.admit(place, person, until, lift_ban=lift_ban)
        return await self.calls.made("admit", call)

    async def expel(self, place: Place, person: PersonId) -> Seen:
        return await self.calls.made("expel", self.inner.expel(place, person))

    async def decline(self, place: Place, person: PersonId) -> None:
        return await self.calls.made("decline", self.inner.decline(place, person))

    async def state_of(self, place: Place, person: PersonId) -> Seen:
        return await self.calls.made("state_of", self.inner.state_of(place, person))

    async def tell(self, message: Tell, title: str) -> None:
        return await self.calls.made("tell", self.inner.tell(message, title))

    async def receive(self, wait: timedelta) -> Sequence[RawUpdate]:
        return await self.inner.receive(wait)

    async def acknowledge(self, updates: Sequence[RawUpdate]) -> None:
        return await self.inner.acknowledge(updates)

    async def start_link(self, token: str) -> str:
        return await self.calls.made("start_link", self.inner.start_link(token))

    def decode_update(self, body: bytes) -> tuple[Signal, ...]:
        return self.inner.decode_update(body)
