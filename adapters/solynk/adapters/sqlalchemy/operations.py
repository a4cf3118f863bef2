"""What people must look at or look up, and who does what only one may do."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, or_, select, update

from solynk.adapters.sqlalchemy import tables
from solynk.adapters.sqlalchemy.records import Records
from solynk.adapters.sqlalchemy.statements import AnyOf, Prepared, by
from solynk.adapters.sqlalchemy.transaction import Transaction
from solynk.core.alert import Alert, AlertKind
from solynk.core.brake import Brake
from solynk.core.ids import AlertId, ChannelId, OrganizationId

BRAKE: Final = tables.brakes.c
ALERT: Final = tables.alerts.c
LEASE: Final = tables.leases.c

BRAKES: Final = Records(tables.brakes, Brake)
ALERTS: Final = Records(tables.alerts, Alert)


LOCK_BRAKE: Final = Prepared(by(tables.brakes, "organization", "channel").with_for_update())
AMONG: Final = Prepared(
    by(tables.brakes, "organization")
    .where(AnyOf(BRAKE.channel, "channels"))
    .order_by(BRAKE.channel)
)
RESOLVED: Final = (
    update(tables.alerts)
    .where(ALERT.kind == bindparam("its_kind"), ALERT.subject == bindparam("its_subject"))
    .where(ALERT.resolved_at.is_(None))
    .values(resolved_at=bindparam("at", type_=ALERT.resolved_at.type))
    .returning(ALERT.id)
)
RESOLVE: Final = Prepared(RESOLVED.where(ALERT.organization == bindparam("owner")))
RESOLVE_NOBODYS: Final = Prepared(RESOLVED.where(ALERT.organization.is_(None)))
ABOUT: Final = Prepared(
    by(tables.alerts, "organization")
    .where(
        AnyOf(ALERT.kind, "kinds"),
        AnyOf(ALERT.subject, "subjects"),
        ALERT.resolved_at.is_(None),
    )
    .order_by(ALERT.id)
)


@dataclass(frozen=True, slots=True)
class SqlBrakes:
    transaction: Transaction

    async def among(
        self, organization: OrganizationId, channels: Collection[ChannelId]
    ) -> Sequence[Brake]:
        those = {"organization": organization, "channels": list(channels)}
        return await BRAKES.all(self.transaction, AMONG, those) if channels else []

    async def lock(self, organization: OrganizationId, channel: ChannelId, at: datetime) -> Brake:
        new = Brake(organization, channel, window_since=at)
        await BRAKES.add(self.transaction, new)
        here = {"organization": organization, "channel": channel}
        return await BRAKES.first(self.transaction, LOCK_BRAKE, here) or new

    async def put(self, brake: Brake) -> None:
        await BRAKES.put(self.transaction, brake)


@dataclass(frozen=True, slots=True)
class SqlAlerts:
    transaction: Transaction

    async def open(self, alert: Alert) -> bool:
        return await ALERTS.add(self.transaction, alert)

    async def resolve(
        self, organization: OrganizationId | None, kind: AlertKind, subject: str, at: datetime
    ) -> bool:
        about = {"its_kind": kind, "its_subject": subject, "at": at}
        if organization is None:
            return bool(await self.transaction.answer(RESOLVE_NOBODYS, about))
        return bool(await self.transaction.answer(RESOLVE, {"owner": organization, **about}))

    async def get(self, organization: OrganizationId | None, alert: AlertId) -> Alert | None:
        known = select(tables.alerts).where(ALERT.id == alert)
        if organization is not None:
            known = known.where(ALERT.organization == organization)
        return await ALERTS.first(self.transaction, known)

    async def open_about(
        self, organization: OrganizationId, subjects: Collection[str]
    ) -> Sequence[Alert]:
        about = {"organization": organization, "subjects": list(subjects)}
        return await ALERTS.all(self.transaction, ABOUT, {**about, "kinds": list(AlertKind)})

    async def all(
        self, organization: OrganizationId | None, *, open_only: bool = True, limit: int = 100
    ) -> Sequence[Alert]:
        page = select(tables.alerts).order_by(ALERT.opened_at.desc(), ALERT.id.desc()).limit(limit)
        if organization is not None:
            page = page.where(ALERT.organization == organization)
        if open_only:
            page = page.where(ALERT.resolved_at.is_(None))
        return await ALERTS.all(self.transaction, page)


@dataclass(frozen=True, slots=True)
class SqlLeases:
    transaction: Transaction

    async def take(self, name: str, holder: str, wall: datetime, until: datetime) -> bool:
        insert = self.transaction.insert(tables.leases)
        taken = insert.values(name=name, holder=holder, until=until).on_conflict_do_update(
            index_elements=list(tables.leases.primary_key),
            set_={"holder": holder, "until": until},
            where=or_(LEASE.holder == holder, LEASE.until <= wall),
        )
        return await self.transaction.row(taken.returning(LEASE.name)) is not None
