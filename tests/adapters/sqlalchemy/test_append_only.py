"""I22: what was written down can not be changed by the roles that write it."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from solynk.adapters.sqlalchemy.engine import connect
from solynk.adapters.sqlalchemy.schema import migrate
from solynk.adapters.sqlalchemy.store import SqlStore
from solynk.contract_tests.storage.rows import NOON, OURS, a_checkpoint, an_entry
from solynk.core.chain import extend, head_of, start
from solynk.core.checkpoint import CheckpointKind
from solynk.core.instants import DAY
from solynk.ports.errors import Refused
from tests.servers.databases import fresh_database

pytestmark = pytest.mark.anyio

TABLES = ("audit", "audit_seals", "audit_checkpoints")
DELETES = ("DELETE FROM audit", "DELETE FROM audit_seals", "DELETE FROM audit_checkpoints")
CHANGES = (
    "UPDATE audit SET at = at",
    "UPDATE audit_seals SET seq = seq",
    "UPDATE audit_checkpoints SET at = at",
    *DELETES,
)


async def written(store: SqlStore) -> None:
    """A row in each of the tables."""
    entry = an_entry()
    (seal,) = extend(start(OURS), [entry])
    async with store.begin() as unit:
        await unit.audit.append(entry)
        await unit.chains.extend([seal])
        await unit.checkpoints.put([a_checkpoint(head_of(seal))])


async def refused(engine: AsyncEngine, statement: str) -> str:
    with pytest.raises(DBAPIError) as refusal:
        async with engine.begin() as connection:
            await connection.execute(text(statement))
    return str(refusal.value.orig)


@pytest.mark.parametrize("statement", CHANGES)
async def test_sqlite_refuses_to_change_or_delete(
    sqlite_store: SqlStore, sqlite_engine: AsyncEngine, statement: str
) -> None:
    await written(sqlite_store)

    assert "is append-only" in await refused(sqlite_engine, statement)


class Database:
    """Set up as the page on PostgreSQL says: one role owns, another one works."""

    def __init__(self, server: str, url: str) -> None:
        self.server = server
        self.url = url
        number = uuid4().hex[:8]
        self.owner, self.worker = f"owner_{number}", f"worker_{number}"

    def runs(self, *statements: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            for it in statements:
                connection.execute(it.encode())

    def as_role(self, role: str) -> AsyncEngine:
        return connect(self.url.replace("//postgres@", f"//{role}@"))

    async def prepared(self) -> None:
        self.runs(
            f"CREATE ROLE {self.owner} LOGIN",
            f"CREATE ROLE {self.worker} LOGIN",
            f"GRANT CREATE, USAGE ON SCHEMA public TO {self.owner}",
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {self.owner}"
            f" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {self.worker}",
        )
        engine = self.as_role(self.owner)
        await migrate(engine)
        async with SqlStore(engine).begin() as unit:
            await unit.months.make(NOON)
        await engine.dispose()

    def forgotten(self) -> None:
        self.runs(
            f"DROP OWNED BY {self.worker}, {self.owner}", f"DROP ROLE {self.worker}, {self.owner}"
        )


@pytest.fixture(scope="module")
def empty_database(postgres_server: str) -> Iterator[Database]:
    with fresh_database(postgres_server) as url:
        yield Database(postgres_server, url)


@pytest.fixture(scope="module")
async def database(empty_database: Database) -> AsyncIterator[Database]:
    await empty_database.prepared()
    yield empty_database
    empty_database.forgotten()


@pytest.fixture
async def worker(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = database.as_role(database.worker)
    yield engine
    await engine.dispose()


@pytest.mark.parametrize("statement", [*CHANGES, *(f"TRUNCATE {it}" for it in TABLES)])
async def test_the_role_that_works_may_write_and_nothing_else(
    worker: AsyncEngine, statement: str
) -> None:
    await written_anew(worker)

    assert "permission denied" in await refused(worker, statement)


async def written_anew(engine: AsyncEngine) -> None:
    """A row of each in the chain of nobody else."""
    store = SqlStore(engine)
    await store.ping()
    entry = an_entry()
    async with store.begin() as unit:
        await unit.audit.append(entry)
        seals = extend((await unit.chains.heads([OURS]))[OURS], [entry])
        await unit.chains.extend(seals)
        await unit.checkpoints.put([a_checkpoint(head_of(seals[-1]))])


@pytest.mark.parametrize("statement", [*CHANGES, *(f"TRUNCATE {it}" for it in TABLES)])
async def test_a_privilege_that_was_given_by_mistake_changes_nothing(
    database: Database, worker: AsyncEngine, statement: str
) -> None:
    await written_anew(worker)
    database.runs(*(f"GRANT ALL ON {it} TO {database.worker}" for it in TABLES))

    said = await refused(worker, statement)

    database.runs(
        *(f"REVOKE UPDATE, DELETE, TRUNCATE ON {it} FROM {database.worker}" for it in TABLES)
    )
    assert "is append-only" in said


@pytest.mark.parametrize("statement", CHANGES)
async def test_the_owner_is_refused_too(
    database: Database, worker: AsyncEngine, statement: str
) -> None:
    await written_anew(worker)
    owner = database.as_role(database.owner)

    said = await refused(owner, statement)

    await owner.dispose()
    assert "is append-only" in said


PARTS = ("audit_2026_05", "audit_rest")
"""A month in which entries are, and where those of no month would be."""
AT_PARTS = tuple(
    it.format(part)
    for part in PARTS
    for it in ("UPDATE {} SET at = at", "DELETE FROM {}", "TRUNCATE {}", "SELECT FROM {}")
)


@pytest.mark.parametrize("statement", AT_PARTS)
async def test_a_month_by_itself_is_out_of_reach(worker: AsyncEngine, statement: str) -> None:
    await written_anew(worker)

    assert "permission denied" in await refused(worker, statement)


@pytest.mark.parametrize("role", ["owner", "worker"])
@pytest.mark.parametrize("statement", [*AT_PARTS[:3], "TRUNCATE audit_rest", "TRUNCATE audit"])
async def test_a_month_by_itself_is_append_only_too(
    database: Database, worker: AsyncEngine, statement: str, role: str
) -> None:
    await written_anew(worker)
    database.runs(*(f"GRANT ALL ON {it} TO {database.worker}" for it in ("audit", *PARTS)))
    engine = database.as_role(getattr(database, role))

    said = await refused(engine, statement)

    await engine.dispose()
    database.runs(
        f"REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM {database.worker}",
        *(f"REVOKE ALL ON {it} FROM {database.worker}" for it in PARTS),
    )
    assert "is append-only" in said


async def cut_everything(engine: AsyncEngine) -> None:
    async with SqlStore(engine).begin() as unit:
        head = (await unit.chains.heads([OURS]))[OURS]
        await unit.checkpoints.put([a_checkpoint(head, kind=CheckpointKind.CUT)])


async def test_the_owner_may_take_away_what_a_cut_covers_and_whoever_works_may_not(
    database: Database, worker: AsyncEngine
) -> None:
    await written_anew(worker)
    await cut_everything(worker)
    await written_anew(worker)
    owner = database.as_role(database.owner)

    with pytest.raises(Refused):
        async with SqlStore(worker).begin() as unit:
            await unit.past_entries.let_go(OURS, NOON + DAY, 10_000)
    async with SqlStore(owner).begin() as unit:
        gone = await unit.past_entries.let_go(OURS, NOON + DAY, 10_000)
    said = await refused(owner, "DELETE FROM audit")

    await owner.dispose()
    assert gone > 0
    assert "is append-only" in said


async def test_whoever_works_can_make_no_month(worker: AsyncEngine) -> None:
    with pytest.raises(Refused):
        async with SqlStore(worker).begin() as unit:
            await unit.months.make(NOON + 3650 * DAY)


async def test_sqlite_lets_go_what_a_cut_covers_and_nothing_else(
    sqlite_store: SqlStore, sqlite_engine: AsyncEngine
) -> None:
    await written(sqlite_store)
    await cut_everything(sqlite_engine)
    async with sqlite_store.begin() as unit:
        await unit.audit.append(an_entry())

    async with sqlite_store.begin() as unit:
        assert await unit.past_entries.let_go(OURS, NOON + DAY, 10) == 1

    assert "is append-only" in await refused(sqlite_engine, "DELETE FROM audit")


async def test_a_member_of_the_maintenance_role_may_take_away(
    database: Database, worker: AsyncEngine
) -> None:
    await written_anew(worker)
    keeper = f"keeper_{database.owner}"
    database.runs(
        "CREATE ROLE solynk_maintenance",
        f"CREATE ROLE {keeper} LOGIN IN ROLE solynk_maintenance",
        "GRANT SELECT, DELETE ON audit, audit_seals, audit_checkpoints TO solynk_maintenance",
    )
    engine = database.as_role(keeper)

    async with engine.begin() as connection:
        gone = [(await connection.execute(text(it))).rowcount for it in DELETES]

    await engine.dispose()
    assert "permission denied" in await refused(worker, "DELETE FROM audit")
    database.runs(
        "DROP OWNED BY solynk_maintenance", f"DROP ROLE {keeper}", "DROP ROLE solynk_maintenance"
    )
    assert all(it > 0 for it in gone)


async def test_an_entry_that_was_there_before_the_chain_waits_for_its_seal(
    empty_database: Database, postgres_server: str
) -> None:
    del empty_database
    with fresh_database(postgres_server) as url:
        engine = connect(url)
        await migrate(engine, "0001")
        async with engine.begin() as connection:
            await connection.execute(
                text(
                    "INSERT INTO audit VALUES ('01890a5d-ac96-774b-bcce-b302099a8057', NULL,"
                    " now(), 'a', 'b', 'c', 'd', '{}')"
                )
            )
        await migrate(engine)

        async with SqlStore(engine).begin() as unit:
            waiting = await unit.chains.waiting(10)
            strays = await unit.sealed.strays(None, 10)
        await engine.dispose()

    assert len(waiting) == 1
    assert strays.entries == ()
