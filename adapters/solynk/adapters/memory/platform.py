"""A channel platform that lives in sets: for tests, demos and the first afternoon.

`InMemoryPeople` plays the people; the ports are what the engine calls. It knows no more than
Telegram tells: why somebody is out is only said for a ban.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct

from solynk.adapters.memory.people import BOT_REMOVED, NO_RIGHTS, InMemoryChat, InMemoryPeople
from solynk.core.access import By, Exempt, Inside, Invited, Outside, Seen
from solynk.core.command import Tell
from solynk.core.ids import ChatId, PersonId
from solynk.core.signals import Signal
from solynk.ports.channels import Inspection, Place, RawUpdate
from solynk.ports.errors import (
    Malformed,
    Moved,
    NeedsHuman,
    PortError,
    Refused,
    Unavailable,
    Unreachable,
)

VENDOR: Final = "memory"

_signals: Final = msgspec.json.Decoder[Signal](Signal)


class Message(Struct, frozen=True):
    """What a person was told, and the channel's title in it."""

    tell: Tell
    title: str


class Fault(Struct, frozen=True):
    calls: frozenset[str]
    """Names of port methods; none means every one."""
    error: PortError
    after_effect: bool

    def meets(self, call: str, *, after_effect: bool) -> bool:
        return self.after_effect == after_effect and (not self.calls or call in self.calls)


@dataclass
class InMemoryPlatform(InMemoryPeople):
    account: str = "memory-bot"
    messages: list[Message] = field(default_factory=list[Message])
    faults: list[Fault] = field(default_factory=list[Fault])
    """The first one that meets a call is raised, and is used up."""

    def is_unavailable(
        self,
        *calls: str,
        times: int = 1,
        after_effect: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        """The next `times` of these calls, or of all, get no answer; perhaps after their effect."""
        error = Unavailable(VENDOR, "no answer", retry_after=retry_after)
        self.faults += [Fault(frozenset(calls), error, after_effect)] * times

    def fails(self, *calls: str, error: PortError, times: int = 1) -> None:
        """The next `times` of these calls, or of all, raise `error` and have no effect."""
        self.faults += [Fault(frozenset(calls), error, after_effect=False)] * times

    async def inspect(self, place: Place) -> Inspection:
        async with self._call("inspect"):
            here = self._find(place)
            if here is None or not here.bot_present:
                return Inspection(
                    "", present=False, fault=BOT_REMOVED, join_link=place.join_link, members=0
                )
            if here.basic:
                raise Refused(VENDOR, "this is a basic group: turn it into a supergroup")
            return Inspection(
                here.title,
                present=True,
                fault=here.fault,
                join_link=place.join_link or _join_link(here),
                members=len(here.members) + 1,
            )

    async def admit(
        self, place: Place, person: PersonId, until: datetime, *, lift_ban: bool
    ) -> Seen:
        async with self._call("admit"):
            here = self._usable(place)
            if lift_ban:
                here.banned.discard(person)
            if person in here.pending:
                self._let_in(here, person)
            now = _seen(here, person)
            return Invited(until) if now == Outside(By.THEMSELVES) else now

    async def expel(self, place: Place, person: PersonId) -> Seen:
        async with self._call("expel"):
            here = self._usable(place)
            if here.is_run_by(person):
                return Exempt()
            here.pending.discard(person)
            here.banned.discard(person)
            self._take_out(here, person, By.US)
            return Outside(By.US)

    async def decline(self, place: Place, person: PersonId) -> None:
        async with self._call("decline"):
            self._usable(place).pending.discard(person)

    async def state_of(self, place: Place, person: PersonId) -> Seen:
        async with self._call("state_of"):
            return _seen(self._usable(place), person)

    async def tell(self, message: Tell, title: str) -> None:
        async with self._call("tell"):
            if message.person not in self.reachable:
                raise Unreachable(VENDOR, "the person has not started the bot, or blocked it")
            self.messages.append(Message(message, title))

    async def receive(self, wait: timedelta) -> Sequence[RawUpdate]:
        async with self._call("receive"):
            if not self.updates:
                self.arrived.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.arrived.wait(), wait.total_seconds())
            return list(self.updates)

    async def acknowledge(self, updates: Sequence[RawUpdate]) -> None:
        for update in updates:
            with suppress(ValueError):
                self.updates.remove(update)

    async def start_link(self, token: str) -> str:
        async with self._call("start_link"):
            return f"https://memory.invalid/{self.account}?start={token}"

    def decode_update(self, body: bytes) -> tuple[Signal, ...]:
        try:
            return (_signals.decode(body),)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Malformed(VENDOR, "these bytes are no update") from error

    @asynccontextmanager
    async def _call(self, name: str) -> AsyncGenerator[None]:
        await asyncio.sleep(0)  # others may run here, as they may while a network answers
        self._meet_fault(name, after_effect=False)
        yield
        self._meet_fault(name, after_effect=True)

    def _meet_fault(self, call: str, *, after_effect: bool) -> None:
        for fault in self.faults:
            if fault.meets(call, after_effect=after_effect):
                self.faults.remove(fault)
                raise fault.error

    def _find(self, place: Place) -> InMemoryChat | None:
        here = self.chats.get(place.chat)
        if here is not None and here.moved_to is not None:
            raise Moved(VENDOR, ChatId(here.moved_to))
        return here

    def _usable(self, place: Place) -> InMemoryChat:
        here = self._find(place)
        if here is None or not here.bot_present:
            raise NeedsHuman(VENDOR, BOT_REMOVED)
        if not here.bot_has_rights:
            raise NeedsHuman(VENDOR, NO_RIGHTS)
        return here


def _join_link(here: InMemoryChat) -> str | None:
    if not here.bot_has_rights:
        return None
    here.links_made += 1
    return f"https://memory.invalid/join/{here.id}/{here.links_made}"


def _seen(here: InMemoryChat, person: str) -> Seen:
    if here.is_run_by(person):
        return Exempt()
    if person in here.members:
        return Inside()
    return Outside(By.AN_ADMIN if person in here.banned else By.THEMSELVES)
