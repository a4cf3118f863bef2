"""Storage of the chain of audit entries: parts of the unit of work, see `storage`.

Entries, seals and checkpoints are only ever added. Retention alone takes away, from the head.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from solynk.core.audit import AuditEntry
from solynk.core.chain import Head, Seal, SealedEntry
from solynk.core.checkpoint import Checkpoint
from solynk.core.ids import AuditId, OrganizationId


class AuditChains(Protocol):
    async def waiting(self, limit: int) -> Sequence[AuditEntry]:
        """Entries that were appended and have no seal yet, by id."""
        ...

    async def heads(
        self, organizations: Collection[OrganizationId | None]
    ) -> Mapping[OrganizationId | None, Head]:
        """The end of each of these chains; the start of one that has no entry."""
        ...

    async def extend(self, seals: Sequence[Seal]) -> None:
        """Seal these entries, in the order of each chain; they wait no more.

        Raises:
            Lost: one is sealed already, or another seal has its place.
        """
        ...


class Strays(Struct, frozen=True):
    """A page of the whole log: the entries on it that neither have a seal nor wait for one."""

    entries: tuple[AuditEntry, ...]
    last: AuditId | None
    """Where the next page begins; None where this was the last one."""


class SealedLog(Protocol):
    async def chains(self) -> Sequence[Head]:
        """The end of every chain, as it was noted when it was sealed."""
        ...

    async def page(
        self, organization: OrganizationId | None, *, after: int, limit: int
    ) -> Sequence[SealedEntry]:
        """The chain's seals after this place, in order, each with its entry if that is there."""
        ...

    async def strays(self, after: AuditId | None, limit: int) -> Strays:
        """Look through `limit` entries that follow this id."""
        ...


class Checkpoints(Protocol):
    async def due(self, before: datetime, limit: int) -> Sequence[Head]:
        """Chains that grew since their last checkpoint, where that is none, or not after `before`."""
        ...

    async def put(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Add; one of this kind at this place of the chain is kept as it was."""
        ...

    async def of(self, organization: OrganizationId | None) -> Sequence[Checkpoint]:
        """Those of the chain, in its order."""
        ...

    async def newest(self) -> Checkpoint | None:
        """The one that was signed last, of whichever chain."""
        ...

    async def last(self, organization: OrganizationId | None, upto: int) -> Checkpoint | None:
        """The last one of a head at this place of the chain or before it, whoever signed it."""
        ...
