"""Seals what was written down, and has the ends of the chains signed and remembered elsewhere."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from solynk.apps.engine.wiring import Wiring, new_id
from solynk.core.audit import AuditEntry
from solynk.core.chain import Head, Seal, extend
from solynk.core.checkpoint import Checkpoint, CheckpointKind, statement
from solynk.core.ids import OrganizationId
from solynk.ports.errors import Lost, Refused, Unavailable
from solynk.ports.signing import Signer, Witness
from solynk.ports.storage import UnitOfWork

log = logging.getLogger(__name__)

SEAL_EVERY: Final = timedelta(seconds=1)
SIGN_EVERY: Final = timedelta(minutes=1)
"""What is cut off the end of a chain since its last checkpoint would not be missed."""
HOLD: Final = timedelta(seconds=10)
"""How long the other sealers leave it to the one that sealed last."""
BATCH: Final = 1_000
LEASE_NAME: Final = "seal"
STRANGE: Final = (
    "the audit log was signed with another key than the one in this data folder: set AUDIT_SIGNING_KEY"
    " or SOLYNK_DATA_DIR as the rest of the installation has it"
)


class Notary(Struct, frozen=True):
    """Who signs checkpoints, and where they are remembered besides the database."""

    signer: Signer
    witness: Witness | None = None
    chosen: bool = True
    """False where nobody chose the key: it was made in a data folder. It never goes on where another
    key signed, or a second folder would spoil what the first one vouches for."""


async def seal(w: Wiring, holder: str) -> int:
    """Seal what waits; how much it was. One sealer works at a time, and the others do nothing.

    Raises:
        Unavailable, Lost: the storage failed; what was not sealed still waits.
    """
    done = 0
    while count := await _seal_some(w, holder):
        done += count
        w.telemetry.count("audit_batches_sealed")
        if count < BATCH:
            break
    return done


async def _seal_some(w: Wiring, holder: str) -> int:
    wall = await w.wall.now()
    async with w.store.begin() as tx:
        if not await tx.chains.waiting(1):
            return 0
        # The lease is taken before the chain is read: its row is a lock until the commit.
        if not await tx.leases.take(LEASE_NAME, holder, wall, wall + HOLD):
            return 0
        waiting = await tx.chains.waiting(BATCH)
        await tx.chains.extend(await _seals(tx, waiting))
    return len(waiting)


async def _seals(tx: UnitOfWork, waiting: Sequence[AuditEntry]) -> list[Seal]:
    chains: dict[OrganizationId | None, list[AuditEntry]] = {}
    for entry in waiting:
        chains.setdefault(entry.organization, []).append(entry)
    heads = await tx.chains.heads(chains)
    return [it for owner, entries in chains.items() for it in extend(heads[owner], entries)]


async def checkpoint(w: Wiring, notary: Notary, holder: str) -> int:
    """Sign the end of each chain that grew and whose last checkpoint is old; how many they were.

    The witness is told first: a checkpoint that only it knows is as true as any other.

    Raises:
        Refused: the log is another key's. Whoever has that key is left to sign.
        Unavailable, Lost: the signer, the witness or the storage failed; it is due again.
    """
    at, wall = await w.clock.now(), await w.wall.now()
    async with w.store.begin() as tx:
        heads = await tx.checkpoints.due(at - SIGN_EVERY, BATCH)
        if heads and await is_strange(tx, notary):
            raise Refused("audit", STRANGE)
        if not heads or not await tx.leases.take(LEASE_NAME, holder, wall, wall + HOLD):
            return 0
    signed = [await sign(notary.signer, it, CheckpointKind.HEAD, at) for it in heads]
    if notary.witness is not None:
        await notary.witness.keep(signed)
    async with w.store.begin() as tx:
        await tx.checkpoints.put(signed)
    return len(signed)


async def is_strange(tx: UnitOfWork, notary: Notary) -> bool:
    """Whether a key that nobody chose would go on where another one has signed."""
    last = None if notary.chosen else await tx.checkpoints.newest()
    return last is not None and not notary.signer.trusts(last.key)


async def sign(signer: Signer, head: Head, kind: CheckpointKind, at: datetime) -> Checkpoint:
    signature = await signer.sign(statement(kind, head, at))
    return Checkpoint(kind, head.organization, head.seq, head.hash, at, signer.key, signature)


@dataclass(slots=True)
class Sealer:
    """Any number of these may run, in any number of processes."""

    wiring: Wiring
    notary: Notary | None
    """None where nobody signs: the chain then tells less, see `core.checkpoint`."""
    every: timedelta = SEAL_EVERY
    _refused: bool = False
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Seal until `stop`. An outage of the storage is waited out."""
        holder = new_id(await self.wiring.wall.now())
        while not self._stopping.is_set():
            await self._once(holder)
            await self._rest()

    async def _once(self, holder: str) -> None:
        try:
            await seal(self.wiring, holder)
            if self.notary is not None:
                await checkpoint(self.wiring, self.notary, holder)
            self._refused = False
        except Refused as fault:
            self._refuse(fault)
        except (Unavailable, Lost) as fault:
            log.warning("sealing: %s; trying again", fault)
            self.wiring.telemetry.count("seals_failed")

    def _refuse(self, fault: Refused) -> None:
        """Each second, and told once."""
        if not self._refused:
            log.error("sealing: %s", fault.reason)
        self._refused = True
        self.wiring.telemetry.count("seals_failed")

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self.every.total_seconds()):
                await self._stopping.wait()
        except TimeoutError:
            return

    def stop(self) -> None:
        self._stopping.set()
