import time
from collections.abc import AsyncGenerator

import pytest
from taskiq import AsyncBroker

from solynk.adapters.taskiq import TaskiqWaker, redis_broker
from solynk.contract_tests.waker import WORK, WakerContract
from tests.end_to_end.outages import own_redis

NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture
async def broker(redis_url: str) -> AsyncGenerator[AsyncBroker]:
    it = redis_broker(redis_url)
    yield it
    await it.shutdown()


@pytest.fixture
async def lonely_broker() -> AsyncGenerator[AsyncBroker]:
    it = redis_broker(NOBODY)
    yield it
    await it.shutdown()


class TestTaskiqWaker(WakerContract):
    @pytest.fixture
    def waker(self, broker: AsyncBroker) -> TaskiqWaker:
        return TaskiqWaker(broker)

    @pytest.fixture
    def unreachable_waker(self, lonely_broker: AsyncBroker) -> TaskiqWaker:
        return TaskiqWaker(lonely_broker)


async def seconds_for(waker: TaskiqWaker, hints: int) -> float:
    began = time.monotonic()
    for _ in range(hints):
        await waker.wake(WORK)
    return time.monotonic() - began


@pytest.mark.anyio
async def test_without_redis_a_hint_costs_about_a_second_and_the_next_ones_nothing(
    lonely_broker: AsyncBroker,
) -> None:
    assert await seconds_for(TaskiqWaker(lonely_broker), 20) < 2


@pytest.mark.anyio
async def test_a_redis_that_hangs_costs_no_more() -> None:
    with own_redis() as redis:
        broker = redis_broker(redis.url)
        waker = TaskiqWaker(broker)
        await waker.wake(WORK)
        redis.freeze()

        seconds = await seconds_for(waker, 20)

        assert 0.9 < seconds < 2
        redis.thaw()
        await broker.shutdown()
