"""I29: nothing leaks. After a warm-up the same work is done again and again, and what must be
bounded is counted: memory, descriptors, connections, and what the queue holds at rest.

The short form finds what leaks with each event; the long form also what leaks by the minute.
"""

import time
from collections.abc import Mapping
from uuid import uuid4

import pytest

from solynk.apps.demo.cast import Stage
from tests.chaos.arena import Arena
from tests.chaos.courier import Courier, Event
from tests.chaos.figures import Figures
from tests.chaos.footprint import Footprint, footprint
from tests.chaos.members import a_member, cancels
from tests.chaos.runs import Run
from tests.chaos.test_i06_acknowledged_is_durable import an_event
from tests.chaos.test_i08_the_database_comes_back import POOL
from tests.servers.databases import redis_client

AT_ONCE = 16
EVENTS = 50
"""In one round, besides a member who comes and goes."""
WARM, MEASURED = 2, 3
"""Rounds."""
MEGABYTES, DESCRIPTORS = 16, 12
"""How much a process may have grown: it has caches, and pools that it fills when it is busy."""
PER_MINUTE = 1.0
"""Megabytes, in the long form."""
KEYS = 5
STREAM, HINTS = "solynk", 110_000
"""It is trimmed at about 100,000."""


async def a_round(arena: Arena, stage: Stage, courier: Courier, like: Event) -> None:
    name = uuid4().hex
    copies = [{**like, "id": f"evt_{name}_{it}"} for it in range(EVENTS)]
    await courier.carry(copies, at_once=AT_ONCE)
    member = await a_member(stage, f"Passes-{name}")
    await cancels(stage, member)
    await arena.rest()
    assert not await stage.inside(member)


def footprints(arena: Arena) -> Mapping[str, Footprint]:
    return {it: footprint(arena.program(it).pid) for it in arena.processes}


def at_rest(arena: Arena) -> dict[str, int]:
    """What may not pile up in the database: work that is done is history, and kept."""
    return {
        "live commands": arena.count("commands where status in ('ready', 'leased')"),
        "waiting events": arena.count("events where status = 'received'"),
    }


def connections(arena: Arena) -> dict[str, int]:
    if arena.postgres is None:
        return {}
    held = arena.rows("select application_name, count(*) from pg_stat_activity group by 1")
    return {name: count for name, count in held if name in arena.processes}


def in_redis(arena: Arena) -> tuple[int, int]:
    """Its keys, and the hints in the one stream."""
    if arena.redis is None:
        return 0, 0
    with redis_client(arena.redis.url) as client:
        return client.dbsize(), client.xlen(STREAM)


@pytest.mark.anyio
async def test_i29_what_must_be_bounded_is_bounded(
    arena: Arena, shop: Stage, run: Run, figures: Figures
) -> None:
    courier = Courier(arena, run.chance("i29"))
    like = await an_event(arena, shop, courier)
    for _ in range(run.size(WARM, 10 * WARM)):
        await a_round(arena, shop, courier, like)
    warm, began, rounds = footprints(arena), time.monotonic(), 0

    while rounds < MEASURED or time.monotonic() < began + run.seconds:
        await a_round(arena, shop, courier, like)
        rounds += 1

    minutes, grown = (time.monotonic() - began) / 60, footprints(arena)
    figures.count("rounds of I29", rounds)
    for name, then in warm.items():
        figures.count(f"megabytes of {name} at first", round(then.megabytes))
        figures.count(f"megabytes of {name} in the end", round(grown[name].megabytes))
        allowed = max(MEGABYTES, PER_MINUTE * minutes) if run.long else MEGABYTES
        assert grown[name].megabytes - then.megabytes <= allowed, name
        assert grown[name].descriptors - then.descriptors <= DESCRIPTORS, name
    assert at_rest(arena) == {"live commands": 0, "waiting events": 0}
    assert all(it <= POOL for it in connections(arena).values())
    keys, hints = in_redis(arena)
    assert keys <= KEYS
    assert hints <= HINTS
