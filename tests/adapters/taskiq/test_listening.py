"""Hints and ticks reach a listener, and do so again after whatever became of Redis."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import pytest
from taskiq import AsyncBroker

from solynk.adapters.taskiq import WORK, Listener, TaskiqWaker, in_process_broker, redis_broker
from solynk.adapters.taskiq import listening as listening_module
from solynk.adapters.taskiq.listening import pause_after
from solynk.apps.worker import run_scheduler
from solynk.ports.wake import Work, WorkKind
from tests.end_to_end.outages import Redis, own_redis
from tests.end_to_end.programs import eventually

SOON = 15.0


@dataclass
class Ear:
    """What arrived: the ids of hints, and how many ticks."""

    hints: list[str] = field(default_factory=list[str])
    ticks: int = 0

    def listen_on(self, broker: AsyncBroker) -> AsyncBroker:
        async def work(kind: str, work_id: str) -> None:
            assert kind == "event"
            self.hints.append(work_id)

        async def tick() -> None:
            self.ticks += 1

        broker.register_task(work, task_name=WORK)
        broker.register_task(tick, task_name="tick", schedule=[{"interval": 1}])
        return broker


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with own_redis() as it:
        yield it


@asynccontextmanager
async def listening(broker: AsyncBroker) -> AsyncGenerator[None]:
    listener = Listener(broker)
    task = asyncio.create_task(listener.run())
    try:
        yield
    finally:
        listener.stop()
        await asyncio.wait({task}, timeout=SOON)
        assert task.done()


@pytest.fixture
async def ear(redis: Redis) -> AsyncGenerator[Ear]:
    it = Ear()
    broker = it.listen_on(redis_broker(redis.url))
    async with listening(broker):
        yield it
    await broker.shutdown()


async def heard(redis: Redis, ear: Ear, word: str) -> None:
    """Somebody else, in another process as it were, goes on telling until it is heard."""
    broker = redis_broker(redis.url)
    waker = TaskiqWaker(broker)

    async def told() -> bool:
        await waker.wake(Work(WorkKind.EVENT, word))
        return word in ear.hints

    await eventually(told, f"{word!r} is heard", SOON)
    await broker.shutdown()


@pytest.mark.anyio
async def test_a_hint_arrives_in_another_process(redis: Redis, ear: Ear) -> None:
    await heard(redis, ear, "the first")


@pytest.mark.anyio
async def test_a_listener_survives_a_redis_that_is_wiped(redis: Redis, ear: Ear) -> None:
    await heard(redis, ear, "before")

    redis.wipe()

    await heard(redis, ear, "after")


@pytest.mark.anyio
async def test_a_listener_survives_a_redis_that_begins_anew(redis: Redis, ear: Ear) -> None:
    await heard(redis, ear, "before")

    redis.end()
    redis.start()

    await heard(redis, ear, "after")


@pytest.mark.anyio
async def test_a_listener_waits_for_a_redis_that_is_not_there_yet(redis: Redis) -> None:
    late, redis_url = Ear(), redis.url
    redis.end()
    broker = late.listen_on(redis_broker(redis_url))

    async with listening(broker):
        redis.start()
        await heard(redis, late, "at last")

    await broker.shutdown()


@pytest.mark.anyio
async def test_a_redis_that_is_away_is_told_of_once_and_asked_ever_less_often(
    redis: Redis, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening_module, "PAUSE", 0.01)
    monkeypatch.setattr(listening_module, "LONGEST", 0.05)
    ear, redis_url = Ear(), redis.url
    broker = ear.listen_on(redis_broker(redis_url))
    listener = Listener(broker)
    redis.end()

    async def several() -> bool:
        return listener.failures > 5

    task = asyncio.create_task(listener.run())
    await eventually(several, "attempts", SOON)
    redis.start()
    await heard(redis, ear, "at last")
    listener.stop()
    await asyncio.wait({task}, timeout=SOON)

    told = [it.getMessage() for it in caplog.records if it.name == listening_module.__name__]
    assert told == [
        "hints are interrupted: ConnectionError; the database is polled",
        "hints are heard again",
    ]
    assert [pause_after(it) for it in range(5)] == [0.01, 0.02, 0.04, 0.05, 0.05]
    await broker.shutdown()


async def ticking(broker: AsyncBroker, ear: Ear) -> None:
    async def thrice() -> bool:
        return ear.ticks >= 3

    stopping = asyncio.Event()
    scheduling = asyncio.create_task(run_scheduler(broker, stopping))
    await eventually(thrice, "three ticks", SOON)
    stopping.set()
    with anyio.fail_after(SOON):
        await scheduling


@pytest.mark.anyio
async def test_the_ticks_of_the_schedule_arrive_over_redis(redis: Redis, ear: Ear) -> None:
    broker = Ear().listen_on(redis_broker(redis.url))

    await ticking(broker, ear)

    await broker.shutdown()


@pytest.mark.anyio
async def test_the_ticks_of_the_schedule_arrive_within_one_process() -> None:
    ear = Ear()
    broker = ear.listen_on(in_process_broker())

    await ticking(broker, ear)

    await broker.shutdown()


@pytest.mark.anyio
async def test_the_schedule_goes_on_while_there_is_no_redis(redis: Redis, ear: Ear) -> None:
    broker = Ear().listen_on(redis_broker(redis.url))
    stopping = asyncio.Event()
    redis.end()
    scheduling = asyncio.create_task(run_scheduler(broker, stopping))
    await anyio.wait_all_tasks_blocked()

    redis.start()

    async def ticks() -> bool:
        return ear.ticks > 0

    await eventually(ticks, "a tick", SOON)
    stopping.set()
    await scheduling
    await broker.shutdown()


@pytest.mark.anyio
async def test_a_listener_ends_at_whatever_moment_it_is_told_to(redis: Redis) -> None:
    """Also in the middle of taking a hint: one that goes on reading keeps its process alive."""
    telling = redis_broker(redis.url)
    waker, ear = TaskiqWaker(telling), Ear()

    for moment in range(40):
        broker = ear.listen_on(redis_broker(redis.url))
        async with listening(broker):
            await heard(redis, ear, f"awake {moment}")
            hint = asyncio.create_task(waker.wake(Work(WorkKind.EVENT, "one more")))
            await anyio.sleep(moment * 0.00015)
        await hint
        await broker.shutdown()

    await telling.shutdown()
