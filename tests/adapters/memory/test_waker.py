import anyio
import pytest

from solynk.adapters.memory.waker import InMemoryWaker
from solynk.contract_tests.waker import WakerContract
from solynk.ports.wake import Work, WorkKind

FIRST, SECOND = Work(WorkKind.EVENT, "1"), Work(WorkKind.COMMAND, "2")


class TestInMemoryWaker(WakerContract):
    @pytest.fixture
    def waker(self) -> InMemoryWaker:
        return InMemoryWaker()

    @pytest.fixture
    def unreachable_waker(self) -> InMemoryWaker:
        """Nobody waits on it."""
        return InMemoryWaker()


@pytest.mark.anyio
async def test_who_waits_is_woken_with_all_hints_at_once() -> None:
    waker = InMemoryWaker()
    woken: list[tuple[Work, ...]] = []

    async def wait() -> None:
        woken.append(await waker.wait(5))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        await waker.wake(FIRST)
        await waker.wake(SECOND)

    assert woken == [(FIRST, SECOND)]
    assert waker.hints == ()


@pytest.mark.anyio
async def test_a_hint_that_came_before_the_wait_is_not_lost() -> None:
    waker = InMemoryWaker()

    await waker.wake(FIRST)

    assert waker.hints == (FIRST,)
    assert await waker.wait(5) == (FIRST,)


@pytest.mark.anyio
async def test_without_a_hint_the_wait_ends_by_itself() -> None:
    assert await InMemoryWaker().wait(0.01) == ()
