"""The audit log, the chain over it, and the checkpoints of the chain."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from solynk.adapters.memory.storage.rows import Rows
from solynk.core.audit import AuditEntry
from solynk.core.chain import Head, Seal, SealedEntry, head_of, start
from solynk.core.checkpoint import Checkpoint, CheckpointKind
from solynk.core.ids import AuditId, OrganizationId, first_id
from solynk.ports.errors import Conflict, Lost
from solynk.ports.sealing import Strays

EntryRows = Rows[AuditId, AuditEntry]
SealRows = Rows[tuple[OrganizationId | None, int], Seal]
HeadRows = Rows[OrganizationId | None, Head]
CheckpointRows = Rows[tuple[OrganizationId | None, int, CheckpointKind], Checkpoint]


@dataclass(frozen=True, slots=True)
class InMemoryAuditLog:
    rows: EntryRows

    async def append(self, *entries: AuditEntry) -> None:
        for it in entries:
            if self.rows.get(it.id) is not None:
                raise Conflict("memory", "an entry is never written again")
            self.rows.put(it.id, it)

    async def about(
        self,
        organization: OrganizationId | None,
        *,
        resource: str | None = None,
        limit: int = 100,
    ) -> Sequence[AuditEntry]:
        found = self.rows.where(
            lambda it: organization in {None, it.organization} and resource in {None, it.resource}
        )
        return sorted(found, key=lambda it: (it.at, it.id), reverse=True)[:limit]

    async def since(self, at: datetime, limit: int) -> Sequence[AuditEntry]:
        first = first_id(at)
        return sorted(self.rows.where(lambda it: it.id >= first), key=lambda it: it.id)[:limit]


@dataclass(frozen=True, slots=True)
class InMemoryAuditChains:
    entries: EntryRows
    seals: SealRows
    ends: HeadRows

    async def waiting(self, limit: int) -> Sequence[AuditEntry]:
        sealed = {it.entry for it in self.seals}
        found = self.entries.where(lambda it: it.id not in sealed)
        return sorted(found, key=lambda it: it.id)[:limit]

    async def heads(
        self, organizations: Collection[OrganizationId | None]
    ) -> Mapping[OrganizationId | None, Head]:
        return {it: self.ends.get(it) or start(it) for it in organizations}

    async def extend(self, seals: Sequence[Seal]) -> None:
        sealed = {it.entry for it in self.seals}
        for seal in seals:
            place = (seal.organization, seal.seq)
            if seal.entry in sealed or self.seals.get(place) is not None:
                raise Lost("memory", "another sealer was first")
            self.seals.put(place, seal)
            self.ends.put(seal.organization, head_of(seal))


@dataclass(frozen=True, slots=True)
class InMemorySealedLog:
    entries: EntryRows
    seals: SealRows
    ends: HeadRows

    async def chains(self) -> Sequence[Head]:
        return sorted(self.ends, key=lambda it: it.organization or "")

    async def page(
        self, organization: OrganizationId | None, *, after: int, limit: int
    ) -> Sequence[SealedEntry]:
        found = self.seals.where(lambda it: it.organization == organization and it.seq > after)
        page = sorted(found, key=lambda it: it.seq)[:limit]
        return [SealedEntry(it, self.entries.get(it.entry)) for it in page]

    async def strays(self, after: AuditId | None, limit: int) -> Strays:
        """What is in memory was appended, and waits: nobody writes past us here."""
        del after, limit
        return Strays((), None)


@dataclass(frozen=True, slots=True)
class InMemoryCheckpoints:
    rows: CheckpointRows
    ends: HeadRows

    async def due(self, before: datetime, limit: int) -> Sequence[Head]:
        ends = sorted(self.ends, key=lambda it: it.organization or "")
        return [it for it in ends if await self._is_due(it, before)][:limit]

    async def _is_due(self, head: Head, before: datetime) -> bool:
        known = await self.of(head.organization)
        last = next((it for it in reversed(known) if it.kind is CheckpointKind.HEAD), None)
        return last is None or (last.seq < head.seq and last.at <= before)

    async def put(self, checkpoints: Sequence[Checkpoint]) -> None:
        for it in checkpoints:
            key = (it.organization, it.seq, it.kind)
            if self.rows.get(key) is None:
                self.rows.put(key, it)

    async def of(self, organization: OrganizationId | None) -> Sequence[Checkpoint]:
        found = self.rows.where(lambda it: it.organization == organization)
        return sorted(found, key=lambda it: it.seq)

    async def newest(self) -> Checkpoint | None:
        return max(self.rows, key=lambda it: it.at, default=None)

    async def last(self, organization: OrganizationId | None, upto: int) -> Checkpoint | None:
        known = await self.of(organization)
        heads = (it for it in known if it.kind is CheckpointKind.HEAD and it.seq <= upto)
        return max(heads, key=lambda it: it.seq, default=None)
