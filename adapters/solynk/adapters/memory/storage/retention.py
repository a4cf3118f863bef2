"""What is too old, and how far a run was through with it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from solynk.adapters.memory.storage.auditing import CheckpointRows, EntryRows, SealRows
from solynk.adapters.memory.storage.events import EventRows, KeyRows, key_of
from solynk.adapters.memory.storage.rows import Rows
from solynk.core.alert import Alert, AlertKind
from solynk.core.audit import AuditEntry
from solynk.core.catalog import Organization
from solynk.core.checkpoint import Checkpoint, CheckpointKind
from solynk.core.ids import AlertId, EventId, OrganizationId, first_id
from solynk.core.retention import Kept, PastEvent, may_name_another


@dataclass(frozen=True, slots=True)
class InMemoryPastEvents:
    events: EventRows
    keys: KeyRows
    alerts: Rows[AlertId, Alert]

    async def page(
        self, before: datetime, *, after: EventId | None, limit: int
    ) -> Sequence[PastEvent]:
        end, begin = first_id(before), after or ""
        found = sorted(self.events.where(lambda it: begin < it.id < end), key=lambda it: it.id)
        return [PastEvent(it.id, it.organization, it.status, it.due_at) for it in found[:limit]]

    async def unsettled(self, since: datetime) -> Collection[str]:
        letters = self.alerts.where(lambda it: it.kind is AlertKind.DEAD_LETTER)
        return {it.subject for it in letters if it.resolved_at is None or it.resolved_at >= since}

    async def let_go(self, events: Collection[EventId]) -> int:
        rows = [row for it in events if (row := self.events.get(it)) is not None]
        going = [it for it in rows if it.due_at is None]
        for it in going:
            self.events.drop(it.id)
            if may_name_another(it.source):
                self.keys.drop(key_of(it))
        return len(going)


@dataclass(frozen=True, slots=True)
class InMemoryPastEntries:
    entries: EntryRows
    seals: SealRows
    checkpoints: CheckpointRows

    async def owners(self, before: datetime) -> Sequence[OrganizationId | None]:
        end = first_id(before)
        owners = {it.organization for it in self.entries.where(lambda it: it.id < end)}
        return sorted(owners, key=lambda it: it or "")

    async def cut(self, organization: OrganizationId | None) -> Checkpoint | None:
        cuts = self.checkpoints.where(
            lambda it: it.organization == organization and it.kind is CheckpointKind.CUT
        )
        return max(cuts, key=lambda it: it.seq, default=None)

    async def let_go(
        self, organization: OrganizationId | None, before: datetime, limit: int
    ) -> int:
        cut = await self.cut(organization)
        if cut is None:
            return 0
        covered = {
            it.entry
            for it in self.seals.where(lambda it: it.organization == organization)
            if it.seq <= cut.seq
        }
        going = [it for it in self._past(organization, before) if it.id in covered][:limit]
        for it in going:
            self.entries.drop(it.id)
        return len(going)

    async def count(self, organization: OrganizationId | None, before: datetime) -> int:
        return len(self._past(organization, before))

    def _past(self, organization: OrganizationId | None, before: datetime) -> list[AuditEntry]:
        past = self.entries.where(lambda it: it.organization == organization and it.at < before)
        return sorted(past, key=lambda it: (it.at, it.id))


@dataclass(frozen=True, slots=True)
class InMemoryRetentionRecord:
    done: Rows[Kept, datetime]
    organizations: Rows[OrganizationId, Organization]
    events: EventRows
    entries: EntryRows

    async def held(self) -> Collection[OrganizationId]:
        return {it.id for it in self.organizations if it.legal_hold}

    async def reached(self, kind: Kept, upto: datetime) -> None:
        self.done.put(kind, upto)

    async def progress(self) -> Mapping[Kept, datetime]:
        oldest = {
            Kept.EVENTS: min((it.received_at for it in self.events), default=None),
            Kept.AUDIT: min((it.at for it in self.entries), default=None),
        }
        known = {kind: self.done.get(kind) or oldest[kind] for kind in Kept}
        return {kind: it for kind, it in known.items() if it is not None}


NONE: Final[Sequence[str]] = ()


class InMemoryMonths:
    """Memory has no months."""

    async def make(self, at: datetime) -> Sequence[str]:
        del at
        return NONE

    async def past(self, kind: Kept, before: datetime) -> Sequence[str]:
        del kind, before
        return NONE

    async def drop(self, kind: Kept, month: str) -> bool:
        del kind, month
        return False
