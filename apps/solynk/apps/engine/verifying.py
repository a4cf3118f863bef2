"""Looks whether the audit log is as it was sealed, and names the first entry of a chain that is not."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import Final, TypeAlias

from msgspec import Struct

from solynk.core.audit import AuditEntry
from solynk.core.chain import Fault, FaultKind, Head, SealedEntry, follow, start
from solynk.core.checkpoint import Checkpoint, CheckpointKind
from solynk.core.ids import OrganizationId
from solynk.ports.signing import Signer
from solynk.ports.storage import Store

BATCH: Final = 5_000


class ChainChecked(Struct, frozen=True):
    """One chain that was followed to its end, or to its first bad entry."""

    organization: OrganizationId | None
    entries: int
    """How many were found to be as they were."""
    signed: int
    """Up to which place a checkpoint of ours vouches for it."""
    fault: Fault | None


class Everything(Struct, frozen=True):
    """Of all chains, those that nobody owns included."""


Scope: TypeAlias = OrganizationId | Everything | None


async def verify_chains(
    store: Store, signer: Signer | None, kept: Sequence[Checkpoint], scope: Scope
) -> AsyncGenerator[ChainChecked]:
    """Follow each chain, held against the checkpoints in the database and those kept elsewhere.

    Without a signer no checkpoint is believed, nor is a chain whose head was cut off.
    """
    async with store.begin() as tx:
        heads = {it.organization: it for it in await tx.sealed.chains()}
    for owner in dict.fromkeys([*heads, *(it.organization for it in kept)]):
        if isinstance(scope, Everything) or scope == owner:
            elsewhere = [it for it in kept if it.organization == owner]
            yield await _Check(store, signer, heads.get(owner, start(owner)), elsewhere).run()


async def find_strays(store: Store, scope: Scope) -> AsyncGenerator[Fault]:
    """Entries that were written past the application. None of ours is one at any instant."""
    after = None
    while True:
        async with store.begin() as tx:
            page = await tx.sealed.strays(after, BATCH)
        for it in page.entries:
            if isinstance(scope, Everything) or scope == it.organization:
                yield _stray(it)
        if page.last is None:
            return
        after = page.last


def _stray(entry: AuditEntry) -> Fault:
    return Fault(FaultKind.STRAY, entry.organization, None, entry.id)


class _Check:
    """Of one chain."""

    def __init__(
        self, store: Store, signer: Signer | None, noted: Head, kept: Sequence[Checkpoint]
    ) -> None:
        self._store = store
        self._signer = signer
        self._noted = noted
        self._kept = kept
        self._signed = 0
        self._entries = 0

    async def run(self) -> ChainChecked:
        owner = self._noted.organization
        async with self._store.begin() as tx:
            stored = await tx.checkpoints.of(owner)
        fault = await self._fault([*self._kept, *stored])
        return ChainChecked(owner, self._entries, self._signed, fault)

    async def _fault(self, checkpoints: Sequence[Checkpoint]) -> Fault | None:
        if self._signer is None:
            return await self._follow(start(self._noted.organization), [])
        cuts = [it for it in checkpoints if it.kind is CheckpointKind.CUT]
        cut = max(cuts, key=lambda it: it.seq, default=None)
        if cut is not None and not await self._is_ours(cut):
            return Fault(FaultKind.FORGED, cut.organization, cut.seq)
        begin = start(self._noted.organization) if cut is None else cut.head
        self._signed = begin.seq
        later = sorted((it for it in checkpoints if it.seq >= begin.seq), key=lambda it: it.seq)
        return await self._follow(begin, later)

    async def _follow(self, head: Head, checkpoints: Sequence[Checkpoint]) -> Fault | None:
        agreed: Checkpoint | None = None
        while page := await self._page(head):
            after = follow(head, page)
            good = after.seq if isinstance(after, Head) else (after.seq or 1) - 1
            for it in _within(checkpoints, head.seq, good):
                if page[it.seq - head.seq - 1].seal.hash != it.hash:
                    return await self._disagrees(it, agreed)
                agreed = it
            self._entries += good - head.seq
            if isinstance(after, Fault):
                return after
            head = after
        return await self._ends(head, checkpoints, agreed)

    async def _page(self, head: Head) -> Sequence[SealedEntry]:
        async with self._store.begin() as tx:
            return await tx.sealed.page(head.organization, after=head.seq, limit=BATCH)

    async def _disagrees(self, it: Checkpoint, agreed: Checkpoint | None) -> Fault:
        if not await self._is_ours(it):
            return Fault(FaultKind.FORGED, it.organization, it.seq)
        since = 1 if agreed is None else agreed.seq + 1
        return Fault(FaultKind.REWRITTEN, it.organization, it.seq, since=since)

    async def _ends(
        self, head: Head, checkpoints: Sequence[Checkpoint], agreed: Checkpoint | None
    ) -> Fault | None:
        """What is signed goes no further than the chain, nor does what was noted in the database."""
        beyond = [it for it in checkpoints if it.seq > head.seq]
        if self._noted.seq > head.seq or any([await self._is_ours(it) for it in beyond]):
            return Fault(FaultKind.TAIL_GONE, head.organization, head.seq + 1)
        if beyond:
            return Fault(FaultKind.FORGED, head.organization, beyond[0].seq)
        if agreed is not None:
            # It vouches for all before it, so the others' signatures need no look.
            if not await self._is_ours(agreed):
                return Fault(FaultKind.FORGED, agreed.organization, agreed.seq)
            self._signed = agreed.seq
        return None

    async def _is_ours(self, it: Checkpoint) -> bool:
        signer = self._signer
        if signer is None or not signer.trusts(it.key):
            return False
        return await signer.verifies(it.key, it.statement, it.signature)


def _within(checkpoints: Iterable[Checkpoint], after: int, upto: int) -> list[Checkpoint]:
    return [it for it in checkpoints if after < it.seq <= upto]
