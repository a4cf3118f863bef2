"""The durable queue, and the breakers of its lanes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select, text, tuple_, update

from solynk.adapters.sqlalchemy import tables
from solynk.adapters.sqlalchemy.records import Records
from solynk.adapters.sqlalchemy.transaction import Transaction
from solynk.core.command import LIVE, Command, CommandStatus
from solynk.core.ids import CommandId, OrganizationId
from solynk.ports.errors import Conflict
from solynk.ports.storage import Lane

COMMAND: Final = tables.commands.c
LANE: Final = tables.lanes.c
HELD: Final = tables.commands.alias("held").c

COMMANDS: Final = Records(tables.commands, Command)
LANES: Final = Records(tables.lanes, Lane)


@dataclass(frozen=True, slots=True)
class SqlCommands:
    transaction: Transaction

    async def add(self, command: Command) -> bool:
        return await COMMANDS.add(self.transaction, command)

    async def get(self, command: CommandId) -> Command | None:
        known = select(tables.commands).where(COMMAND.id == command)
        return await COMMANDS.first(self.transaction, known)

    async def live(self, subject: str) -> Command | None:
        one = select(tables.commands).where(COMMAND.subject == subject, text(tables.LIVE))
        return await COMMANDS.first(self.transaction, one)

    async def live_among(self, subjects: Collection[str]) -> Sequence[Command]:
        live = select(tables.commands).where(COMMAND.subject.in_(subjects), text(tables.LIVE))
        return await COMMANDS.all(self.transaction, live.order_by(COMMAND.id))

    async def put(self, command: Command, *, lease: str | None) -> bool:
        if command.status in LIVE:
            await self._refuse_second(command)
        replaced = (
            update(tables.commands)
            .where(COMMAND.id == command.id, COMMAND.lease.is_not_distinct_from(lease))
            .values(COMMANDS.values(command))
        )
        return await self.transaction.row(replaced.returning(COMMAND.id)) is not None

    async def _refuse_second(self, command: Command) -> None:
        other = await self.live(command.subject)
        if other is not None and other.id != command.id:
            reason = "another command of this subject is live"
            raise Conflict("database", reason, holder=other.id)


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who claims, and the clocks they go by: `at` is business time, `wall` that of leases."""

    at: datetime
    wall: datetime
    until: datetime
    lease: str

    @property
    def claimable(self) -> ColumnElement[bool]:
        ready = and_(COMMAND.status == CommandStatus.READY, COMMAND.due_at <= self.at)
        lapsed = and_(COMMAND.status == CommandStatus.LEASED, COMMAND.lease_until <= self.wall)
        return or_(ready, lapsed)

    @property
    def flowing(self) -> ColumnElement[bool]:
        return COMMAND.lane.not_in(select(LANE.name).where(LANE.open_until.is_not(None)))

    def probe(self, lane: str) -> ColumnElement[bool]:
        """Commands of the lane, if none of them is being carried out."""
        held = select(HELD.id).where(
            HELD.lane == lane, HELD.status == CommandStatus.LEASED, HELD.lease_until > self.wall
        )
        return and_(COMMAND.lane == lane, ~held.exists())


@dataclass(frozen=True, slots=True)
class SqlCommandQueue:
    transaction: Transaction

    async def claim(
        self, at: datetime, wall: datetime, until: datetime, lease: str, limit: int
    ) -> Sequence[Command]:
        claimant = Claimant(at, wall, until, lease)
        claimed: list[Command] = []
        for lane in (await self._to_be_tried(LANE.open_until <= at))[:limit]:
            claimed += await self._lease(claimant, claimant.probe(lane), 1)
        claimed += await self._lease(claimant, claimant.flowing, limit - len(claimed))
        return sorted(claimed, key=lambda it: (it.due_at, it.id))

    async def claim_one(
        self, command: CommandId, at: datetime, wall: datetime, until: datetime, lease: str
    ) -> Command | None:
        claimant = Claimant(at, wall, until, lease)
        its_lane = LANE.name == select(COMMAND.lane).where(COMMAND.id == command).scalar_subquery()
        lanes = await self._to_be_tried(and_(its_lane, LANE.open_until <= at))
        ways = or_(claimant.flowing, *(claimant.probe(lane) for lane in lanes))
        return next(iter(await self._lease(claimant, and_(COMMAND.id == command, ways), 1)), None)

    async def hasten(self, lane: str, at: datetime) -> int:
        later = (
            select(COMMAND.id)
            .where(COMMAND.lane == lane, COMMAND.status == CommandStatus.READY)
            .where(COMMAND.due_at > at, COMMAND.attempts > 0)
            .with_for_update(skip_locked=True)
            .cte("later")
            .prefix_with("MATERIALIZED", dialect="postgresql")
        )
        hastened = (
            update(tables.commands)
            .where(COMMAND.id.in_(select(later.c.id)))
            .values(due_at=at)
            .returning(COMMAND.id)
        )
        return len(await self.transaction.rows(hastened))

    async def all(
        self,
        organization: OrganizationId | None,
        *,
        status: CommandStatus | None = None,
        before: CommandId | None = None,
        limit: int = 100,
    ) -> Sequence[Command]:
        page = (
            select(tables.commands)
            .order_by(COMMAND.created_at.desc(), COMMAND.id.desc())
            .limit(limit)
        )
        if organization is not None:
            page = page.where(COMMAND.organization == organization)
        if status is not None:
            page = page.where(COMMAND.status == status)
        if before is not None:
            last = select(HELD.created_at, HELD.id).where(HELD.id == before).scalar_subquery()
            page = page.where(tuple_(COMMAND.created_at, COMMAND.id) < last)
        return await COMMANDS.all(self.transaction, page)

    async def _to_be_tried(self, which: ColumnElement[bool]) -> list[str]:
        """Held to the end of the transaction, so that no other claimant tries the same lane.

        The statement that looks for a probe begins after the lock was got, and so sees what a
        claimant before us has leased.
        """
        lanes = select(LANE.name).where(which).order_by(LANE.name).with_for_update(skip_locked=True)
        return [row[0] for row in await self.transaction.rows(lanes)]

    async def _lease(
        self, claimant: Claimant, which: ColumnElement[bool], limit: int
    ) -> list[Command]:
        due = (
            select(COMMAND.id)
            .where(text(tables.CLAIMABLE), claimant.claimable, which)
            .order_by(COMMAND.due_at, COMMAND.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
            .prefix_with("MATERIALIZED", dialect="postgresql")
        )
        leased = (
            update(tables.commands)
            .where(COMMAND.id.in_(select(due.c.id)))
            .values(
                status=CommandStatus.LEASED,
                lease=claimant.lease,
                lease_until=claimant.until,
                attempts=COMMAND.attempts + 1,
            )
            .returning(*tables.commands.c)
        )
        return await COMMANDS.all(self.transaction, leased)


@dataclass(frozen=True, slots=True)
class SqlLateWork:
    transaction: Transaction

    async def commands(self, before: datetime, wall: datetime, limit: int) -> Sequence[Command]:
        ready = and_(COMMAND.status == CommandStatus.READY, COMMAND.due_at < before)
        left = and_(COMMAND.status == CommandStatus.LEASED, COMMAND.lease_until < wall)
        late = select(tables.commands).where(text(tables.CLAIMABLE), or_(ready, left))
        by_age = late.order_by(COMMAND.due_at, COMMAND.id)
        return await COMMANDS.all(self.transaction, by_age.limit(limit))


@dataclass(frozen=True, slots=True)
class SqlLanes:
    transaction: Transaction

    async def get(self, name: str) -> Lane:
        known = select(tables.lanes).where(LANE.name == name)
        return await LANES.first(self.transaction, known) or Lane(name)

    async def put(self, lane: Lane) -> None:
        await LANES.put(self.transaction, lane)
