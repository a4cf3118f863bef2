"""The durable queue, and the breakers of its lanes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, TypedDict

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from solynk.adapters.sqlalchemy import tables
from solynk.adapters.sqlalchemy.columns import Id, Utc
from solynk.adapters.sqlalchemy.records import Records
from solynk.adapters.sqlalchemy.rounds import Place, Rounds, named
from solynk.adapters.sqlalchemy.statements import POSTGRESQL, AnyOf, Prepared, Selected, by
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
ROUNDS: Final = Rounds(tables.commands, "organization", tables.CLAIMABLE)


GET: Final = Prepared(by(tables.commands, "id"))
LIVE_ONE: Final = Prepared(by(tables.commands, "subject").where(text(tables.LIVE)))
LIVE_AMONG: Final = Prepared(
    select(tables.commands)
    .where(AnyOf(COMMAND.subject, "subjects"), text(tables.LIVE))
    .order_by(COMMAND.id)
)
CHANGED: Final = tuple(it.key for it in COMMAND if it.key != "id")
REPLACE: Final = Prepared(
    update(tables.commands)
    .where(
        COMMAND.id == bindparam("this", type_=COMMAND.id.type),
        COMMAND.lease.is_not_distinct_from(bindparam("its_lease", type_=COMMAND.lease.type)),
    )
    .values({it: bindparam(f"new_{it}", type_=COMMAND[it].type) for it in CHANGED})
    .returning(COMMAND.id)
)


@dataclass(frozen=True, slots=True)
class SqlCommands:
    transaction: Transaction

    async def add(self, *commands: Command) -> Collection[CommandId]:
        added = await COMMANDS.add_all(self.transaction, commands)
        return {CommandId(id_) for (id_,) in added}

    async def get(self, command: CommandId) -> Command | None:
        return await COMMANDS.first(self.transaction, GET, {"id": command})

    async def live(self, subject: str) -> Command | None:
        return await COMMANDS.first(self.transaction, LIVE_ONE, {"subject": subject})

    async def live_among(self, subjects: Collection[str]) -> Sequence[Command]:
        return await COMMANDS.all(self.transaction, LIVE_AMONG, {"subjects": list(subjects)})

    async def put(self, command: Command, *, lease: str | None) -> bool:
        if command.status in LIVE:
            await self._refuse_second(command)
        values = {f"new_{it}": getattr(command, it) for it in CHANGED}
        its = {"this": command.id, "its_lease": lease}
        return bool(await self.transaction.answer(REPLACE, its | values))

    async def _refuse_second(self, command: Command) -> None:
        other = await self.live(command.subject)
        if other is not None and other.id != command.id:
            reason = "another command of this subject is live"
            raise Conflict("database", reason, holder=other.id)


AT: Final = bindparam("at", type_=Utc)
WALL: Final = bindparam("wall", type_=Utc)
THIS: Final = bindparam("this", type_=Id)
LANE_TRIED: Final = bindparam("lane_tried", type_=Text)

WAITING: Final = or_(
    and_(COMMAND.status == CommandStatus.READY, COMMAND.due_at <= AT),
    and_(COMMAND.status == CommandStatus.LEASED, COMMAND.lease_until <= WALL),
)
FLOWING: Final = COMMAND.lane.not_in(select(LANE.name).where(LANE.open_until.is_not(None)))
PROBING: Final = and_(
    COMMAND.lane == LANE_TRIED,
    ~select(HELD.id)
    .where(HELD.lane == LANE_TRIED, HELD.status == CommandStatus.LEASED, HELD.lease_until > WALL)
    .exists(),
)
"""Commands of the lane, if none of them is being carried out."""


class Claimant(TypedDict):
    """Who claims, and the clocks they go by: `at` is business time, `wall` that of leases."""

    at: datetime
    wall: datetime
    new_until: datetime
    new_lease: str


def _leasing(ids: Selected) -> ReturningUpdate[Any]:
    due = ids.cte("due").prefix_with("MATERIALIZED", dialect="postgresql")
    return (
        update(tables.commands)
        .where(COMMAND.id.in_(select(due.c.id)))
        .values(
            status=CommandStatus.LEASED,
            lease=bindparam("new_lease"),
            lease_until=bindparam("new_until"),
            attempts=COMMAND.attempts + 1,
        )
        .returning(*tables.commands.c)
    )


def _longest_due(which: ColumnElement[bool]) -> Prepared:
    return Prepared(
        _leasing(
            select(COMMAND.id)
            .where(text(tables.CLAIMABLE), WAITING, which)
            .order_by(COMMAND.due_at, COMMAND.id)
            .limit(bindparam("limit", type_=Integer))
            .with_for_update(skip_locked=True)
        )
    )


ANY: Final = _longest_due(FLOWING)
PROBE: Final = _longest_due(PROBING)
NAMED: Final = _longest_due(and_(COMMAND.id == THIS, FLOWING))
NAMED_PROBE: Final = _longest_due(and_(COMMAND.id == THIS, or_(FLOWING, PROBING)))
TRIABLE: Final = (
    select(LANE.name)
    .where(LANE.open_until <= AT)
    .order_by(LANE.name)
    .with_for_update(skip_locked=True)
)
TO_BE_TRIED: Final = Prepared(TRIABLE)
ITS_LANE_TRIED: Final = Prepared(
    TRIABLE.where(LANE.name == select(COMMAND.lane).where(COMMAND.id == THIS).scalar_subquery())
)


@cache
def _shares(owners: int) -> Prepared:
    which = and_(WAITING, FLOWING)
    return Prepared(
        lambda dialect: _leasing(
            ROUNDS.shares(owners, which, lateral=dialect.name == POSTGRESQL, lock=True)
        )
    )


@dataclass(frozen=True, slots=True)
class SqlCommandQueue:
    transaction: Transaction
    place: Place

    async def claim(
        self, at: datetime, wall: datetime, until: datetime, lease: str, limit: int
    ) -> Sequence[Command]:
        who = Claimant(at=at, wall=wall, new_until=until, new_lease=lease)
        claimed: list[Command] = []
        for lane in (await self._to_be_tried(TO_BE_TRIED, at=at))[:limit]:
            claimed += await self._lease(PROBE, who, lane_tried=lane, limit=1)
        claimed += await self._in_rounds(who, self.place.room(limit - len(claimed)))
        if len(claimed) < limit:
            claimed += await self._lease(ANY, who, limit=limit - len(claimed))
        return sorted(claimed, key=lambda it: (it.due_at, it.id))

    async def claim_one(
        self, command: CommandId, at: datetime, wall: datetime, until: datetime, lease: str
    ) -> Command | None:
        who = Claimant(at=at, wall=wall, new_until=until, new_lease=lease)
        tried = await self._to_be_tried(ITS_LANE_TRIED, at=at, this=command)
        if tried:
            leased = self._lease(NAMED_PROBE, who, this=command, lane_tried=tried[0], limit=1)
        else:
            leased = self._lease(NAMED, who, this=command, limit=1)
        return next(iter(await leased), None)

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

    async def _to_be_tried(self, which: Prepared, **values: datetime | str) -> list[str]:
        """Held to the end of the transaction, so that no other claimant tries the same lane.

        The statement that looks for a probe begins after the lock was got, and so sees what a
        claimant before us has leased.
        """
        return [row[0] for row in await self.transaction.answer(which, values)]

    async def _in_rounds(self, who: Claimant, room: int) -> list[Command]:
        """An equal share for each organization; what is left of the batch is for the longest due.

        Where only one has something due, that is all the same.
        """
        if room < 1:
            return []
        owners = await ROUNDS.owners(self.transaction, self.place, who["at"], room)
        if not owners:
            return []
        most = room // len(owners)
        return await self._lease(_shares(len(owners)), who, most=most, **named(owners))

    async def _lease(self, which: Prepared, who: Claimant, **more: str | int) -> list[Command]:
        return await COMMANDS.all(self.transaction, which, {**who, **more})


@dataclass(frozen=True, slots=True)
class SqlLateWork:
    transaction: Transaction

    async def commands(self, before: datetime, wall: datetime, limit: int) -> Sequence[Command]:
        ready = and_(COMMAND.status == CommandStatus.READY, COMMAND.due_at < before)
        left = and_(COMMAND.status == CommandStatus.LEASED, COMMAND.lease_until < wall)
        late = select(tables.commands).where(text(tables.CLAIMABLE), or_(ready, left))
        by_age = late.order_by(COMMAND.due_at, COMMAND.id)
        return await COMMANDS.all(self.transaction, by_age.limit(limit))


GET_LANE: Final = Prepared(by(tables.lanes, "name"))


@dataclass(frozen=True, slots=True)
class SqlLanes:
    transaction: Transaction

    async def get(self, name: str) -> Lane:
        return await LANES.first(self.transaction, GET_LANE, {"name": name}) or Lane(name)

    async def put(self, lane: Lane) -> None:
        await LANES.put(self.transaction, lane)
