"""Which stores a story runs on, and stores around a store.

One crashes, and one watches what is committed.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from solynk.core.access import AccessState
from solynk.core.ids import AccessId
from solynk.ports.errors import Unavailable
from solynk.ports.storage import Store, UnitOfWork

ALL = 100_000

on_every_store = pytest.mark.parametrize("store", ["memory", "sqlite", "postgres"], indirect=True)
"""Stories about locks and leases run on the database of production too."""


@dataclass
class CrashingStore:
    """The process dies at one of its commits: just before it, or just after."""

    store: Store
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

    async def ping(self) -> None:
        await self.store.ping()


@dataclass
class WatchedStore:
    """Notes every access whose state was changed without an audit entry in that transaction."""

    store: Store
    unexplained: list[str] = field(default_factory=list[str])

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[UnitOfWork]:
        async with self.store.begin() as tx:
            before, known = await _states(tx), await _entries(tx)
            yield tx
            told = {of for entry, of in (await _entries(tx)).items() if entry not in known}
            for access, state in (await _states(tx)).items():
                was = before.get(access, AccessState.REVOKED)
                if state is not was and f"access:{access}" not in told:
                    self.unexplained.append(f"{access}: {was} -> {state}")

    async def ping(self) -> None:
        await self.store.ping()


async def _states(tx: UnitOfWork) -> Mapping[AccessId, AccessState]:
    owners = await tx.organizations.all()
    channels = [it for owner in owners for it in await tx.channels.all(owner.id)]
    accesses = [a for it in channels for a in await tx.accesses.at(it.organization, it.id)]
    return {it.id: it.state for it in accesses}


async def _entries(tx: UnitOfWork) -> Mapping[str, str]:
    return {it.id: it.resource for it in await tx.audit.about(None, limit=ALL)}
