"""What people must look at or look up, and who does what only one may do."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from solynk.adapters.memory.storage.rows import Rows
from solynk.core.alert import Alert, AlertKind
from solynk.core.brake import Brake
from solynk.core.ids import AlertId, ChannelId, OrganizationId


@dataclass(frozen=True, slots=True)
class InMemoryBrakes:
    rows: Rows[tuple[OrganizationId, ChannelId], Brake]

    async def among(
        self, organization: OrganizationId, channels: Collection[ChannelId]
    ) -> Sequence[Brake]:
        known = (self.rows.get((organization, it)) for it in sorted(set(channels)))
        return [it for it in known if it is not None]

    async def lock(self, organization: OrganizationId, channel: ChannelId, at: datetime) -> Brake:
        known = self.rows.get((organization, channel))
        return Brake(organization, channel, window_since=at) if known is None else known

    async def put(self, brake: Brake) -> None:
        self.rows.put((brake.organization, brake.channel), brake)


@dataclass(frozen=True, slots=True)
class InMemoryAlerts:
    rows: Rows[AlertId, Alert]

    async def open(self, alert: Alert) -> bool:
        taken = self.rows.get(alert.id) is not None
        if taken or self._opened(alert.organization, alert.kind, alert.subject) is not None:
            return False
        self.rows.put(alert.id, alert)
        return True

    async def resolve(
        self, organization: OrganizationId | None, kind: AlertKind, subject: str, at: datetime
    ) -> bool:
        alert = self._opened(organization, kind, subject)
        if alert is None:
            return False
        self.rows.put(alert.id, replace(alert, resolved_at=at))
        return True

    async def get(self, organization: OrganizationId | None, alert: AlertId) -> Alert | None:
        known = self.rows.get(alert)
        if known is None or organization not in {None, known.organization}:
            return None
        return known

    async def open_about(
        self, organization: OrganizationId, subjects: Collection[str]
    ) -> Sequence[Alert]:
        return self.rows.where(
            lambda it: (
                it.organization == organization
                and it.subject in subjects
                and it.resolved_at is None
            )
        )

    async def all(
        self, organization: OrganizationId | None, *, open_only: bool = True, limit: int = 100
    ) -> Sequence[Alert]:
        found = self.rows.where(
            lambda it: (
                organization in {None, it.organization}
                and not (open_only and it.resolved_at is not None)
            )
        )
        return sorted(found, key=lambda it: (it.opened_at, it.id), reverse=True)[:limit]

    def _opened(
        self, organization: OrganizationId | None, kind: AlertKind, subject: str
    ) -> Alert | None:
        about = (organization, kind, subject)
        return self.rows.first(
            lambda it: (it.organization, it.kind, it.subject) == about and it.resolved_at is None
        )


@dataclass(frozen=True, slots=True)
class InMemoryLeases:
    rows: Rows[str, tuple[str, datetime]]

    async def take(self, name: str, holder: str, wall: datetime, until: datetime) -> bool:
        held = self.rows.get(name)
        if held is not None and held[0] != holder and held[1] > wall:
            return False
        self.rows.put(name, (holder, until))
        return True
