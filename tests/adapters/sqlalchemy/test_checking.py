"""The line of access checks is a short cut: whatever becomes of it, the answer is the pool's."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from solynk.adapters.sqlalchemy.engine import connect
from solynk.adapters.sqlalchemy.store import SqlStore
from solynk.contract_tests.storage.rows import ANN, LOUNGE, OURS, a_channel, a_customer, an_access
from solynk.core.entitlement import Desired
from solynk.ports.checking import OfCustomer
from solynk.ports.errors import Unavailable
from solynk.ports.storage import Store

pytestmark = pytest.mark.anyio

LINES = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def _desired(store: Store) -> Desired | None:
    found = await store.kept_access(OURS, LOUNGE, OfCustomer(ANN))
    return None if found is None else found.desired


async def _inside(store: Store) -> None:
    async with store.begin() as unit:
        await unit.channels.put(a_channel())
        await unit.customers.put(a_customer())
        await unit.accesses.put(an_access(desired=Desired.IN))


async def test_whoever_asks_is_answered_though_the_line_was_cut(
    postgres_store: SqlStore, postgres_engine: AsyncEngine
) -> None:
    await _inside(postgres_store)
    before = await _desired(postgres_store)

    async with postgres_engine.begin() as connection:
        await connection.execute(LINES)
    after = await asyncio.gather(*(_desired(postgres_store) for _ in range(8)))

    assert before is Desired.IN
    assert after == [Desired.IN] * 8


async def test_many_ask_at_once_and_each_is_answered(postgres_store: SqlStore) -> None:
    await _inside(postgres_store)

    told = await asyncio.gather(*(_desired(postgres_store) for _ in range(50)))

    assert told == [Desired.IN] * 50


async def test_a_database_that_can_not_be_reached_is_unavailable() -> None:
    engine = connect("postgresql://nobody@127.0.0.1:1/nothing")

    with pytest.raises(Unavailable, match="cannot connect"):
        await _desired(SqlStore(engine))

    await engine.dispose()
