"""Lets go what is too old: events, and audit entries behind a signed cut of their chain.

A little at a time, each in a transaction of its own, so that nobody waits for it. What was done when
a run was killed is done, and the next run goes on with the rest. One run works at a time.
"""

import logging
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from msgspec import Struct

from solynk.apps.engine.cutting import Owner, cuttable
from solynk.apps.engine.sealing import STRANGE, Notary, is_strange, sign
from solynk.apps.engine.turn import Cause, turn
from solynk.apps.engine.wiring import Wiring, new_id
from solynk.core.chain import Fault
from solynk.core.checkpoint import CheckpointKind
from solynk.core.event import EventStatus
from solynk.core.ids import EventId
from solynk.core.retention import Kept, PastEvent, Stays, bound, stays
from solynk.ports.errors import Lost, Refused
from solynk.ports.storage import UnitOfWork

log = logging.getLogger(__name__)

BATCH: Final = 200
"""Rows that are deleted together: SQLite's other writers wait for them."""
CHAINS: Final = 100
"""Chains that are cut together: the witness is told once of all of them."""
HOLD: Final = timedelta(minutes=1)
LEASE_NAME: Final = "retention"
RUNS_ALREADY: Final = "another process does it at this moment"
NOBODY_SIGNS: Final = "nobody signs where the chains would be cut"

Fates: TypeAlias = Mapping[EventId, Stays | None]


class Outcome(Struct, frozen=True):
    """What became of one kind."""

    kind: Kept
    before: datetime
    """What is older than this is too old."""
    goes: int = 0
    stays: Mapping[Stays, int] = {}
    faults: tuple[str, ...] = ()
    """Why not all of it could be let go."""


class Retained(Struct, frozen=True):
    """What one run did, or would do."""

    outcomes: tuple[Outcome, ...] = ()
    made: tuple[str, ...] = ()
    """Months that were made ahead."""
    dropped: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class _Elsewhere(Exception):
    """Another process holds the lease."""


async def survey(w: Wiring) -> Retained:
    """What `retain` would let go. Changes nothing.

    Raises:
        Unavailable, Lost: the storage failed.
    """
    at = await w.clock.now()
    found = (await _count_events(w, at), await _count_entries(w, at))
    async with w.store.begin() as tx:
        past = [await tx.months.past(it.kind, it.before) for it in found]
    return Retained(found, dropped=tuple(name for names in past for name in names))


async def retain(w: Wiring, notary: Notary | None) -> Retained:
    """Make the months to come, let go what is too old, and drop the months that are empty.

    Raises:
        Unavailable, Lost: the storage, the signer or the witness failed; the next run goes on.
    """
    run = _Run(w, notary, new_id(await w.wall.now()), await w.clock.now())
    try:
        done = await run.whole()
    except _Elsewhere:
        return Retained(faults=(RUNS_ALREADY,))
    for it in done.outcomes:
        log.info("retention of %s: %d let go, all before %s", it.kind.value, it.goes, it.before)
    for fault in (*done.faults, *(words for it in done.outcomes for words in it.faults)):
        log.warning("retention: %s", fault)
    return done


async def _count_events(w: Wiring, at: datetime) -> Outcome:
    before, after = bound(w.retention, Kept.EVENTS, at), None
    fates: Counter[Stays | None] = Counter()
    while True:
        async with w.store.begin() as tx:
            page = await tx.past_events.page(before, after=after, limit=BATCH)
            fates.update((await _fates(tx, page, before)).values())
        if len(page) < BATCH:
            return _outcome(Kept.EVENTS, before, fates)
        after = page[-1].id


async def _count_entries(w: Wiring, at: datetime) -> Outcome:
    before = bound(w.retention, Kept.AUDIT, at)
    fates: Counter[Stays | None] = Counter()
    async with w.store.begin() as tx:
        held = await tx.retention.held()
        for owner in await tx.past_entries.owners(before):
            fate = Stays.HELD if owner in held else None
            fates[fate] += await tx.past_entries.count(owner, before)
    return _outcome(Kept.AUDIT, before, fates)


async def _fates(tx: UnitOfWork, page: Sequence[PastEvent], before: datetime) -> Fates:
    held = await tx.retention.held()
    dead = any(it.status is EventStatus.DEAD for it in page)
    unsettled = await tx.past_events.unsettled(before) if dead else ()
    return {it.id: stays(it, held, unsettled) for it in page}


def _outcome(kind: Kept, before: datetime, fates: Mapping[Stays | None, int]) -> Outcome:
    left = {why: count for why, count in fates.items() if why is not None and count}
    return Outcome(kind, before, fates.get(None, 0), left)


@dataclass(slots=True)
class _Run:
    w: Wiring
    notary: Notary | None
    holder: str
    at: datetime
    _faults: list[str] = field(default_factory=list[str])

    async def whole(self) -> Retained:
        made = await self._tried(self._make)
        outcomes: list[Outcome] = []
        dropped: list[str] = []
        for let_go in (self._events, self._entries):
            it = await let_go()
            await self._reached(it)
            outcomes.append(it)
            dropped += await self._drop_months(it)
        done = Retained(tuple(outcomes), tuple(made), tuple(dropped), tuple(self._faults))
        await self._conclude(done)
        return done

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[UnitOfWork]:
        """The lease is taken anew in each transaction: its row is a lock until the commit."""
        wall = await self.w.wall.now()
        async with self.w.store.begin() as tx:
            if not await tx.leases.take(LEASE_NAME, self.holder, wall, wall + HOLD):
                raise _Elsewhere
            yield tx

    async def _tried(self, work: Callable[[], Awaitable[Sequence[str]]]) -> Sequence[str]:
        """Months help and are needed by nobody: without them the work goes on."""
        try:
            return await work()
        except (Lost, Refused) as fault:
            self._faults.append(f"months: {fault}")
            return ()

    async def _make(self) -> Sequence[str]:
        async with self._turn() as tx:
            return await tx.months.make(self.at)

    async def _events(self) -> Outcome:
        before, after = bound(self.w.retention, Kept.EVENTS, self.at), None
        fates: Counter[Stays | None] = Counter()
        while True:
            async with self._turn() as tx:
                page = await tx.past_events.page(before, after=after, limit=BATCH)
                known = await _fates(tx, page, before)
                going = [event for event, why in known.items() if why is None]
                gone = await tx.past_events.let_go(going) if going else 0
            fates.update(why for why in known.values() if why is not None)
            fates[None] += gone
            if len(page) < BATCH:
                return _outcome(Kept.EVENTS, before, fates)
            after = page[-1].id

    async def _entries(self) -> Outcome:
        before = bound(self.w.retention, Kept.AUDIT, self.at)
        async with self._turn() as tx:
            held = await tx.retention.held()
            owners = await tx.past_entries.owners(before)
            kept = [await tx.past_entries.count(it, before) for it in owners if it in held]
            strange = self.notary is not None and await is_strange(tx, self.notary)
        free = [it for it in owners if it not in held]
        left = {Stays.HELD: sum(kept)} if kept else {}
        if self.notary is None or strange:
            fault = STRANGE if strange else NOBODY_SIGNS
            return Outcome(Kept.AUDIT, before, 0, left, (fault,))
        faults: list[str] = []
        gone = 0
        try:
            for first in range(0, len(free), CHAINS):
                some = free[first : first + CHAINS]
                found = await self._cut(self.notary, some, before)
                faults += [it.sentence for it in found]
                doubtful = {it.organization for it in found}
                sound = [it for it in some if it not in doubtful]
                gone += sum([await self._let_go(it, before) for it in sound])
        except Refused as fault:
            faults.append(f"{fault}: run `solynk maintain` as the role that owns the tables")
        return Outcome(Kept.AUDIT, before, gone, left, tuple(faults))

    async def _cut(
        self, notary: Notary, owners: Sequence[Owner], before: datetime
    ) -> Sequence[Fault]:
        """Sign where these chains begin from now on; why it was not done for some of them.

        The witness is told first, as of any other checkpoint.
        """
        found = [await cuttable(self.w, notary.signer, it, before) for it in owners]
        heads = [it for it in found if it is not None and not isinstance(it, Fault)]
        cuts = [await sign(notary.signer, it, CheckpointKind.CUT, self.at) for it in heads]
        if cuts and notary.witness is not None:
            await notary.witness.keep(cuts)
        async with self._turn() as tx:
            await tx.checkpoints.put(cuts)
        return [it for it in found if isinstance(it, Fault)]

    async def _let_go(self, owner: Owner, before: datetime) -> int:
        gone = 0
        while True:
            async with self._turn() as tx:
                if owner in await tx.retention.held():
                    return gone
                count = await tx.past_entries.let_go(owner, before, BATCH)
            gone += count
            if count < BATCH:
                return gone

    async def _drop_months(self, of: Outcome) -> Sequence[str]:
        async with self._turn() as tx:
            past = await tx.months.past(of.kind, of.before)
        return [name for month in past for name in await self._drop(of.kind, month)]

    async def _drop(self, kind: Kept, month: str) -> Sequence[str]:
        async def work() -> Sequence[str]:
            async with self._turn() as tx:
                return (month,) if await tx.months.drop(kind, month) else ()

        return await self._tried(work)

    async def _reached(self, done: Outcome) -> None:
        if not done.faults:
            async with self._turn() as tx:
                await tx.retention.reached(done.kind, done.before)

    async def _conclude(self, done: Retained) -> None:
        """Write down that something went, and leave the lease to whoever is next."""
        gone = {it.kind.value: str(it.goes) for it in done.outcomes if it.goes}
        wall = await self.w.wall.now()
        async with turn(self.w, Cause("clock", LEASE_NAME, self.at)) as now:
            if gone or done.dropped:
                months = " ".join(done.dropped)
                now.note(None, "retention.done", "retention", months=months, **gone)
            await now.tx.leases.take(LEASE_NAME, self.holder, wall, wall)
