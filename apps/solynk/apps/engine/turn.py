"""One transaction of the engine: what it may use, why it runs, and whom to wake after it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from msgspec import Struct, structs

from solynk.apps.engine.wiring import Wiring, new_id
from solynk.core.alert import Alert, AlertKind
from solynk.core.audit import AuditEntry
from solynk.core.ids import AlertId, AuditId, OrganizationId
from solynk.ports.storage import UnitOfWork
from solynk.ports.wake import Work


class Cause(Struct, frozen=True):
    """Why something is done: it goes into every audit entry and command that follows from it."""

    actor: str
    """`provider:stripe`, `clock`, `platform:telegram`, or a person's id."""
    correlation: str
    at: datetime
    received_at: datetime | None = None
    """When the event behind it came in: where payment -> access begins."""


@dataclass(slots=True)
class Turn:
    w: Wiring
    tx: UnitOfWork
    cause: Cause
    work: list[Work] = field(default_factory=list[Work])
    """What to wake for, once the transaction is committed."""
    entries: list[AuditEntry] = field(default_factory=list[AuditEntry])
    """What was noted: written together, at the end of the transaction."""

    @property
    def at(self) -> datetime:
        return self.cause.at

    def because_of(self, correlation: str) -> "Turn":
        """The same transaction, where it is about one of several things."""
        return replace(self, cause=structs.replace(self.cause, correlation=correlation))

    def note(
        self, organization: OrganizationId | None, action: str, resource: str, **details: str
    ) -> None:
        """Write an audit entry, in the transaction of what it tells. Ids only: no personal data."""
        entry = AuditEntry(
            id=AuditId(new_id(self.at)),
            organization=organization,
            at=self.at,
            actor=self.cause.actor,
            action=action,
            resource=resource,
            correlation=self.cause.correlation,
            details=details,
        )
        self.entries.append(entry)

    async def alert(
        self, organization: OrganizationId | None, kind: AlertKind, subject: str, message: str
    ) -> None:
        """Tell a person; while one of this kind and subject is open, nothing is added."""
        alert = Alert(AlertId(new_id(self.at)), organization, kind, subject, message, self.at)
        await self.tx.alerts.open(alert)

    async def settled(
        self, organization: OrganizationId | None, kind: AlertKind, subject: str
    ) -> None:
        """What was alerted has gone."""
        await self.tx.alerts.resolve(organization, kind, subject, self.at)


@asynccontextmanager
async def turn(w: Wiring, cause: Cause) -> AsyncGenerator[Turn]:
    """Begin a transaction; wake whoever has work from it only after it is committed."""
    async with w.store.begin() as tx:
        now = Turn(w, tx, cause)
        yield now
        if now.entries:
            await tx.audit.append(*now.entries)
    for work in now.work:
        await w.waker.wake(work)


@asynccontextmanager
async def turn_of(w: Wiring, actor: str, correlation: str) -> AsyncGenerator[Turn]:
    """The same, caused by someone at this instant."""
    async with turn(w, Cause(actor, correlation, await w.clock.now())) as now:
        yield now
