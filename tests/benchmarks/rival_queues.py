"""P6 beside what one would take instead: each in an environment of its own, with jobs of nothing."""

import asyncio
import json
import secrets
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from solynk.apps.engine import drain, new_id
from solynk.core.event import Event, EventStatus
from solynk.core.ids import EventId
from tests.benchmarks.engines import Engine, an_engine
from tests.benchmarks.environments import HERE, environment
from tests.benchmarks.ground import Ground
from tests.benchmarks.measuring import Contender, Figures, Outcome, Target, measured
from tests.benchmarks.scale import Scale

JOBS: Final = 500
PINGS: Final = 50
WITHIN: Final = 300.0
TARGETS: Final = (
    Target("P6", "drain of what does nothing, of procrastinate's", "per second", "solynk",
           least=30, over="procrastinate"),
)  # fmt: skip


def rival_queues(ground: Ground, scale: Scale, home: Path) -> Outcome:
    engine = an_engine(ground, ground.database().url)
    contenders = [
        Contender("solynk", _drained(engine), f"{JOBS} events that concern nobody, in PostgreSQL"),
        Contender("procrastinate", _by_procrastinate(ground, home), "in PostgreSQL"),
        Contender("arq", _by_redis(ground, home, "arq"), "in Redis, a poll every 10 ms"),
        Contender("celery", _by_redis(ground, home, "celery"), "in Redis, one thread, acks late"),
    ]
    rounds = min(3, scale.rounds)
    return measured("rival queues", "Instead of our queue", contenders, TARGETS, rounds)


def _drained(engine: Engine) -> Callable[[], Figures]:
    async def all_of_them() -> float:
        at = await engine.wiring.clock.now()
        names = [f"evt_{secrets.token_hex(8)}" for _ in range(JOBS)]
        events = [
            Event(
                id=EventId(new_id(at)),
                source="stripe",
                account=f"acct_{name}",
                livemode=False,
                external_id=name,
                kind="invoice.upcoming",
                body=b"{}",
                received_at=at,
                status=EventStatus.RECEIVED,
                correlation=name,
                due_at=at,
            )
            for name in names
        ]
        await asyncio.gather(*(engine.wiring.store.keep(it) for it in events))
        began = time.perf_counter()
        await drain(engine.wiring)
        return time.perf_counter() - began

    return lambda: {"per second": JOBS / engine.run(all_of_them())}


def _by_procrastinate(ground: Ground, home: Path) -> Callable[[], Figures]:
    python = environment(home, "procrastinate")
    return lambda: _told(python, "procrastinate", ground.database().url)


def _by_redis(ground: Ground, home: Path, name: str) -> Callable[[], Figures]:
    python = environment(home, name)
    return lambda: _told(python, name, ground.redis())


def _told(python: Path, name: str, url: str) -> Figures:
    words = [str(python), str(HERE / f"{name}_jobs.py"), url, str(JOBS), str(PINGS)]
    done = subprocess.run(words, check=True, capture_output=True, timeout=WITHIN)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures
