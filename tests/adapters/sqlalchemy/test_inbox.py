"""What only shows inside: who shares a commit, and who suffers with whom."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from solynk.adapters.sqlalchemy import tables
from solynk.adapters.sqlalchemy.engine import connect
from solynk.adapters.sqlalchemy.inbox import TOGETHER
from solynk.adapters.sqlalchemy.store import SqlStore
from solynk.contract_tests.storage.rows import an_event
from solynk.core.event import Event
from solynk.core.ids import EventId
from solynk.ports.errors import PortError, Refused, Unavailable

STORES = pytest.mark.parametrize("name", ["sqlite_store", "postgres_store"])


@pytest.fixture
def store(name: str, request: pytest.FixtureRequest) -> SqlStore:
    found: SqlStore = request.getfixturevalue(name)
    return found


async def kept(store: SqlStore, *events: Event) -> list[bool | BaseException]:
    return await asyncio.gather(*(store.keep(it) for it in events), return_exceptions=True)


def counting(engine: AsyncEngine, name: str) -> Callable[[], int]:
    """How often the engine does this from now on."""
    seen: list[object] = []

    def see(*what: object) -> None:
        seen.append(what)

    event.listen(engine.sync_engine, name, see)
    return lambda: len(seen)


@STORES
@pytest.mark.anyio
async def test_many_events_at_once_are_few_commits(store: SqlStore) -> None:
    events = [an_event(external_id=f"evt_{number}") for number in range(3 * TOGETHER)]
    commits = counting(store.engine, "commit")

    answers = await kept(store, *events)

    assert answers == [True] * len(events)
    assert commits() <= 4


@STORES
@pytest.mark.anyio
async def test_an_event_that_can_not_be_stored_fails_alone(store: SqlStore) -> None:
    events = [an_event(external_id=f"evt_{number}") for number in range(5)]
    nobody = an_event(id=EventId("no id at all"), external_id="evt_3x")

    *answers, refused = await kept(store, *events, nobody)

    assert answers == [True] * 5
    assert isinstance(refused, Refused)


@pytest.mark.anyio
async def test_nobody_waits_longer_than_for_one_attempt_at_a_database_that_is_gone() -> None:
    store = SqlStore(connect("postgresql://nobody@127.0.0.1:9/nothing"))
    attempts = counting(store.engine, "do_connect")

    answers = await kept(store, *(an_event(external_id=f"e{n}") for n in range(5 * TOGETHER)))

    assert {type(it) for it in answers} == {Unavailable}
    assert attempts() == 1


@STORES
@pytest.mark.anyio
async def test_what_comes_after_a_failure_is_stored(store: SqlStore) -> None:
    with pytest.raises(PortError):
        await store.keep(an_event(id=EventId("no id at all")))

    assert await store.keep(an_event())


@pytest.mark.anyio
async def test_payloads_are_compressed_by_what_costs_the_server_least(
    postgres_store: SqlStore,
) -> None:
    offered = (
        "SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
    )
    used = "SELECT pg_column_compression(body) FROM events"

    await postgres_store.keep(an_event(body=b"a payload that repeats itself, " * 200))

    assert await _only(postgres_store, used) == (
        "lz4" if await _only(postgres_store, offered) else "pglz"
    )


def test_an_event_has_a_column_for_each_of_its_fields() -> None:
    assert [it.key for it in tables.events.c] == list(Event.__struct_fields__)


async def _only(store: SqlStore, query: str) -> Any:  # noqa: ANN401 -- whatever the query answers
    async with store.engine.connect() as connection:
        return (await connection.execute(text(query))).scalar()
