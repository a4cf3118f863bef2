"""Which stores a story runs on, and stores around a store.

One crashes, and one watches what is committed.
"""

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

import pytest

from solynk.core.access import Access, AccessState
from solynk.core.audit import AuditEntry
from solynk.core.entitlement import Desired
from solynk.core.event import Event
from solynk.core.ids import AccessId, ChannelId, OrganizationId
from solynk.ports.checking import KeptAccess, Whose
from solynk.ports.errors import Unavailable
from solynk.ports.storage import Store, UnitOfWork

ALL = 100_000

Wish: TypeAlias = tuple[str, str, str]
"""Of which access, from what, to what."""

on_every_store = pytest.mark.parametrize("store", ["memory", "sqlite", "postgres"], indirect=True)
"""Stories about locks and leases run on the database of production too."""


@dataclass
class AroundStore:
    """What a store around a store has in common: whatever writes goes through its units of work."""

    store: Store

    def begin(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self.store.begin()

    async def keep(self, event: Event) -> bool:
        async with self.begin() as tx:
            return await tx.events.add(event)

    async def kept_access(
        self, organization: OrganizationId, channel: ChannelId, whose: Whose
    ) -> KeptAccess | None:
        return await self.store.kept_access(organization, channel, whose)

    async def ping(self) -> None:
        await self.store.ping()


@dataclass
class CrashingStore(AroundStore):
    """The process dies at one of its commits: just before it, or just after."""

    commits: int
    """How many succeed before that one."""
    after_commit: bool = False

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[UnitOfWork]:
        async with self.store.begin() as tx:
            yield tx
            self.commits -= 1
            if self.commits == -1 and not self.after_commit:
                raise Unavailable("memory", "the process died")
        if self.commits == -1 and self.after_commit:
            self.commits -= 1
            raise Unavailable("memory", "the process died")


@dataclass
class WatchedStore(AroundStore):
    """Notes every access whose state was changed without an audit entry in that transaction."""

    unexplained: list[str] = field(default_factory=list[str])
    wishes: list[Wish] = field(default_factory=list[Wish])
    """Every change of what is desired that was committed."""

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[UnitOfWork]:
        async with self.store.begin() as tx:
            before, known = await _accesses(tx), await _entries(tx)
            yield tx
            told = {it.resource for id_, it in (await _entries(tx)).items() if id_ not in known}
            after = await _accesses(tx)
        for access in after.values():
            self._compare(before.get(access.id), access, told)

    def _compare(self, before: Access | None, after: Access, told: Collection[str]) -> None:
        desired = Desired.OUT if before is None else before.desired
        state = AccessState.REVOKED if before is None else before.state
        if after.state is not state and f"access:{after.id}" not in told:
            self.unexplained.append(f"{after.id}: {state} -> {after.state}")
        if after.desired is not desired:
            self.wishes.append((f"access:{after.id}", desired.value, after.desired.value))


async def _accesses(tx: UnitOfWork) -> Mapping[AccessId, Access]:
    owners = await tx.organizations.all()
    channels = [it for owner in owners for it in await tx.channels.all(owner.id)]
    accesses = [a for it in channels for a in await tx.accesses.at(it.organization, it.id)]
    return {it.id: it for it in accesses}


async def _entries(tx: UnitOfWork) -> Mapping[str, AuditEntry]:
    return {it.id: it for it in await tx.audit.about(None, limit=ALL)}


async def told_wishes(store: Store) -> list[Wish]:
    """The same as `WatchedStore.wishes`, as the audit log tells it."""
    async with store.begin() as tx:
        entries = (await _entries(tx)).values()
    wishes = [it for it in entries if it.action == "access.desired"]
    return [(it.resource, it.details["from"], it.details["to"]) for it in wishes]
