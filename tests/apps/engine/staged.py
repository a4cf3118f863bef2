"""The adapters in memory, on which something happens in the middle of a call."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from solynk.adapters.memory.platform import InMemoryPlatform
from solynk.adapters.memory.provider import InMemoryProvider
from solynk.core.access import Seen
from solynk.core.facts import Payment
from solynk.core.ids import (
    PersonId,
)
from solynk.ports.channels import Place, RawUpdate
from solynk.ports.payments import Finding, ObjectRef

Deed: TypeAlias = Callable[[], Awaitable[object]]


@dataclass
class StagedPlatform(InMemoryPlatform):
    """The platform in memory, on which something happens in the middle of a call."""

    before: dict[str, list[Deed]] = field(default_factory=dict[str, list[Deed]])
    after: dict[str, list[Deed]] = field(default_factory=dict[str, list[Deed]])
    """Deeds by call, each done once: before its effect, or after it."""
    calls: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """What was called, and for whom."""
    watches: Callable[[str, str], None] = lambda _call, _person: None
    """Told of every call before its effect."""

    async def admit(
        self, place: Place, person: PersonId, until: datetime, *, lift_ban: bool
    ) -> Seen:
        self.calls.append(("admit", person))
        self.watches("admit", person)
        await _next(self.before, "admit")
        seen = await super().admit(place, person, until, lift_ban=lift_ban)
        await _next(self.after, "admit")
        return seen

    async def expel(self, place: Place, person: PersonId) -> Seen:
        self.calls.append(("expel", person))
        self.watches("expel", person)
        await _next(self.before, "expel")
        seen = await super().expel(place, person)
        await _next(self.after, "expel")
        return seen

    async def acknowledge(self, updates: Sequence[RawUpdate]) -> None:
        await _next(self.before, "acknowledge")
        await super().acknowledge(updates)


@dataclass(slots=True)
class StagedProvider(InMemoryProvider):
    """The provider in memory, where something happens while an answer is on its way."""

    after_fetch: list[Deed] = field(default_factory=list[Deed])
    fetches: int = 0
    tells_no_payments: bool = False
    """While true, a read finds the subscription alone: its latest invoice is a draft."""

    async def fetch(self, account: str, ref: ObjectRef) -> bytes:
        self.fetches += 1
        answer = await InMemoryProvider.fetch(self, account, ref)
        if self.after_fetch:
            await self.after_fetch.pop(0)()
        return _without_payments(answer) if self.tells_no_payments else answer


def _without_payments(answer: bytes) -> bytes:
    finding = msgspec.json.decode(answer, type=Finding)
    facts = tuple(it for it in finding.facts if not isinstance(it, Payment))
    return msgspec.json.encode(replace(finding, facts=facts))


async def _next(deeds: Mapping[str, list[Deed]], call: str) -> None:
    waiting = deeds.get(call, [])
    if waiting:
        await waiting.pop(0)()
