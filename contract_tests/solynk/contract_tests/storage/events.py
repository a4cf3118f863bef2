"""The contracts of `Events`, `EventLists` and `Reads`."""

from typing import Final, final

import anyio
import pytest
from msgspec.structs import replace

from solynk.contract_tests.storage.rows import (
    MINUTE,
    NOON,
    OURS,
    THEIRS,
    an_event,
    new_id,
)
from solynk.contract_tests.storage.store import NeedsStore
from solynk.core.event import Event, EventStatus
from solynk.core.ids import EventId
from solynk.core.instants import HOUR
from solynk.ports.storage import DueEvent, Store

EVERY_BYTE: Final = bytes(range(256)) * 300
"""No text in any encoding, and long enough to be stored out of line or compressed."""


class EventsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_of_fifty_copies_at_once_exactly_one_is_new(self, store: Store) -> None:
        answers: list[bool] = []

        async def add() -> None:
            async with store.begin() as unit:
                answers.append(await unit.events.add(an_event()))

        async with anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(add)

        assert sorted(answers) == [False] * 49 + [True]

    @final
    @pytest.mark.anyio
    async def test_of_fifty_copies_kept_at_once_exactly_one_is_new(self, store: Store) -> None:
        answers: list[bool] = []

        async def keep() -> None:
            answers.append(await store.keep(an_event()))

        async with anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(keep)

        assert sorted(answers) == [False] * 49 + [True]

    @final
    @pytest.mark.anyio
    async def test_events_that_are_kept_at_once_come_back_as_they_were(self, store: Store) -> None:
        events = [
            an_event(external_id="plain"),
            an_event(external_id="raw", body=EVERY_BYTE, organization=None, account=""),
            an_event(external_id="due", status=EventStatus.IGNORED, due_at=NOON),
            replace(
                an_event(external_id="old", reference="r"),
                attempts=3,
                reason="no such plan",
                applied_at=NOON,
                decoder="stripe/2",
            ),
        ]

        async with anyio.create_task_group() as tasks:
            for it in events:
                tasks.start_soon(store.keep, it)

        async with store.begin() as unit:
            assert [await unit.events.get(it.id) for it in events] == events
            assert not await unit.events.add(replace(events[0], id=EventId(new_id())))

    @final
    @pytest.mark.anyio
    async def test_whoever_gives_up_waiting_takes_no_other_event_along(self, store: Store) -> None:
        answers: list[bool] = []

        async def keep() -> None:
            answers.append(await store.keep(an_event(external_id="stays")))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(keep)
            with anyio.CancelScope() as gone:
                gone.cancel()
                await store.keep(an_event(external_id="goes"))

        assert answers == [True]

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize(
        "other",
        [
            an_event(source="telegram"),
            an_event(account="acct_2"),
            an_event(livemode=False),
            an_event(external_id="evt_2"),
        ],
        ids=["source", "account", "livemode", "external id"],
    )
    async def test_an_event_is_known_by_all_four_parts_of_its_key(
        self, store: Store, other: Event
    ) -> None:
        async with store.begin() as unit:
            assert await unit.events.add(an_event())
            assert not await unit.events.add(an_event())
            assert await unit.events.add(other)

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize(
        "body",
        [b"", b"\xff\xfe\x00", b'{"a": 1}\r\n', EVERY_BYTE],
        ids=["empty", "no text", "text", "long"],
    )
    async def test_an_event_comes_back_with_its_raw_bytes(self, store: Store, body: bytes) -> None:
        event = an_event(body=body, organization=None, account="")

        async with store.begin() as unit:
            await unit.events.add(event)

        async with store.begin() as unit:
            assert await unit.events.get(event.id) == event
            assert await unit.events.get(EventId(new_id())) is None

    @final
    @pytest.mark.anyio
    async def test_putting_an_event_replaces_it_but_never_its_body(self, store: Store) -> None:
        event = an_event(body=b"as it came")
        changed = replace(
            event,
            status=EventStatus.DEAD,
            organization=THEIRS,
            due_at=NOON,
            attempts=3,
            reason="no such plan",
            reference="sub_1",
            applied_at=NOON,
            decoder="stripe/2",
        )
        async with store.begin() as unit:
            await unit.events.add(event)

        async with store.begin() as unit:
            await unit.events.put(replace(changed, body=b"something else"))

        async with store.begin() as unit:
            assert await unit.events.get(event.id) == changed

    @final
    @pytest.mark.anyio
    async def test_a_held_event_is_none_to_another(self, store: Store) -> None:
        event = an_event()
        async with store.begin() as unit:
            await unit.events.add(event)
        held, asked = anyio.Event(), anyio.Event()
        answers: list[Event | None] = []
        while_held: list[Event | None] = []

        async def ask() -> None:
            await held.wait()
            async with store.begin() as unit:
                answers.append(await unit.events.lock(event.id))
            asked.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            async with store.begin() as unit:
                assert await unit.events.lock(event.id) == event
                held.set()
                with anyio.move_on_after(0.2 if self.serial else 5):
                    await asked.wait()
                while_held.extend(answers)

        assert while_held == ([] if self.serial else [None])

    @final
    @pytest.mark.anyio
    async def test_an_event_that_was_let_go_can_be_held_again(self, store: Store) -> None:
        event = an_event()
        async with store.begin() as unit:
            await unit.events.add(event)

        for _ in range(2):
            async with store.begin() as unit:
                assert await unit.events.lock(event.id) == event
                assert await unit.events.lock(EventId(new_id())) is None


class EventListsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_events_to_apply_are_listed_the_longest_due_first(self, store: Store) -> None:
        due = [an_event(external_id=f"e{n}", due_at=NOON + n * MINUTE) for n in range(3)]
        async with store.begin() as unit:
            for it in (*reversed(due), an_event(due_at=None)):
                await unit.events.add(it)

        async with store.begin() as unit:
            lists = unit.event_lists
            both = [DueEvent(it.id, it.source, it.account) for it in due[:2]]
            assert list(await lists.due(NOON + MINUTE, 10)) == both
            assert list(await lists.due(NOON + MINUTE, 1)) == both[:1]

    @final
    @pytest.mark.anyio
    async def test_the_longest_due_event_of_one_account_is_found_among_all(
        self, store: Store
    ) -> None:
        later, first = (
            an_event(external_id=f"e{n}", account="acct_2", due_at=NOON + n * MINUTE)
            for n in (2, 1)
        )
        others = [
            an_event(external_id="another account", due_at=NOON),
            an_event(external_id="another source", source="other", account="acct_2", due_at=NOON),
            an_event(external_id="done", account="acct_2", due_at=None),
        ]
        async with store.begin() as unit:
            for it in (later, first, *others):
                await unit.events.add(it)

        async with store.begin() as unit:
            first_due = unit.event_lists.first_due
            assert await first_due("stripe", "acct_2", NOON + 2 * MINUTE) == first.id
            assert await first_due("stripe", "acct_2", NOON) is None

    @final
    @pytest.mark.anyio
    async def test_an_account_with_many_events_holds_up_no_other_and_its_own_stay_in_order(
        self, store: Store
    ) -> None:
        flood = [an_event(external_id=f"e{n}", due_at=NOON - HOUR + n * MINUTE) for n in range(20)]
        others = [an_event(account=f"acct_{n}", due_at=NOON) for n in range(2, 5)]
        async with store.begin() as unit:
            for it in (*reversed(flood), *others):
                await unit.events.add(it)

        async with store.begin() as unit:
            listed = await unit.event_lists.due(NOON, 8)
            due = [it.id for it in listed]

        assert {(it.source, it.account) for it in listed} == {
            (it.source, it.account) for it in (flood[0], *others)
        }
        assert {it.id for it in others} <= set(due)
        assert list(due)[:5] == [it.id for it in flood[:5]]
        assert len(due) == 8

    @final
    @pytest.mark.anyio
    async def test_events_that_wait_for_an_object_are_listed_oldest_first(
        self, store: Store
    ) -> None:
        unmatched = EventStatus.UNMATCHED
        waiting = [
            an_event(external_id=f"e{n}", status=unmatched, reference="s", received_at=at)
            for n, at in enumerate((NOON, NOON + MINUTE))
        ]
        others = [
            an_event(external_id="o1", status=unmatched, reference="another"),
            an_event(external_id="o2", status=EventStatus.APPLIED, reference="s"),
        ]
        async with store.begin() as unit:
            for it in (*reversed(waiting), *others):
                await unit.events.add(it)

        async with store.begin() as unit:
            found = await unit.event_lists.unmatched(OURS, "s")

        assert list(found) == [it.id for it in waiting]

    @final
    @pytest.mark.anyio
    async def test_events_are_listed_newest_first_a_page_at_a_time(self, store: Store) -> None:
        events = [
            an_event(id=EventId(new_id(NOON + n * MINUTE)), external_id=f"e{n}") for n in range(4)
        ]
        async with store.begin() as unit:
            for it in events:
                await unit.events.add(it)

        async with store.begin() as unit:
            first = await unit.event_lists.all(OURS, limit=3)
            rest = await unit.event_lists.all(OURS, before=first[-1].id)

        assert [*first, *rest] == events[::-1]

    @final
    @pytest.mark.anyio
    async def test_events_are_listed_by_status_and_none_lists_those_that_nobody_owns(
        self, store: Store
    ) -> None:
        dead = an_event(status=EventStatus.DEAD)
        unowned = an_event(external_id="u", status=EventStatus.UNOWNED, organization=None)
        async with store.begin() as unit:
            for it in (dead, unowned, an_event(external_id="a", status=EventStatus.APPLIED)):
                await unit.events.add(it)

        async with store.begin() as unit:
            assert list(await unit.event_lists.all(OURS, status=EventStatus.DEAD)) == [dead]
            assert list(await unit.event_lists.all(None)) == [unowned]

    @final
    @pytest.mark.anyio
    async def test_events_are_listed_by_source(self, store: Store) -> None:
        events = [an_event(source=it) for it in ("stripe", "telegram", "stars")]
        async with store.begin() as unit:
            for it in events:
                await unit.events.add(it)

        async with store.begin() as unit:
            found = await unit.event_lists.all(OURS, sources=["stripe", "stars"])
            one = await unit.event_lists.all(OURS, sources=["stripe", "stars"], limit=1)

        assert {it.source for it in found} == {"stripe", "stars"}
        assert list(one) == list(found[:1])


class ReadsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_numbers_of_one_object_only_rise(self, store: Store) -> None:
        numbers: list[int] = []
        for _ in range(3):
            async with store.begin() as unit:
                numbers.append(await unit.reads.next_number("stripe", "acct_1", "sub_1"))
                numbers.append(await unit.reads.next_number("stripe", "acct_1", "sub_1"))

        assert numbers == sorted(set(numbers))

    @final
    @pytest.mark.anyio
    async def test_no_number_is_given_to_two_at_once(self, store: Store) -> None:
        numbers: list[int] = []

        async def read() -> None:
            async with store.begin() as unit:
                numbers.append(await unit.reads.next_number("stripe", "acct_1", "sub_1"))

        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(read)

        assert len(set(numbers)) == 20

    @final
    @pytest.mark.anyio
    async def test_whoever_asks_for_the_next_number_waits_for_the_unit_of_work_before(
        self, store: Store
    ) -> None:
        moments: list[str] = []

        async def read() -> None:
            async with store.begin() as unit:
                await unit.reads.next_number("stripe", "acct_1", "sub_1")
                moments.append("begins")
                await anyio.sleep(0.001)
                moments.append("ends")

        async with anyio.create_task_group() as tasks:
            for _ in range(12):
                tasks.start_soon(read)

        assert moments == ["begins", "ends"] * 12
