"""How far a chain of audit entries is too old, and whether it may be cut off there.

What is cut off is never followed again. So only what is as it was sealed is, or a cut would hide for
good that somebody had changed it.
"""

from datetime import datetime
from itertools import takewhile
from typing import Final, TypeAlias

from solynk.apps.engine.wiring import Wiring
from solynk.core.chain import Fault, FaultKind, Head, SealedEntry, follow, start
from solynk.core.checkpoint import Checkpoint
from solynk.core.ids import OrganizationId
from solynk.ports.signing import Signer

PAGE: Final = 1_000

Owner: TypeAlias = OrganizationId | None


async def cuttable(
    w: Wiring, signer: Signer, owner: Owner, before: datetime
) -> Head | Fault | None:
    """The last entry of the chain up to which all are from before this instant.

    None where nothing is behind the last cut; the first fault where there is one.
    """
    async with w.store.begin() as tx:
        last = await tx.past_entries.cut(owner)
    if last is not None and not await _is_ours(signer, last):
        return Fault(FaultKind.FORGED, owner, last.seq)
    begin = start(owner) if last is None else last.head
    end = await _end(w, begin, before)
    if isinstance(end, Fault):
        return end
    return None if end == begin else await _denied(w, signer, begin, end) or end


async def _denied(w: Wiring, signer: Signer, begin: Head, end: Head) -> Fault | None:
    """Where the last checkpoint behind `begin` disagrees; it vouches for all before it.

    A chain that was written anew follows from its start as well as the true one.
    """
    async with w.store.begin() as tx:
        signed = await tx.checkpoints.last(end.organization, end.seq)
        if signed is None or signed.seq <= begin.seq:
            return None
        (there,) = await tx.sealed.page(end.organization, after=signed.seq - 1, limit=1)
    if not await _is_ours(signer, signed):
        return Fault(FaultKind.FORGED, end.organization, signed.seq)
    if there.seal.hash == signed.hash:
        return None
    return Fault(FaultKind.REWRITTEN, end.organization, signed.seq, since=begin.seq + 1)


async def _end(w: Wiring, head: Head, before: datetime) -> Head | Fault:
    def is_old(it: SealedEntry) -> bool:
        """One that is gone is looked at too: it is a fault."""
        return it.entry is None or it.entry.at < before

    while True:
        async with w.store.begin() as tx:
            page = await tx.sealed.page(head.organization, after=head.seq, limit=PAGE)
        old = list(takewhile(is_old, page))
        found = follow(head, old)
        if isinstance(found, Fault) or len(old) < PAGE:
            return found
        head = found


async def _is_ours(signer: Signer, it: Checkpoint) -> bool:
    return signer.trusts(it.key) and await signer.verifies(it.key, it.statement, it.signature)
