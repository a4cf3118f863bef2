"""From the first connection to the last close, for every process that does the engine's work."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from solynk.apps.container import Container
from solynk.apps.data_folder import make_database_file
from solynk.apps.engine import Wiring
from solynk.ports.errors import Lost, Refused

log = logging.getLogger(__name__)


@asynccontextmanager
async def running(container: Container) -> AsyncGenerator[Wiring]:
    """Make what the process needs, see that the store answers, and close all of it in the end.

    Raises:
        Unavailable: the store does not answer, or is not migrated.
        NeedsHuman: a token is not in the form of one.
    """
    async with container.closing():
        try:
            wiring = container.wiring()
            await wiring.store.ping()
            yield wiring
        finally:
            # What is closed must not be handed out again, should the container live on.
            container.reset_singletons()


async def migrate(container: Container) -> None:
    """Bring the database to this version's tables, and make its file. Harmless where all is there.

    Nothing else makes the file: whoever only looks leaves no trace.

    Raises:
        Unavailable: the database does not answer.
        SettingsError: the file can not be made.
    """
    from solynk.adapters.sqlalchemy import schema  # noqa: PLC0415 -- an extra

    make_database_file(container.settings())
    await schema.migrate(container.database())
    try:
        async with container.store().begin() as tx:
            await tx.months.make(await container.wall().now())
    except (Lost, Refused) as fault:
        log.warning("months to come were not made: %s; see docs/runbooks/retention.md", fault)
