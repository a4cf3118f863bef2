"""The durable queue, and the breakers of its lanes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from solynk.adapters.memory.storage.rows import Rows, in_rounds
from solynk.core.command import LIVE, Command, CommandStatus
from solynk.core.ids import CommandId, OrganizationId
from solynk.ports.errors import Conflict
from solynk.ports.storage import Lane

CommandRows = Rows[CommandId, Command]
LaneRows = Rows[str, Lane]


@dataclass(frozen=True, slots=True)
class InMemoryCommands:
    rows: CommandRows

    async def add(self, *commands: Command) -> Collection[CommandId]:
        return {it.id for it in commands if self._add(it)}

    def _add(self, command: Command) -> bool:
        taken = self.rows.get(command.id) is not None
        if taken or self._other(command) is not None:
            return False
        self.rows.put(command.id, command)
        return True

    async def get(self, command: CommandId) -> Command | None:
        return self.rows.get(command)

    async def live(self, subject: str) -> Command | None:
        return self.rows.first(lambda it: it.subject == subject and it.status in LIVE)

    async def live_among(self, subjects: Collection[str]) -> Sequence[Command]:
        live = self.rows.where(lambda it: it.subject in subjects and it.status in LIVE)
        return sorted(live, key=lambda it: it.id)

    async def put(self, command: Command, *, lease: str | None) -> bool:
        known = self.rows.get(command.id)
        if known is None or known.lease != lease:
            return False
        other = self._other(command)
        if other is not None:
            raise Conflict("memory", "another command of this subject is live", holder=other.id)
        self.rows.put(command.id, command)
        return True

    def _other(self, command: Command) -> Command | None:
        if command.status not in LIVE:
            return None
        return self.rows.first(
            lambda it: it.subject == command.subject and it.status in LIVE and it.id != command.id
        )


@dataclass(frozen=True, slots=True)
class InMemoryCommandQueue:
    rows: CommandRows
    lanes: LaneRows

    async def claim(
        self, at: datetime, wall: datetime, until: datetime, lease: str, limit: int
    ) -> Sequence[Command]:
        waiting = self.rows.where(lambda it: _claimable(it, at, wall))
        flowing = self._flowing(sorted(waiting, key=_since), at, wall)
        chosen = in_rounds(flowing, lambda it: it.organization)[:limit]
        return [self._lease(it, until, lease) for it in sorted(chosen, key=_since)]

    async def claim_one(
        self, command: CommandId, at: datetime, wall: datetime, until: datetime, lease: str
    ) -> Command | None:
        known = self.rows.get(command)
        if known is None or not _claimable(known, at, wall):
            return None
        if not self._flowing([known], at, wall):
            return None
        return self._lease(known, until, lease)

    async def hasten(self, lane: str, at: datetime) -> int:
        later = self.rows.where(
            lambda it: (
                (it.lane, it.status) == (lane, CommandStatus.READY)
                and it.due_at > at
                and it.attempts > 0
            )
        )
        for command in later:
            self.rows.put(command.id, replace(command, due_at=at))
        return len(later)

    async def all(
        self,
        organization: OrganizationId | None,
        *,
        status: CommandStatus | None = None,
        before: CommandId | None = None,
        limit: int = 100,
    ) -> Sequence[Command]:
        last = None if before is None else self.rows.get(before)
        found = self.rows.where(
            lambda it: (
                organization in {None, it.organization}
                and status in {None, it.status}
                and (last is None or _age(it) < _age(last))
            )
        )
        return sorted(found, key=_age, reverse=True)[:limit]

    def _flowing(self, due: Iterable[Command], at: datetime, wall: datetime) -> list[Command]:
        """Those whose lane is closed, and of each lane that may be tried the first one."""
        flowing: list[Command] = []
        probed = {it.lane for it in self.rows if _held(it, wall)}
        for command in due:
            lane = self.lanes.get(command.lane)
            if lane is None or lane.open_until is None:
                flowing.append(command)
            elif lane.open_until <= at and command.lane not in probed:
                probed.add(command.lane)
                flowing.append(command)
        return flowing

    def _lease(self, command: Command, until: datetime, lease: str) -> Command:
        leased = replace(
            command,
            status=CommandStatus.LEASED,
            lease=lease,
            lease_until=until,
            attempts=command.attempts + 1,
        )
        self.rows.put(command.id, leased)
        return leased


def _age(it: Command) -> tuple[datetime, CommandId]:
    return it.created_at, it.id


def _since(it: Command) -> tuple[datetime, CommandId]:
    return it.due_at, it.id


def _claimable(it: Command, at: datetime, wall: datetime) -> bool:
    if it.status is CommandStatus.READY:
        return it.due_at <= at
    return it.status is CommandStatus.LEASED and not _held(it, wall)


def _held(it: Command, wall: datetime) -> bool:
    """Somebody's lease on it has not ended."""
    if it.status is not CommandStatus.LEASED:
        return False
    return it.lease_until is not None and it.lease_until > wall


@dataclass(frozen=True, slots=True)
class InMemoryLateWork:
    rows: Rows[CommandId, Command]

    async def commands(self, before: datetime, wall: datetime, limit: int) -> Sequence[Command]:
        found = self.rows.where(
            lambda it: (
                (it.status is CommandStatus.READY and it.due_at < before)
                or (it.lease_until is not None and it.lease_until < wall)
            )
        )
        return sorted(found, key=lambda it: (it.due_at, it.id))[:limit]


@dataclass(frozen=True, slots=True)
class InMemoryLanes:
    rows: LaneRows

    async def get(self, name: str) -> Lane:
        return self.rows.get(name) or Lane(name)

    async def put(self, lane: Lane) -> None:
        self.rows.put(lane.name, lane)
