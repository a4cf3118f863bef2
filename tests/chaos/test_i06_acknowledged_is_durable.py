"""I6: what was answered 2xx is there after a crash, wherever the crash was."""

import json
from collections.abc import Iterator

import anyio
import pytest

from solynk.apps.demo.cast import Stage
from tests.chaos.arena import Arena
from tests.chaos.courier import Courier, Event
from tests.chaos.runs import OVER_SERVERS, Run
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON

AT_ONCE = 16
BATCH = 48
SURE = 4 * AT_ONCE
"""Each answer is two messages: by the last of so many, some sender has had one and sent again."""
HERE = "/webhooks/stripe"


def crash_points(run: Run) -> list[tuple[str, int, str]]:
    """The k-th call to the database, or the k-th answer: before it, or right after its first byte."""
    every = [
        (door, number, when)
        for door, most in (("database", 40), ("answer", 24))
        for number in range(1, most + 1)
        for when in ("before", "after")
    ]
    chosen = run.chance("i06").sample(every, run.size(1, len(every)))
    return [("answer", SURE, "after"), *chosen]


def distinct(like: Event, seed: int) -> Iterator[Event]:
    """Copies of one event under ids of their own: each must be kept."""
    number = 0
    while True:
        number += 1
        text = json.dumps({**like, "type": "invoice.finalized", "id": f"evt_{seed}_{number}"})
        yield json.loads(text)


async def an_event(arena: Arena, stage: Stage, courier: Courier) -> Event:
    await stage.joins_the_cast("Ann")
    await arena.town.tell(
        f"stripe/{stage.world.account}/events", type="invoice.finalized", object={"id": "in_none"}
    )
    return (await courier.events(stage))[-1]


def missing(arena: Arena, courier: Courier) -> set[str]:
    kept = {it for (it,) in arena.rows("select external_id from events where source = 'stripe'")}
    return set(courier.acknowledged) - kept


@pytest.mark.anyio
async def test_i06_what_was_acknowledged_survives_the_death_of_the_process(
    arena: Arena, shop: Stage, run: Run
) -> None:
    courier = Courier(arena, run.chance("i06 doors"))
    source = distinct(await an_event(arena, shop, courier), run.seed)
    name = min(arena.doors)

    for door, number, when in crash_points(run):
        like = HERE if door == "answer" else ""
        arena.tell(name, "die", door=door, number=number, when=when, like=like)

        async def sends_until_it_dies(name: str = name) -> None:
            while arena.lives(name):
                await courier.offer(next(source))

        with anyio.fail_after(2 * SOON):
            async with anyio.create_task_group() as crowd:
                for _ in range(AT_ONCE):
                    crowd.start_soon(sends_until_it_dies)
        assert arena.obeyed(name)
        assert missing(arena, courier) == set()
        arena.leases_lapse()
        arena.start(name)
        await arena.is_ready()

    assert courier.acknowledged
    assert 0 in courier.refused


@pytest.mark.anyio
@OVER_SERVERS
async def test_i06_what_was_acknowledged_survives_a_crash_of_the_database(
    arena: Arena, run: Run
) -> None:
    shop = await arena.town.open_shop()
    courier = Courier(arena, run.chance("i06 doors"))
    source = distinct(await an_event(arena, shop, courier), run.seed + 1)
    postgres = arena.postgres
    assert postgres is not None

    for _ in range(run.size(2, 300)):
        before = len(courier.acknowledged)

        async def first_byte(before: int = before) -> bool:
            return len(courier.acknowledged) >= before + 3

        async with anyio.create_task_group() as crowd:
            for _ in range(BATCH):
                crowd.start_soon(courier.offer, next(source))
            await eventually(first_byte, "a few are acknowledged", SOON)
            postgres.crash()
        postgres.start()
        assert missing(arena, courier) == set()
        await arena.is_ready()
