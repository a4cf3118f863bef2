from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from solynk.adapters.sqlalchemy.engine import connect
from solynk.adapters.sqlalchemy.schema import migrate
from solynk.adapters.sqlalchemy.store import SqlStore
from solynk.core.customer import Customer
from solynk.core.ids import CustomerId, OrganizationId
from solynk.ports.errors import Lost, PortError, Refused, Unavailable

OURS = OrganizationId("0196d000-0000-7000-8000-000000000001")
ANN = CustomerId("0196d000-0000-7000-8000-00000000000a")
BOB = CustomerId("0196d000-0000-7000-8000-00000000000b")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.anyio
@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
async def test_a_server_that_is_not_there_is_unavailable(scheme: str) -> None:
    engine = connect(f"{scheme}://nobody@127.0.0.1:9/nothing")
    store = SqlStore(engine)

    with pytest.raises(Unavailable):
        await store.ping()
    with pytest.raises(Unavailable):
        await store.begin().__aenter__()
    with pytest.raises(Unavailable):
        await migrate(engine)


UNREACHED = [
    ("127.0.0.1:1", "cannot connect to 127.0.0.1:1: connection refused"),
    ("no-such-host.invalid", "cannot connect to no-such-host.invalid: "),
]


@pytest.mark.anyio
@pytest.mark.parametrize(("place", "words"), UNREACHED)
async def test_a_server_that_is_not_reached_is_named_without_the_password(
    place: str, words: str
) -> None:
    engine = connect(f"postgresql://nobody:letmein-now@{place}/nothing")

    for ask in (SqlStore(engine).ping, lambda: migrate(engine)):
        with pytest.raises(Unavailable) as raised:
            await ask()

        assert raised.value.reason.startswith(words)
        assert "letmein" not in str(raised.value)


@pytest.mark.anyio
@pytest.mark.usefixtures("sqlite_engine")  # keeps the loop, which aiosqlite's thread still answers
async def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    store = SqlStore(connect(f"sqlite:///{tmp_path / 'missing' / 'solynk.db'}"))

    with pytest.raises(Unavailable):
        await store.ping()


@pytest.mark.anyio
async def test_a_file_that_another_process_writes_for_long_is_unavailable(
    sqlite_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = sqlite_engine.url.render_as_string()
    monkeypatch.setattr("solynk.adapters.sqlalchemy.engine.LOCK_WITHIN", NOON - NOON)
    other = connect(url)

    async with SqlStore(sqlite_engine).begin():
        with pytest.raises(Unavailable, match="BUSY"):
            await SqlStore(other).begin().__aenter__()

    await other.dispose()


@pytest.mark.anyio
async def test_a_unit_inside_a_unit_of_sqlite_is_unavailable_and_waits_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solynk.adapters.sqlalchemy.engine.WAIT_FOR_TURN", NOON - NOON)
    engine = connect(f"sqlite:///{tmp_path / 'solynk.db'}")

    async with SqlStore(engine).begin():
        with pytest.raises(Unavailable, match="every connection is in use"):
            await SqlStore(engine).begin().__aenter__()

    await engine.dispose()


CUT = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.mark.anyio
async def test_a_connection_that_is_lost_in_a_unit_is_unavailable_once_and_then_made_again(
    postgres_store: SqlStore, postgres_engine: AsyncEngine
) -> None:
    async def work() -> None:
        async with postgres_store.begin() as unit:
            async with postgres_engine.begin() as connection:
                await connection.execute(CUT)
            await unit.organizations.all()

    with pytest.raises(Unavailable):
        await work()

    async with postgres_store.begin() as unit:
        assert list(await unit.organizations.all()) == []


@pytest.mark.anyio
async def test_connections_that_were_lost_between_two_units_are_made_again_unnoticed(
    postgres_store: SqlStore, postgres_url: str
) -> None:
    async with postgres_store.begin(), postgres_store.begin():
        pass
    other = connect(postgres_url)

    async with other.begin() as connection:
        await connection.execute(CUT)

    async with postgres_store.begin() as unit:
        assert list(await unit.organizations.all()) == []
    await other.dispose()


@pytest.mark.anyio
async def test_of_two_in_a_deadlock_one_is_lost_and_nothing_of_it_is_kept(
    postgres_store: SqlStore,
) -> None:
    async with postgres_store.begin() as unit:
        for customer in (ANN, BOB):
            await unit.customers.put(Customer(customer, OURS))
    ends: list[PortError | None] = []
    held = {ANN: anyio.Event(), BOB: anyio.Event()}

    async def change(first: CustomerId, second: CustomerId) -> None:
        try:
            async with postgres_store.begin() as unit:
                await unit.customers.lock(OURS, first)
                await unit.customers.put(Customer(first, OURS, email=f"by {first}"))
                held[first].set()
                await held[second].wait()
                await unit.customers.lock(OURS, second)
        except PortError as error:
            ends.append(error)
        else:
            ends.append(None)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(change, ANN, BOB)
        tasks.start_soon(change, BOB, ANN)

    async with postgres_store.begin() as unit:
        changed = [it.email for it in await unit.customers.all(OURS)]
    assert {type(it) for it in ends} == {Lost, type(None)}
    assert sorted(it is None for it in changed) == [False, True]


@pytest.mark.anyio
async def test_a_row_that_can_never_be_stored_is_refused(
    sqlite_store: SqlStore, postgres_store: SqlStore
) -> None:
    for store in (sqlite_store, postgres_store):
        async with store.begin() as unit:
            with pytest.raises(Refused):
                await unit.customers.put(Customer(CustomerId("no uuid"), OURS))


@pytest.mark.anyio
async def test_text_that_postgresql_cannot_hold_is_refused(postgres_store: SqlStore) -> None:
    async with postgres_store.begin() as unit:
        with pytest.raises(Refused):
            await unit.customers.put(Customer(ANN, OURS, email="\x00"))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_an_address_of_another_kind_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///"):
        connect(url)
