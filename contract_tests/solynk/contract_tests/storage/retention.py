"""The contracts of `PastEvents`, `PastEntries`, `RetentionRecord` and `Months`."""

from typing import Final, final

import pytest
from msgspec.structs import replace

from solynk.contract_tests.storage.rows import (
    MINUTE,
    NOON,
    OURS,
    a_checkpoint,
    an_alert,
    an_entry,
    an_event,
    an_organization,
    new_id,
)
from solynk.contract_tests.storage.store import NeedsStore
from solynk.core.alert import AlertKind
from solynk.core.audit import AuditEntry
from solynk.core.catalog import Platform
from solynk.core.chain import extend, head_of, start
from solynk.core.checkpoint import CheckpointKind
from solynk.core.event import Event, EventStatus
from solynk.core.ids import EventId
from solynk.core.instants import DAY
from solynk.core.retention import Kept, PastEvent
from solynk.ports.storage import Store

BEFORE: Final = NOON + DAY


def an_event_of(minute: int, status: EventStatus = EventStatus.APPLIED) -> Event:
    at = NOON + minute * MINUTE
    id_ = EventId(new_id(at))
    return an_event(id=id_, external_id=f"evt_{minute}", status=status, received_at=at)


async def stored(store: Store, *events: Event) -> None:
    async with store.begin() as unit:
        for it in events:
            assert await unit.events.add(it)


async def a_chain(store: Store, count: int = 4) -> list[AuditEntry]:
    """Sealed entries, one a minute; the first two are cut off."""
    entries = [an_entry(at=NOON + n * MINUTE) for n in range(count)]
    seals = extend(start(OURS), entries)
    async with store.begin() as unit:
        for it in entries:
            await unit.audit.append(it)
        await unit.chains.extend(seals)
        cut = a_checkpoint(head_of(seals[1]), kind=CheckpointKind.CUT)
        await unit.checkpoints.put([a_checkpoint(head_of(seals[-1])), cut])
    return entries


class PastEventsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_what_was_received_before_an_instant_is_listed_by_id(self, store: Store) -> None:
        events = [an_event_of(minute) for minute in range(4)]
        await stored(store, *reversed(events))

        async with store.begin() as unit:
            page = await unit.past_events.page(events[3].received_at, after=None, limit=2)
            rest = await unit.past_events.page(events[3].received_at, after=page[-1].id, limit=2)

        known = [PastEvent(it.id, it.organization, it.status, it.due_at) for it in events]
        assert [*page, *rest] == known[:3]

    @final
    @pytest.mark.anyio
    async def test_an_event_that_was_let_go_is_known_when_it_comes_again(
        self, store: Store
    ) -> None:
        gone, waits = an_event_of(1), replace(an_event_of(2), due_at=NOON)
        await stored(store, gone, waits)

        async with store.begin() as unit:
            count = await unit.past_events.let_go([gone.id, waits.id, EventId(new_id())])

        async with store.begin() as unit:
            assert count == 1
            assert await unit.events.get(gone.id) is None
            assert await unit.events.get(waits.id) == waits
            assert not await unit.events.add(replace(gone, id=EventId(new_id())))
        assert not await store.keep(replace(gone, id=EventId(new_id())))

    @final
    @pytest.mark.anyio
    async def test_an_id_of_a_platform_may_name_another_update_once_the_first_was_let_go(
        self, store: Store
    ) -> None:
        update = replace(an_event_of(1), source=Platform.TELEGRAM.value)
        other = replace(update, id=EventId(new_id()))
        await stored(store, update)

        async with store.begin() as unit:
            before = await unit.events.add(other)
            await unit.past_events.let_go([update.id])
        async with store.begin() as unit:
            after = await unit.events.add(other)

        assert (before, after) == (False, True)

    @final
    @pytest.mark.anyio
    async def test_a_dead_letter_is_unsettled_until_its_time_has_run_from_its_settling(
        self, store: Store
    ) -> None:
        kinds = {
            "open": AlertKind.DEAD_LETTER,
            "settled": AlertKind.DEAD_LETTER,
            "x": AlertKind.LATE,
        }
        async with store.begin() as unit:
            for subject, kind in kinds.items():
                await unit.alerts.open(an_alert(kind=kind, subject=subject))
            await unit.alerts.resolve(OURS, AlertKind.DEAD_LETTER, "settled", BEFORE)

            assert set(await unit.past_events.unsettled(BEFORE)) == {"open", "settled"}
            assert set(await unit.past_events.unsettled(BEFORE + MINUTE)) == {"open"}


class PastEntriesContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_entries_go_as_far_as_a_cut_covers_them_and_no_further(
        self, store: Store
    ) -> None:
        entries = await a_chain(store)

        async with store.begin() as unit:
            first = await unit.past_entries.let_go(OURS, BEFORE, 1)
            others = await unit.past_entries.let_go(OURS, BEFORE, 10)
            left = await unit.audit.about(OURS)
            page = await unit.sealed.page(OURS, after=0, limit=10)

        assert (first, others) == (1, 1)
        assert list(left) == entries[:1:-1]
        assert [it.entry for it in page] == [None, None, *entries[2:]]

    @final
    @pytest.mark.anyio
    async def test_an_entry_of_the_instant_itself_stays(self, store: Store) -> None:
        entries = await a_chain(store)

        async with store.begin() as unit:
            assert await unit.past_entries.count(OURS, entries[1].at) == 1
            assert await unit.past_entries.let_go(OURS, entries[1].at, 10) == 1
            assert await unit.past_entries.let_go(OURS, entries[1].at, 10) == 0

    @final
    @pytest.mark.anyio
    async def test_the_owners_of_old_entries_and_their_last_cut_are_known(
        self, store: Store
    ) -> None:
        entries = await a_chain(store)
        nobodys = an_entry(organization=None, at=BEFORE)
        end = head_of(extend(start(OURS), entries)[2])
        later = a_checkpoint(end, kind=CheckpointKind.CUT)
        async with store.begin() as unit:
            await unit.audit.append(nobodys)
            await unit.checkpoints.put([later])

            assert list(await unit.past_entries.owners(BEFORE)) == [OURS]
            assert list(await unit.past_entries.owners(BEFORE + MINUTE)) == [None, OURS]
            assert await unit.past_entries.cut(OURS) == later
            assert await unit.past_entries.cut(None) is None
            assert await unit.past_entries.let_go(None, BEFORE + MINUTE, 10) == 0


class RetentionRecordContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_organizations_under_a_legal_hold_are_known(self, store: Store) -> None:
        async with store.begin() as unit:
            await unit.organizations.put(an_organization())
            assert set(await unit.retention.held()) == set()
            await unit.organizations.put(replace(an_organization(), legal_hold=True))
            assert set(await unit.retention.held()) == {OURS}

    @final
    @pytest.mark.anyio
    async def test_the_progress_is_what_was_reached_and_else_the_oldest_row(
        self, store: Store
    ) -> None:
        async with store.begin() as unit:
            assert await unit.retention.progress() == {}
        await stored(store, an_event_of(3), an_event_of(2))
        async with store.begin() as unit:
            await unit.retention.reached(Kept.AUDIT, NOON)
            await unit.retention.reached(Kept.AUDIT, BEFORE)
            progress = await unit.retention.progress()

        assert progress[Kept.AUDIT] == BEFORE
        assert abs(progress[Kept.EVENTS] - (NOON + 2 * MINUTE)) < MINUTE


class MonthsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_a_month_goes_when_nothing_is_left_in_it_and_not_before(
        self, store: Store
    ) -> None:
        async with store.begin() as unit:
            await unit.months.make(NOON)
            assert list(await unit.months.make(NOON)) == []
        event = an_event_of(1)
        await stored(store, event)
        async with store.begin() as unit:
            past = await unit.months.past(Kept.EVENTS, NOON + 40 * DAY)
            assert list(await unit.months.past(Kept.EVENTS, NOON)) == []
            full = [await unit.months.drop(Kept.EVENTS, it) for it in past]
            await unit.past_events.let_go([event.id])
        async with store.begin() as unit:
            empty = [await unit.months.drop(Kept.EVENTS, it) for it in past]

        assert not any(full)
        assert all(empty)

    @final
    @pytest.mark.anyio
    async def test_what_finds_no_month_is_stored_all_the_same(self, store: Store) -> None:
        at = NOON + 3650 * DAY
        event = an_event(id=EventId(new_id(at)), received_at=at)

        await stored(store, event)

        async with store.begin() as unit:
            await unit.months.make(at)
            assert await unit.events.get(event.id) == event
            assert not await unit.events.add(replace(event, id=EventId(new_id())))
