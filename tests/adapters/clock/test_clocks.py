from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from solynk.adapters.clock.sandbox import SandboxClock
from solynk.adapters.clock.system import SystemClock
from solynk.contract_tests.clock import ClockContract
from solynk.ports.errors import Unavailable

Handler = Callable[[httpx.Request], httpx.Response]


def a_sandbox(answer: Handler) -> SandboxClock:
    transport = httpx.MockTransport(answer)
    return SandboxClock(httpx.AsyncClient(transport=transport, base_url="http://sandbox.test"))


def says(text: str) -> Handler:
    return lambda _: httpx.Response(200, text=text)


class TestSystemClock(ClockContract):
    @pytest.fixture
    def clock(self) -> SystemClock:
        return SystemClock()


class TestSandboxClock(ClockContract):
    @pytest.fixture
    async def clock(self) -> AsyncIterator[SandboxClock]:
        clock = a_sandbox(says('{"now": "2026-05-01T14:00:00+02:00"}'))
        yield clock
        await clock.close()


@pytest.mark.anyio
async def test_the_system_clock_tells_the_machines_time() -> None:
    before = datetime.now(UTC)  # noqa: TID251 - to compare it with

    now = await SystemClock().now()

    assert timedelta(0) <= now - before < timedelta(seconds=10)


@pytest.mark.anyio
async def test_the_sandbox_is_asked_for_the_time() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url}")
        return httpx.Response(200, text='{"now": "2026-05-01T12:00:00.5Z"}')

    now = await a_sandbox(answer).now()

    assert asked == ["GET http://sandbox.test/sandbox/clock"]
    assert now == datetime(2026, 5, 1, 12, 0, 0, 500_000, tzinfo=UTC)


def fail(_: httpx.Request) -> httpx.Response:
    return httpx.Response(503)


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "answer",
    [
        refuse,
        fail,
        says("soon"),
        says("{}"),
        says('{"now": "noon"}'),
        says('{"now": "2026-05-01T12:00:00"}'),
    ],
    ids=["refused", "503", "no json", "nothing", "no instant", "no time zone"],
)
async def test_nothing_is_guessed_where_the_sandbox_does_not_tell(answer: Handler) -> None:
    with pytest.raises(Unavailable):
        await a_sandbox(answer).now()


@pytest.mark.anyio
async def test_a_sandbox_that_is_not_there_is_unavailable() -> None:
    clock = SandboxClock.at("http://127.0.0.1:9", seconds=0.5)

    with pytest.raises(Unavailable):
        await clock.now()

    await clock.close()
