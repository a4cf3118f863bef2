"""The tables that were there become months, with all that they hold, and are whole again."""

from datetime import UTC, datetime, timedelta

import anyio
import pytest
from alembic import command
from msgspec.structs import replace
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from solynk.adapters.sqlalchemy import months
from solynk.adapters.sqlalchemy.schema import migrate, settings
from solynk.adapters.sqlalchemy.store import SqlStore
from solynk.contract_tests.storage.rows import OURS, an_entry, an_event, new_id
from solynk.core.audit import AuditEntry
from solynk.core.chain import extend, start
from solynk.core.event import Event
from solynk.core.ids import EventId
from solynk.core.retention import Kept

pytestmark = pytest.mark.anyio

LAST = datetime(2026, 8, 31, 23, 59, 59, tzinfo=UTC)
NEXT = LAST + timedelta(seconds=1)
PARTS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = '{}'::regclass"


def event_at(at: datetime, name: str) -> Event:
    return an_event(id=EventId(new_id(at)), received_at=at, external_id=name)


def down(connection: Connection) -> None:
    command.downgrade(settings(connection), "0005")


async def added(engine: AsyncEngine, event: Event) -> bool:
    async with SqlStore(engine).begin() as unit:
        return await unit.events.add(event)


async def logged(engine: AsyncEngine, entries: list[AuditEntry]) -> None:
    async with SqlStore(engine).begin() as unit:
        for it in entries:
            await unit.audit.append(it)
        await unit.chains.extend(extend(start(OURS), entries[:1]))


async def holds(engine: AsyncEngine, events: list[Event], entries: list[AuditEntry]) -> bool:
    async with SqlStore(engine).begin() as unit:
        log = await unit.audit.about(OURS)
        return (
            [await unit.events.get(it.id) for it in events] == events
            and sorted(log, key=lambda it: it.id) == entries
            and [it.entry for it in await unit.sealed.page(OURS, after=0, limit=9)] == entries[:1]
        )


@pytest.fixture
async def old(engine: AsyncEngine) -> AsyncEngine:
    await migrate(engine, "0005")
    return engine


async def test_what_was_there_is_there_and_known_on_the_way_up_and_down_and_up_again(
    old: AsyncEngine,
) -> None:
    events = [event_at(LAST - timedelta(days=90), "first"), event_at(LAST, "last")]
    entries = sorted([an_entry(at=LAST), an_entry(at=LAST)], key=lambda it: it.id)
    for it in events:
        assert await added(old, it)
    await logged(old, entries)

    await migrate(old)
    events.append(event_at(NEXT, "of the month to come"))
    assert await added(old, events[-1])
    assert await holds(old, events, entries)
    async with old.begin() as connection:
        await connection.run_sync(down)
    assert await holds(old, events, entries)
    assert [await added(old, replace(it, id=EventId(new_id()))) for it in events] == 3 * [False]
    await migrate(old)

    assert await holds(old, events, entries)
    assert [await added(old, replace(it, id=EventId(new_id()))) for it in events] == 3 * [False]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_months_begin_where_the_rows_that_were_there_end(old: AsyncEngine) -> None:
    await added(old, event_at(LAST, "last"))
    await migrate(old)

    async with SqlStore(old).begin() as unit:
        made = await unit.months.make(LAST)
    await added(old, event_at(NEXT, "next"))

    async with old.connect() as connection:
        counts = {
            it: await connection.scalar(text(f"SELECT count(*) FROM {it}"))  # noqa: S608 -- ours
            for it in await connection.scalars(text(PARTS.format("events")))
        }
    assert "events_2026_08" not in made
    assert {"audit_2026_08", "events_2026_09", "events_2026_11"} <= set(made)
    assert {it for it, count in counts.items() if count} == {"events_before", "events_2026_09"}


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_the_part_of_what_was_there_goes_with_its_last_month(old: AsyncEngine) -> None:
    event = event_at(LAST, "last")
    await added(old, event)
    await migrate(old)

    async with SqlStore(old).begin() as unit:
        too_early = await unit.months.past(Kept.EVENTS, LAST)
        past = await unit.months.past(Kept.EVENTS, NEXT)
        assert not await unit.months.drop(Kept.EVENTS, "events_before")
        await unit.past_events.let_go([event.id])
        dropped = await unit.months.drop(Kept.EVENTS, "events_before")

    assert (list(too_early), list(past), dropped) == ([], ["events_before"], True)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_a_month_into_which_somebody_wrote_at_this_very_moment_is_not_dropped(
    old: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one whose clock is months behind: what was acknowledged is not lost."""
    monkeypatch.setattr(months, "LOCK_WITHIN", timedelta(seconds=10))
    await migrate(old)
    event, store = event_at(LAST, "late"), SqlStore(old)
    async with store.begin() as unit:
        await unit.months.make(LAST)
    dropped: list[bool] = []

    async def drop() -> None:
        async with store.begin() as unit:
            dropped.append(await unit.months.drop(Kept.EVENTS, "events_2026_08"))

    async with anyio.create_task_group() as tasks, store.begin() as writer:
        await writer.events.add(event)
        tasks.start_soon(drop)
        await until_somebody_waits(old)

    async with store.begin() as unit:
        assert await unit.events.get(event.id) == event
    assert dropped == [False]


async def until_somebody_waits(engine: AsyncEngine) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with engine.connect() as connection:
        while not await connection.scalar(waiting):  # noqa: ASYNC110 -- a lock sets no event
            await anyio.sleep(0.01)
