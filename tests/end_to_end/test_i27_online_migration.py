"""I27: the next version changes the tables while this one works on them, and goes on to.

The next version is one that adds a column and an index, as a version may. Its migration comes and
goes again under load, and a process of this version starts on its tables.
"""

import shutil
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from pathlib import Path

import anyio
import pytest
from alembic import command
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from solynk.adapters.sqlalchemy import schema
from solynk.adapters.sqlalchemy.engine import connect
from solynk.adapters.sqlalchemy.errors import port_errors
from solynk.apps.demo.cast import Stage
from solynk.ports.errors import Lost
from tests.end_to_end.load import under_load
from tests.end_to_end.town import City, invited, pay

pytestmark = pytest.mark.anyio

NEXT = '''
"""Of the version to come."""
from alembic import op
import sqlalchemy as sa
revision, down_revision = "of_tomorrow", "{before}"

def upgrade():
    op.add_column("events", sa.Column("colour", sa.Text()))
    op.create_index("ix_commands_colour", "commands", ["reason"])

def downgrade():
    op.drop_index("ix_commands_colour", "commands")
    op.drop_column("events", "colour")
'''


@pytest.fixture
async def engine(city: City) -> AsyncGenerator[AsyncEngine]:
    it = connect(city.town.database_url)
    yield it
    await it.dispose()


@pytest.fixture
def tomorrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """This test knows the next version's migrations, the processes do not; answers today's head."""
    before = schema.head()
    assert before is not None
    shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations")
    (tmp_path / "migrations/versions/of_tomorrow.py").write_text(NEXT.format(before=before))
    monkeypatch.setattr(schema, "MIGRATIONS", tmp_path / "migrations")
    schema.head.cache_clear()
    schema.known.cache_clear()
    return before


def down(connection: Connection, revision: str) -> None:
    command.downgrade(schema.settings(connection), revision)


async def brought_down(engine: AsyncEngine, revision: str) -> None:
    """Again where the database chose it to give way to those who work, as `migrate` does it."""
    for _ in range(schema.TRIES):
        with suppress(Lost), port_errors():
            async with engine.begin() as connection:
                await connection.run_sync(down, revision)
            return
        await anyio.sleep(schema.PAUSE.total_seconds())


async def test_the_tables_of_the_next_version_come_and_go_under_load_and_nobody_notices(
    city: City, shop: Stage, engine: AsyncEngine, tomorrow: str
) -> None:
    ann, bob = await shop.joins_the_cast("Ann"), await shop.joins_the_cast("Bob")
    async with under_load(city.town) as sending:
        await pay(shop, ann)
        await schema.migrate(engine)
        assert await schema.current_revision(engine) == "of_tomorrow"
        await city.town.is_ready()
        assert (await city.town.finish("migrate"))[0] == 0
        await city.stop("worker-1")
        await city.start("worker-1")
        await pay(shop, bob)
        await invited(shop, bob)
        await brought_down(engine, tomorrow)

    assert await schema.current_revision(engine) == tomorrow
    await invited(shop, ann)
    await city.town.is_ready()
    assert set(sending.outcomes) == {"200"}, sending.outcomes
    assert sending.lost(city) == set()
    assert [await shop.told(it, "Welcome") for it in (ann, bob)] == [1, 1]


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    schema.head.cache_clear()
    schema.known.cache_clear()
