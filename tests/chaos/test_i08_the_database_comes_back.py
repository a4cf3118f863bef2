"""I8: while the database is gone nothing is acknowledged; when it is back, so is everything else."""

from collections.abc import Callable

import anyio
import pytest

from tests.chaos.arena import Arena
from tests.chaos.courier import Courier
from tests.chaos.members import Eager, buyers
from tests.chaos.runs import OVER_SERVERS, Run
from tests.chaos.test_i06_acknowledged_is_durable import an_event, distinct, missing
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON

POOL = 15
"""Connections that one process may hold."""
REFUSALS = {429, 500, 502, 503, 504}


def crash(arena: Arena) -> Callable[[], None]:
    postgres = arena.postgres
    assert postgres is not None
    postgres.crash()
    return postgres.start


def hang(arena: Arena) -> Callable[[], None]:
    wire = arena.wires["postgres"]
    wire.hangs = True

    def mended() -> None:
        wire.mend()
        wire.cut()

    return mended


def refuse(arena: Arena) -> Callable[[], None]:
    wire = arena.wires["postgres"]
    wire.refuses = True
    wire.cut()
    return wire.mend


def terminate(arena: Arena) -> Callable[[], None]:
    """Every backend, and nobody new: as a failover does it."""
    wire = arena.wires["postgres"]
    wire.refuses = True
    arena.rows(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where pid <> pg_backend_pid() and backend_type = 'client backend'"
    )
    return wire.mend


@pytest.mark.anyio
@OVER_SERVERS
@pytest.mark.parametrize("strike", [crash, refuse, terminate, hang])
async def test_i08_nothing_is_acknowledged_without_the_database_and_all_is_well_after_it(
    arena: Arena, run: Run, strike: Callable[[Arena], Callable[[], None]]
) -> None:
    shop = await arena.town.open_shop()
    courier = Courier(arena, run.chance("i08"))
    source = distinct(await an_event(arena, shop, courier), run.seed * 10 + len(strike.__name__))
    members = await buyers(shop, 2)
    programs = {name: arena.program(name).pid for name in arena.processes}

    for _ in range(run.size(1, 30)):
        mend = strike(arena)
        courier.refused.clear()
        acknowledged = len(courier.acknowledged)
        with anyio.fail_after(2 * SOON):
            async with anyio.create_task_group() as crowd:
                for _ in range(8):
                    crowd.start_soon(courier.offer, next(source))
        assert len(courier.acknowledged) == acknowledged
        assert set(courier.refused) <= REFUSALS, courier.refused
        mend()
        await arena.is_ready(SOON)
    await courier.carry([next(source) for _ in range(8)], at_once=4)
    eager = Eager(shop, members)

    async def all_are_in() -> bool:
        await eager.follow()
        return {it.person for it in members} <= await shop.world.inside()

    await eventually(all_are_in, "all buyers are in", 3 * SOON)
    assert {name: arena.program(name).pid for name in arena.processes} == programs
    assert missing(arena, courier) == set()
    held = arena.rows(
        "select application_name, count(*) from pg_stat_activity"
        " where application_name <> '' and backend_type = 'client backend' group by 1"
    )
    assert all(count <= POOL for name, count in held if name in arena.processes), held
