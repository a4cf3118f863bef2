"""A log that was sealed and signed, and whoever gets at the database behind our back."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, Executable, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from solynk.adapters.memory.clock import ManualClock
from solynk.adapters.memory.signing import InMemorySigner, InMemoryWitness
from solynk.adapters.memory.telemetry import InMemoryTelemetry
from solynk.adapters.sqlalchemy.store import SqlStore
from solynk.apps.engine import (
    Everything,
    Notary,
    Wiring,
    checkpoint,
    find_strays,
    new_id,
    seal,
    verify_chains,
)
from solynk.apps.engine.sealing import sign
from solynk.core.audit import AuditEntry
from solynk.core.chain import Fault, Head
from solynk.core.checkpoint import Checkpoint, CheckpointKind
from solynk.core.ids import AuditId, OrganizationId
from solynk.ports.storage import Store
from tests.apps.engine.offers import US
from tests.apps.engine.world import World
from tests.servers.emptying import with_guards, without_guards

MINUTE: Final = timedelta(minutes=1)


@dataclass
class Sealed:
    """An organization's log in which something is written down each minute, sealed and signed."""

    w: Wiring
    clock: ManualClock
    wall: ManualClock
    telemetry: InMemoryTelemetry
    signer: InMemorySigner = field(default_factory=InMemorySigner)
    witness: InMemoryWitness = field(default_factory=InMemoryWitness)
    entries: list[AuditId] = field(default_factory=list[AuditId])

    @classmethod
    def of(cls, world: World) -> "Sealed":
        return cls(world.w, world.clock, world.wall, world.telemetry)

    def strangers(self) -> "Sealed":
        """The same, in the hands of somebody who has another key."""
        return replace(self, signer=InMemorySigner(), witness=InMemoryWitness(), entries=[])

    @property
    def notary(self) -> Notary:
        return Notary(self.signer, self.witness)

    async def writes(self, count: int, organization: OrganizationId | None = US) -> None:
        """Each in a minute of its own; nothing is sealed yet."""
        for _ in range(count):
            self.passes(MINUTE)
            entry = self._entry(organization)
            async with self.w.store.begin() as tx:
                await tx.audit.append(entry)
            self.entries.append(entry.id)

    def _entry(self, organization: OrganizationId | None) -> AuditEntry:
        return AuditEntry(
            id=AuditId(new_id(self.clock.at)),
            organization=organization,
            at=self.clock.at,
            actor="clock",
            action="access.changed",
            resource=f"access:{len(self.entries)}",
            correlation="the tests",
            details={"to": "granted"},
        )

    def passes(self, time: timedelta) -> None:
        self.clock.advance(time)
        self.wall.advance(time)

    async def seals(self, holder: str = "the sealer") -> int:
        return await seal(self.w, holder)

    async def signs(self, holder: str = "the sealer") -> int:
        return await checkpoint(self.w, self.notary, holder)

    async def grows(self, count: int) -> None:
        await self.writes(count)
        await self.seals()
        await self.signs()

    async def faults(self, kept: Sequence[Checkpoint] = ()) -> list[Fault]:
        """What is found with what is in the database, and with what was kept elsewhere."""
        store = self.w.store
        checked = [it async for it in verify_chains(store, self.signer, kept, Everything())]
        strays = [it async for it in find_strays(store, Everything())]
        return [*(it.fault for it in checked if it.fault is not None), *strays]

    async def cuts(self, head: Head) -> None:
        """Retention removed everything up to here, and says so."""
        cut = await sign(self.signer, head, CheckpointKind.CUT, self.clock.at)
        await self.witness.keep([cut])
        async with self.w.store.begin() as tx:
            await tx.checkpoints.put([cut])


@dataclass(frozen=True)
class Intruder:
    """Has the rights of the database's owner, and knows how to put guards aside."""

    engine: AsyncEngine

    @classmethod
    def at(cls, store: Store) -> "Intruder":
        assert isinstance(store, SqlStore)
        return cls(store.engine)

    async def does(self, statement: str, **ids: str) -> None:
        typed = [bindparam(name, it, type_=Uuid(as_uuid=False)) for name, it in ids.items()]
        async with self.engine.begin() as connection:
            await connection.run_sync(_do, text(statement).bindparams(*typed))


def _do(connection: Connection, statement: Executable) -> None:
    dropped = without_guards(connection)
    done = connection.execute(statement)
    assert done.rowcount > 0, "the attack met nothing"
    with_guards(connection, dropped)
