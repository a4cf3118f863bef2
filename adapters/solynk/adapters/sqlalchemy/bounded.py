"""An end to every transaction, whatever becomes of the line to the database."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from solynk.ports.errors import Unavailable

OVER_WITHIN: Final = timedelta(seconds=30)
"""A whole transaction. The server's own limits are shorter, and do not help where its word is lost:
a line that is dead and takes bytes all the same would be waited on for ever."""


CLOSES_WITHIN: Final = timedelta(seconds=5)
"""To give a connection back, also a broken one."""


@asynccontextmanager
async def bounded(within: timedelta = OVER_WITHIN) -> AsyncGenerator[None]:
    """Raises Unavailable where what is done inside is not over in time."""
    bound = asyncio.timeout(within.total_seconds())
    try:
        async with bound:
            yield
    except TimeoutError as error:
        if not bound.expired():
            raise
        raise Unavailable("database", "it does not answer") from error
