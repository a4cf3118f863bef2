"""I23: what is too old is gone, and nothing else, wherever the run was killed; the chain holds."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

import msgspec
import pytest

from solynk.adapters.memory.store import InMemoryStore
from solynk.apps.engine import Notary, Retained, change_organization, new_id, retain, survey
from solynk.apps.engine.changes import OrganizationChange
from solynk.apps.engine.explaining import explain_customer
from solynk.apps.engine.retention import HOLD, RUNS_ALREADY
from solynk.apps.engine.sealing import STRANGE
from solynk.apps.engine.turn import turn_of
from solynk.core.alert import AlertKind
from solynk.core.chain import FaultKind
from solynk.core.event import Event, EventStatus
from solynk.core.ids import AuditId, CustomerId, EventId
from solynk.core.instants import DAY, HOUR
from solynk.core.policies import RetentionPolicy
from solynk.core.retention import Kept, Stays
from solynk.ports.errors import Unavailable
from solynk.ports.storage import Store
from tests.apps.engine.offers import OWNER, US, id_of
from tests.apps.engine.sealed import Intruder, Sealed
from tests.apps.engine.stores import CrashingStore, on_every_store
from tests.apps.engine.world import ALL, World, a_world

pytestmark = pytest.mark.anyio

MILLISECOND = timedelta(milliseconds=1)
AUDIT, EVENTS = 400 * DAY, 730 * DAY
SHORT = RetentionPolicy(audit=30 * DAY, payment_events=30 * DAY)


@dataclass
class Archive:
    """A log and an inbox that grow, and the times of all that was ever put into them."""

    world: World
    log: Sealed
    events: dict[EventId, datetime]
    entries: dict[AuditId, datetime]

    @classmethod
    async def of(cls, store: Store) -> "Archive":
        world = await a_world(store)
        archive = cls(world, Sealed.of(world), {}, {})
        await archive.seals()
        return archive

    async def grows(self, every: timedelta, times: int) -> None:
        """An event, some audit entries, and a run that makes the months."""
        for _ in range(times):
            at = self.world.clock.at
            event = an_event(at)
            async with self.world.store.begin() as tx:
                await tx.events.add(event)
                await tx.months.make(at)
            self.events[event.id] = at
            await self.log.writes(2, US)
            await self.log.writes(1, None)
            await self.seals()
            self.world.jumps(every)

    async def seals(self) -> None:
        await self.log.seals()
        await self.log.signs()
        self.entries |= await self.stored_entries()

    async def runs(self) -> Retained:
        done = await retain(self.world.w, self.log.notary)
        await self.seals()
        return done

    async def stored_events(self) -> set[EventId]:
        async with self.world.store.begin() as tx:
            return {it.id for it in await tx.event_lists.all(None, limit=ALL)}

    async def stored_entries(self) -> dict[AuditId, datetime]:
        async with self.world.store.begin() as tx:
            return {it.id: it.at for it in await tx.audit.about(None, limit=ALL)}

    def young_events(self) -> set[EventId]:
        return {it for it, at in self.events.items() if at >= self.world.clock.at - EVENTS}

    def young_entries(self) -> set[AuditId]:
        return {it for it, at in self.entries.items() if at >= self.world.clock.at - AUDIT}

    async def is_exact(self) -> bool:
        events, entries = await self.stored_events(), set(await self.stored_entries())
        return (events, entries) == (self.young_events(), self.young_entries())

    async def lost_nothing_young(self) -> bool:
        events: AbstractSet[EventId] = await self.stored_events()
        return (
            events >= self.young_events()
            and set(await self.stored_entries()) >= self.young_entries()
        )

    async def faults(self) -> list[object]:
        return [*await self.log.faults(), *await self.log.faults(self.log.witness.kept)]


def an_event(at: datetime, status: EventStatus = EventStatus.APPLIED) -> Event:
    id_ = EventId(new_id(at))
    return Event(
        id=id_,
        source="stripe",
        account="acct_1",
        livemode=False,
        external_id=f"evt_{id_}",
        kind="invoice.paid",
        body=b"{}",
        received_at=at,
        status=status,
        correlation="the tests",
    )


@on_every_store
async def test_each_thing_is_there_until_its_time_and_gone_at_the_next_run(store: Store) -> None:
    archive = await Archive.of(store)
    await archive.grows(45 * DAY, 14)
    gone = 0

    for _ in range(10):
        done = await archive.runs()
        gone += sum(it.goes for it in done.outcomes)
        assert [it.faults for it in done.outcomes] == [(), ()]
        assert await archive.is_exact()
        assert await archive.faults() == []
        await archive.grows(45 * DAY, 1)

    assert gone > 20


@on_every_store
async def test_to_the_millisecond_nothing_goes_too_early(store: Store) -> None:
    archive = await Archive.of(store)
    at = archive.world.clock.at + HOUR
    archive.world.jumps(HOUR)
    await archive.grows(timedelta(0), 1)
    first = min(archive.events)

    archive.world.jumps(at + EVENTS - archive.world.clock.at)
    await archive.runs()
    assert first in await archive.stored_events()

    archive.world.jumps(MILLISECOND)
    await archive.runs()
    assert first not in await archive.stored_events()


@on_every_store
async def test_a_second_run_does_nothing_and_a_dry_one_only_tells(store: Store) -> None:
    archive = await Archive.of(store)
    await archive.grows(45 * DAY, 20)
    before = await archive.stored_events(), await archive.stored_entries()

    told = await survey(archive.world.w)
    assert (await archive.stored_events(), await archive.stored_entries()) == before
    done = await archive.runs()
    after = await archive.stored_events(), await archive.stored_entries()
    again = await archive.runs()

    assert [it.goes for it in told.outcomes] == [it.goes for it in done.outcomes]
    assert all(it.goes for it in done.outcomes)
    assert [it.goes for it in again.outcomes] == [0, 0]
    assert (await archive.stored_events(), await archive.stored_entries()) == after


async def killed(archive: Archive, commits: int, *, after_commit: bool) -> bool:
    """Whether the run died of it. Its lease ends meanwhile."""
    world = archive.world
    dying = CrashingStore(world.store, commits, after_commit=after_commit)
    try:
        await retain(replace(world.w, store=dying), archive.log.notary)
    except Unavailable:
        world.freezes(HOLD)
        return True
    return False


@pytest.mark.parametrize("after_commit", [False, True])
async def test_wherever_a_run_is_killed_the_next_one_ends_it(
    after_commit: bool,  # noqa: FBT001 -- a parameter of the story
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("solynk.apps.engine.retention.BATCH", 3)
    monkeypatch.setattr("solynk.apps.engine.retention.CHAINS", 1)
    monkeypatch.setattr("solynk.apps.engine.cutting.PAGE", 4)
    deaths = 0

    for commits in count():
        archive = await Archive.of(InMemoryStore())
        await archive.grows(45 * DAY, 20)
        died = await killed(archive, commits, after_commit=after_commit)
        assert await archive.lost_nothing_young()
        assert await archive.faults() == []
        await archive.runs()
        assert await archive.is_exact()
        assert await archive.faults() == []
        if not died:
            break
        deaths += 1

    assert deaths > 20


@on_every_store
async def test_a_run_that_is_killed_again_and_again_comes_through(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solynk.apps.engine.retention.BATCH", 3)
    archive = await Archive.of(store)
    await archive.grows(45 * DAY, 20)

    for commits in count():
        if not await killed(archive, commits, after_commit=commits % 2 == 0):
            break
        assert await archive.lost_nothing_young()
        assert await archive.faults() == []

    await archive.seals()
    assert await archive.is_exact()
    assert await archive.faults() == []


@on_every_store
async def test_what_is_held_stays_whole_and_goes_once_it_is_released(store: Store) -> None:
    archive = await Archive.of(store)
    world = archive.world
    await archive.grows(45 * DAY, 20)
    mine = msgspec.structs.replace(an_event(min(archive.events.values())), organization=US)
    async with store.begin() as tx:
        await tx.events.add(mine)
    await change_organization(world.w, US, OrganizationChange(legal_hold=True), OWNER)
    await archive.seals()
    async with store.begin() as tx:
        entries = await tx.audit.about(US, limit=ALL)
    ours = {it.id for it in entries}

    held = await archive.runs()
    kept = set(await archive.stored_entries())
    async with store.begin() as tx:
        assert await tx.events.get(mine.id) == mine
        assert await tx.past_entries.cut(US) is None
    await change_organization(world.w, US, OrganizationChange(legal_hold=False), OWNER)
    await archive.runs()

    assert "true" in {it.details.get("legal_hold") for it in entries}
    assert [it.stays.get(Stays.HELD, 0) > 0 for it in held.outcomes] == [True, True]
    assert ours <= kept
    assert kept - ours <= archive.young_entries()
    assert await archive.is_exact()
    async with store.begin() as tx:
        assert await tx.events.get(mine.id) is None
    assert await archive.faults() == []


@on_every_store
async def test_what_waits_and_what_nobody_has_settled_stays(store: Store) -> None:
    world = await a_world(store)
    log = Sealed.of(world)
    due = msgspec.structs.replace(an_event(world.clock.at), due_at=world.clock.at + 9999 * DAY)
    dead = an_event(world.clock.at, EventStatus.DEAD)
    async with store.begin() as tx:
        await tx.events.add(due)
        await tx.events.add(dead)
    await an_alert(world, dead)
    world.jumps(EVENTS + DAY)

    stayed = (await retain(world.w, log.notary)).outcomes[0].stays
    async with store.begin() as tx:
        await tx.alerts.resolve(None, AlertKind.DEAD_LETTER, dead.id, world.clock.at)
    world.jumps(EVENTS - DAY)
    still = (await retain(world.w, log.notary)).outcomes[0].stays
    world.jumps(2 * DAY)
    at_last = await retain(world.w, log.notary)

    assert stayed == still == {Stays.WAITS: 1, Stays.UNSETTLED: 1}
    assert (at_last.outcomes[0].goes, at_last.outcomes[0].stays) == (1, {Stays.WAITS: 1})


async def an_alert(world: World, event: Event) -> None:
    async with turn_of(world.w, "engine", "the tests") as now:
        await now.alert(None, AlertKind.DEAD_LETTER, event.id, "it could not be read")


@on_every_store
async def test_two_runs_at_a_time_are_one(store: Store) -> None:
    archive = await Archive.of(store)
    await archive.grows(45 * DAY, 20)
    await killed(archive, 2, after_commit=True)
    archive.world.freezes(-HOLD)

    assert (await archive.runs()).faults == (RUNS_ALREADY,)


@pytest.mark.parametrize("store", ["sqlite", "postgres"], indirect=True)
async def test_a_chain_that_somebody_changed_is_not_cut(store: Store) -> None:
    archive = await Archive.of(store)
    await archive.grows(45 * DAY, 20)
    target = archive.log.entries[0]
    change = "UPDATE audit SET details = replace(details, 'granted', 'granteD') WHERE id = :id"
    await Intruder.at(store).does(change, id=target)

    done = await archive.runs()

    assert "entry" in done.outcomes[1].faults[0]
    assert target in await archive.stored_entries()
    assert FaultKind.CHANGED in {it.kind for it in await archive.log.faults()}
    async with store.begin() as tx:
        assert (await tx.retention.progress())[Kept.AUDIT] < archive.world.clock.at - AUDIT


REWRITING = (
    "DELETE FROM audit WHERE id IN (SELECT entry_id FROM audit_seals WHERE seq > 2)",
    "DELETE FROM audit_seals WHERE seq > 2",
    """
    UPDATE audit_chains SET seq = 2, hash = (
      SELECT hash FROM audit_seals AS last
      WHERE seq = 2 AND last.organization_id = audit_chains.organization_id
    ) WHERE seq > 2
    """,
)


@pytest.mark.parametrize("store", ["sqlite", "postgres"], indirect=True)
async def test_a_chain_that_was_written_anew_is_not_cut(store: Store) -> None:
    """Each entry is as it was sealed, and yet a signed checkpoint disagrees: a cut would hide it."""
    archive = await Archive.of(store)
    await archive.log.grows(5)
    for statement in REWRITING:
        await Intruder.at(store).does(statement)
    await archive.log.writes(20, US)
    await archive.log.seals()
    found = {it.kind for it in await archive.log.faults()}
    archive.world.jumps(AUDIT + DAY)

    done = await retain(archive.world.w, archive.log.notary)

    assert found == {FaultKind.REWRITTEN}
    assert any("disagrees" in it for it in done.outcomes[1].faults)
    assert found <= {it.kind for it in await archive.log.faults()}


@pytest.mark.parametrize("store", ["sqlite", "postgres"], indirect=True)
async def test_nothing_goes_behind_a_cut_that_another_one_signed(store: Store) -> None:
    archive = await Archive.of(store)
    await archive.log.grows(5)
    await archive.log.strangers().cuts(archive.log.witness.kept[-1].head)
    archive.world.jumps(AUDIT + DAY)

    done = await retain(archive.world.w, archive.log.notary)

    assert any("known key" in it for it in done.outcomes[1].faults)
    assert set(archive.log.entries) <= set(await archive.stored_entries())


async def test_a_key_that_nobody_chose_cuts_nothing_that_another_one_signed(store: Store) -> None:
    archive = await Archive.of(store)
    await archive.log.grows(5)
    archive.world.jumps(AUDIT + DAY)

    done = await retain(archive.world.w, Notary(archive.log.strangers().signer, chosen=False))

    assert done.outcomes[1].faults == (STRANGE,)
    assert set(archive.log.entries) <= set(await archive.stored_entries())


@pytest.mark.parametrize("store", ["postgres"], indirect=True)
async def test_months_are_made_ahead_and_dropped_when_they_are_empty(store: Store) -> None:
    archive = await Archive.of(store)
    await archive.grows(45 * DAY, 20)

    done = await archive.runs()

    at = archive.world.clock.at
    async with store.begin() as tx:
        events = await tx.months.past(Kept.EVENTS, at + 365 * DAY)
        audit = await tx.months.past(Kept.AUDIT, at + 365 * DAY)
    assert {*events, *audit}.isdisjoint(done.dropped)
    assert [it for it in done.dropped if it.startswith("events_")]
    assert [it for it in done.dropped if it.startswith("audit_")]
    assert f"events_{at + 90 * DAY:%Y_%m}" in events
    assert f"audit_{at + 90 * DAY:%Y_%m}" in audit


# What became of the purchases whose events are gone


async def test_nobody_notices_that_the_events_behind_a_right_are_gone(store: Store) -> None:
    kept, pruned = await a_world(InMemoryStore()), await a_world(store)
    pruned.w = replace(pruned.w, retention=SHORT)
    for world in (kept, pruned):
        await world.joins("ann")
        await world.joins("ben")
        await world.hears(
            await world.provider.cancel(list(world.provider.sales.values())[-1].subscription)
        )
    first = {it.id for it in await pruned.events()}

    for _ in range(4):
        for world in (kept, pruned):
            await world.days_pass(20)
        known = await what_is_known(pruned)
        await retain(pruned.w, Sealed.of(pruned).notary)
        assert await what_is_known(pruned) == known
        assert await what_came_of_it(pruned) == await what_came_of_it(kept)

    assert first.isdisjoint({it.id for it in await pruned.events()})
    assert [it[0] for it in await what_came_of_it(pruned)] == [True, False]


async def what_is_known(world: World) -> list[object]:
    """Every fact of ann and ben, and what follows from them in each channel."""
    customers = [CustomerId(id_of(it)) for it in ("ann", "ben")]
    async with world.store.begin() as tx:
        facts = [await tx.facts.of(US, it) for it in customers]
    return [*facts, *[await explain_customer(world.w, US, it) for it in customers]]


async def what_came_of_it(world: World) -> list[tuple[bool, str, str]]:
    return [
        (
            world.inside(it),
            (await world.access(it)).desired,
            (await world.subscriptions(it))[0].standing,
        )
        for it in ("ann", "ben")
    ]


async def test_a_copy_of_an_event_that_is_gone_is_known(store: Store) -> None:
    world = await a_world(store)
    world.w = replace(world.w, retention=SHORT)
    await world.knows("ann")
    raw = await world.bought("ann")
    first = await world.receives(raw)
    await world.settle()
    world.jumps(31 * DAY)

    await retain(world.w, Sealed.of(world).notary)
    again = await world.receives(raw)

    async with store.begin() as tx:
        assert await tx.events.get(first.event) is None
    assert (first.known, again.known) == (False, True)
