"""Units of work that want one another's rows, on the database that lets them run side by side.

Where two of them wait for one another, PostgreSQL ends one after a second: `Lost`, and nothing of
that is to be seen here.
"""

import asyncio
from collections.abc import Sequence

import pytest

from solynk.apps.engine import inspect_channel
from solynk.apps.engine.worker import CONCURRENCY
from solynk.core.alert import AlertKind
from solynk.core.command import CommandStatus
from solynk.ports.errors import NeedsHuman
from tests.apps.engine.offers import CHAT, LOUNGE, OWNER, US
from tests.apps.engine.staged import Deed
from tests.apps.engine.world import World

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("store", ["postgres"], indirect=True),
]


def all_at_once(many: int) -> Sequence[Deed]:
    """So many deeds, each of which ends when all have begun."""
    together = asyncio.Barrier(many)
    return [together.wait] * many


async def test_a_bot_that_loses_its_rights_with_several_calls_in_flight_parks_all_of_them(
    world: World,
) -> None:
    people = [f"member {number}" for number in range(CONCURRENCY)]
    for person in people:
        await world.knows(person)
        await world.binds(person)
        await world.receives(await world.bought(person))
    await world.applies()
    world.platform.before["admit"] = [*all_at_once(len(people))]
    world.platform.fails("admit", error=NeedsHuman("memory", "no rights"), times=len(people))

    await world.settle()

    (alert,) = await world.alerts(AlertKind.LOST_RIGHTS)
    assert alert.subject == LOUNGE
    assert not await world.commands(CommandStatus.READY)

    await inspect_channel(world.w, US, LOUNGE, OWNER)
    await world.settle()
    for person in people:
        await world.asks(person, CHAT)

    assert all(world.inside(person) for person in people)
    assert not await world.alerts(AlertKind.LOST_RIGHTS)
