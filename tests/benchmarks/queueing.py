"""P6 and P11: how soon work begins, how fast it is done, and who waits for whom."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

from taskiq.receiver import Receiver
from taskiq_redis import RedisStreamBroker

from solynk.apps.engine import drain, new_id
from solynk.core.event import Event, EventStatus
from solynk.core.ids import EventId
from solynk.ports.wake import Work, WorkKind
from tests.benchmarks.engines import Engine, an_engine
from tests.benchmarks.ground import Database, Ground
from tests.benchmarks.measuring import Contender, Figures, Outcome, Target, measured
from tests.benchmarks.scale import Scale

JOBS: Final = 200
PINGS: Final = 60
PAUSE: Final = 0.02
PATIENCE: Final = 120.0
VICTIMS: Final = 20
FLOOD: Final = 300
TARGETS: Final = (
    Target("P6", "idle: p50 until it begins, of taskiq's", "p50", "solynk", most=1.5, over="taskiq"),
    Target("P6", "idle: p99 until it begins, of taskiq's", "p99", "solynk", most=1.5, over="taskiq"),
    Target("P6", "drain of what does nothing, of taskiq's", "per second", "solynk",
           least=5, over="taskiq"),
    Target("P11", "p95 of others while one floods, of an idle system's", "p95", "flooded",
           most=2, over="alone"),
)  # fmt: skip


def queueing(ground: Ground, scale: Scale) -> Outcome:
    database, redis = ground.database(), ground.redis()
    engine = an_engine(ground, database.url, redis)
    apart = ground.database()
    quiet = an_engine(ground, apart.url)
    contenders = [
        Contender("taskiq", _taskiq(engine, redis), "its Redis stream, jobs that do nothing"),
        Contender("solynk", _solynk(ground, engine, database, redis), "events that concern nobody"),
        Contender("alone", _waits(quiet, apart, 0), f"{VICTIMS} accounts, an event each"),
        Contender(
            "flooded", _waits(quiet, apart, FLOOD), f"the same behind {FLOOD} of one account"
        ),
    ]
    return measured("queueing", "Work that waits", contenders, TARGETS, min(3, scale.rounds))


def _event(account: str, at: datetime) -> Event:
    name = f"evt_{secrets.token_hex(8)}"
    return Event(
        id=EventId(new_id(at)),
        source="stripe",
        account=account,
        livemode=False,
        external_id=name,
        kind="invoice.upcoming",
        body=b"{}",
        received_at=at,
        status=EventStatus.RECEIVED,
        correlation=name,
        due_at=at,
    )


async def _put(engine: Engine, accounts: Iterable[str]) -> None:
    at = await engine.wiring.clock.now()
    await asyncio.gather(*(engine.wiring.store.keep(_event(it, at)) for it in accounts))


def _solynk(
    ground: Ground, engine: Engine, database: Database, redis: str
) -> Callable[[], Figures]:
    def run() -> Figures:
        worker = ground.solynk("worker", DATABASE_URL=database.url, REDIS_URL=redis)
        engine.run(_put(engine, ["acct_first"]))
        _until_idle(database)
        began = datetime.now(UTC)  # noqa: TID251 -- to find this run's rows
        engine.run(_ping(engine))
        _until_idle(database)
        worker.process.terminate()
        worker.process.wait()
        waits = _waited(database, began)
        engine.run(_put(engine, [f"acct_{n}" for n in range(JOBS)]))
        before = time.process_time()
        seconds = engine.run(_timed(engine))
        cpu = 1e6 * (time.process_time() - before) / JOBS
        return {**_latency(waits), "per second": JOBS / seconds, "cpu": cpu}

    return run


def _until_idle(database: Database) -> None:
    ends = time.perf_counter() + PATIENCE
    while database.rows("select 1 from events where due_at is not null limit 1"):
        if time.perf_counter() > ends:
            raise RuntimeError("the worker does not work")
        time.sleep(0.05)


async def _timed(engine: Engine) -> float:
    began = time.perf_counter()
    await drain(engine.wiring)
    return time.perf_counter() - began


async def _ping(engine: Engine) -> None:
    """One event after another, each with its hint, while the worker has nothing else to do."""
    for _ in range(PINGS):
        event = _event("acct_ping", await engine.wiring.clock.now())
        await engine.wiring.store.keep(event)
        await engine.wiring.waker.wake(Work(WorkKind.EVENT, event.id))
        await asyncio.sleep(PAUSE)


def _waited(database: Database, since: datetime) -> list[float]:
    rows = database.rows(
        "select extract(epoch from applied_at - received_at)::float8 from events"
        " where received_at >= %s and applied_at is not null and account <> 'acct_flood'",
        (since,),
    )
    return [float(str(it)) for (it,) in rows]


def _latency(waits: Sequence[float]) -> Figures:
    if not waits:
        raise RuntimeError("nothing was done")
    order = sorted(1000 * it for it in waits)
    parts = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return {name: order[int(len(order) * part)] for name, part in parts.items()}


def _waits(engine: Engine, database: Database, flood: int) -> Callable[[], Figures]:
    def run() -> Figures:
        began = datetime.now(UTC)  # noqa: TID251 -- to find this run's rows
        engine.run(_put(engine, ["acct_flood"] * flood))
        engine.run(_put(engine, [f"acct_{n}" for n in range(VICTIMS)]))
        engine.run(drain(engine.wiring))
        return {"p95": _latency(_waited(database, began))["p95"]}

    return run


def _taskiq(engine: Engine, redis: str) -> Callable[[], Figures]:
    async def both() -> Figures:
        idle = Peer(redis)
        async with idle.listening():
            await idle.send(PINGS, PAUSE)
            await idle.done(PINGS)
        drained = Peer(redis)
        await drained.send(JOBS, 0)
        began = time.perf_counter()
        async with drained.listening():
            await drained.done(JOBS)
            seconds = time.perf_counter() - began
        return {**_latency(idle.waits), "per second": JOBS / seconds}

    return lambda: engine.run(both())


class Peer:
    """taskiq's own stream, each on a queue of its own: a listener that was left takes one more."""

    def __init__(self, redis: str) -> None:
        name = f"peer-{secrets.token_hex(4)}"
        self.waits: list[float] = []
        self.broker = RedisStreamBroker(
            redis, queue_name=name, consumer_group_name=name, consumer_id="0", socket_timeout=60
        )

        async def noop(sent: float) -> None:
            self.waits.append(time.perf_counter() - sent)

        self.task = self.broker.register_task(noop, task_name="noop")

    async def send(self, many: int, pause: float) -> None:
        for _ in range(many):
            await self.task.kiq(time.perf_counter())
            if pause:
                await asyncio.sleep(pause)

    async def done(self, many: int) -> None:
        ends = time.perf_counter() + PATIENCE
        while len(self.waits) < many:
            if time.perf_counter() > ends:
                raise RuntimeError(f"taskiq did {len(self.waits)} of {many}")
            await asyncio.sleep(0.005)

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        """Cancelled in the end: told to stop, taskiq waits for one message more."""
        await self.broker.startup()
        with ThreadPoolExecutor(max_workers=1) as threads:
            receiver = Receiver(self.broker, executor=threads, run_startup=False, max_async_tasks=8)
            task = asyncio.create_task(receiver.listen(asyncio.Event()))
            yield
            task.cancel()
            await asyncio.wait({task}, timeout=5)
