"""The system under test as real processes, and all that can be done to it.

Two of them: PostgreSQL and Redis behind wires that can be cut, with the API twice, two workers and
a scheduler; and `solynk serve` alone, over SQLite.
"""

import json
import os
import random
import signal
import sqlite3
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import anyio
import httpx
import psycopg

from solynk.apps.demo.processes import free_port
from tests.chaos.wire import Wire, a_wire
from tests.end_to_end.outages import Postgres, Redis, own_postgres, own_redis
from tests.end_to_end.programs import Program, eventually
from tests.end_to_end.town import Town, a_world

ORDERS: Final = Path(__file__).parent / "dying"
SEPARATE: Final = {
    "api": "api",
    "api-2": "api",
    "worker-1": "worker",
    "worker-2": "worker",
    "scheduler": "scheduler",
}
TOGETHER: Final = {"serve": "serve"}
STARTS_WITHIN: Final = 300.0
CALM_WITHIN: Final = 300.0
ENDS_WITHIN: Final = 120.0
SELDOM: Final = 0.2
"""Seconds between two looks at the whole system: each costs it some work."""
COMPARED: Final = "reconciled: "
A_WHILE: Final = 3.0
OVER: Final = frozenset({"canceled", "incomplete_expired"})
MINUTES_AHEAD: Final = 12
"""More than any clock of a worker is ahead: for so long it holds what it has leased."""


@dataclass(slots=True)
class Arena:
    town: Town
    processes: Mapping[str, str]
    doors: Mapping[str, str]
    """Where each process that answers webhooks is reached."""
    postgres: Postgres | None = None
    redis: Redis | None = None
    wires: Mapping[str, Wire] = field(default_factory=dict[str, Wire])
    direct: str = ""
    """The database's own address, past its wire."""
    closed: int = 0
    """How many of the town's shops have no business any more."""
    odd: set[str] = field(default_factory=set[str])
    """Who runs otherwise than its operator would run it, with a wrong clock for one."""

    @property
    def worker(self) -> str:
        return "worker-1" if "worker-1" in self.processes else "serve"

    def program(self, name: str) -> Program:
        return self.town.programs[name]

    def start(self, name: str, **more: str) -> None:
        port = {"PORT": str(urlsplit(self.doors[name]).port)} if name in self.doors else {}
        path = os.pathsep.join(filter(None, [str(ORDERS), os.environ.get("PYTHONPATH")]))
        known = {"PYTHONPATH": path, "CHAOS_ORDER": str(self.order(name))}
        self.town.run(name, self.processes[name], PGAPPNAME=name, **port, **known, **more)
        self.odd = self.odd | {name} if more else self.odd - {name}

    def order(self, name: str) -> Path:
        return self.town.folder / f"{name}.order"

    def tell(
        self,
        name: str,
        then: str,
        *,
        door: str,
        number: int = 1,
        when: str = "before",
        like: str = "",
        slept: float = 0,
    ) -> None:
        """Order a process to die or to freeze at a call that it will make."""
        order: dict[str, object] = {"door": door, "like": like, "number": number, "when": when}
        words = {**order, "then": then, "slept": slept}
        self.odd |= {name} if slept else set()
        part = self.order(name).with_suffix(".part")
        part.write_text(json.dumps(words))
        self.order(name).with_suffix(".order.done").unlink(missing_ok=True)
        part.rename(self.order(name))

    def obeyed(self, name: str) -> bool:
        return self.order(name).with_suffix(".order.done").exists()

    def lives(self, name: str) -> bool:
        process = self.program(name).process
        return process is not None and process.poll() is None

    def freeze(self, name: str) -> None:
        os.kill(self.program(name).pid, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        os.kill(self.program(name).pid, signal.SIGCONT)

    def restart_the_dead(self) -> list[str]:
        """As a supervisor does it; who they were."""
        dead = [it for it in self.processes if not self.lives(it)]
        for name in dead:
            self.start(name)
        return dead

    async def answers(self, name: str) -> bool:
        return await self.town.answers(f"{self.doors[name]}/readyz")

    async def is_ready(self, seconds: float = STARTS_WITHIN) -> None:
        for name in self.doors:

            async def ready(name: str = name) -> bool:
                return await self.answers(name)

            await eventually(ready, f"{name} is ready", seconds)

    async def heal(self) -> None:
        """Nothing is broken any more: what is not well from here on is the product's own doing."""
        for wire in self.wires.values():
            wire.mend()
        if self.postgres is not None and not self.postgres.answers():
            self.postgres.start()
        if self.redis is not None and not _runs(self.redis):
            self.redis.start()
        for name in self.processes:
            self.order(name).unlink(missing_ok=True)
            if self.lives(name):
                self.thaw(name)
        await self.straighten()
        self.restart_the_dead()
        await self.town.behave()
        await self.is_ready()

    async def straighten(self) -> None:
        """Nobody's clock is wrong any more, and what a clock that was ahead has dated is past."""
        if not self.odd:
            return
        for name in self.odd:
            self.program(name).kill()
        self.leases_lapse(MINUTES_AHEAD)
        self.restart_the_dead()
        await self.is_ready()
        await self.town.time_passes(minutes=MINUTES_AHEAD)

    async def calm(self, seconds: float = CALM_WITHIN) -> None:
        """Until every event and update was acknowledged, and nothing that is due is left undone."""

        async def quiet() -> bool:
            bots = await self.town.http.get(f"{self.town.world_url}/sandbox/telegram/bots")
            if any(it["pending_updates"] for it in bots.json()):
                return False
            answer = await self.town.http.post(f"{self.town.world_url}/sandbox/settle", timeout=30)
            waiting = await self.backlog()
            return bool(answer.json()["settled"]) and not any(waiting.values())

        await eventually(quiet, "nothing is due any more", seconds, look_every=SELDOM)

    async def rest(self) -> None:
        """Calm, and nothing is to be done a moment later either, such as the read behind a read."""

        async def nothing_waits() -> bool:
            await self.calm()
            return not self.count("commands where status in ('ready', 'leased')")

        await eventually(nothing_waits, "no job is left", CALM_WITHIN, look_every=SELDOM)

    async def closes_down(self) -> None:
        """Nobody goes on paying in a shop whose test is over: months to come would be full of them."""
        for stage in self.town.shops[self.closed :]:
            for it in await stage.world.subscriptions():
                if it["status"] not in OVER:
                    await stage.world.act("cancel", it["id"])
        self.closed = len(self.town.shops)
        await self.calm()

    async def a_while(self) -> None:
        """For whatever can be done while a vendor is out of reach: calm it will not be."""
        await anyio.sleep(A_WHILE)

    async def compares(self) -> None:
        """One pass of the comparison with the vendors: the schedule begins with one."""
        name = "scheduler" if "scheduler" in self.processes else "serve"
        known = {program: it.said_so_far() for program, it in self.town.programs.items()}
        await self.end(name)
        self.start(name)
        await self.is_ready()

        async def compared() -> bool:
            programs = self.town.programs.items()
            return any(COMPARED in it.said(known.get(program, 0)) for program, it in programs)

        await eventually(compared, "the vendors were compared with", CALM_WITHIN, look_every=SELDOM)

    async def end(self, name: str) -> None:
        """Ask it to end, and wait as long as it may take to finish what it has begun."""
        os.kill(self.program(name).pid, signal.SIGTERM)
        assert await self.program(name).ended(ENDS_WITHIN) == 0

    async def backlog(self) -> dict[str, int]:
        headers = {"Authorization": f"Bearer {self.town.key}"}
        door = next(iter(self.doors.values()))
        try:
            answer = await self.town.http.get(f"{door}/v1/backlog", headers=headers)
        except httpx.HTTPError:
            return {"nobody answers": 1}
        found: dict[str, int] = answer.json() if answer.is_success else {"status": 1}
        counted = ("events", "commands", "customers")
        return {it: found[it] for it in counted} if answer.is_success else found

    def leases_lapse(self, minutes: int = 1) -> None:
        """Time goes by for the leases of whoever is no more: real time, so the test makes it."""
        if self.postgres is not None:
            ago = f"{{0}} - interval '{minutes} minutes'"
        else:
            ago = f"strftime('%Y-%m-%d %H:%M:%f', {{0}}, '-{minutes} minutes') || '000'"
        self.rows(f"update commands set lease_until = {ago.format('lease_until')}")  # noqa: S608 -- our own words
        self.rows(f"update leases set until = {ago.format('until')}")  # noqa: S608 -- the same

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Of the application's database, past every wire; none for what answers none."""
        if self.postgres is not None:
            with psycopg.connect(self.direct, autocommit=True) as connection:
                found = connection.execute(query.encode())
                return found.fetchall() if found.description else []
        path = self.town.folder / "solynk.sqlite3"
        with closing(sqlite3.connect(path, timeout=10)) as file, file:
            return file.execute(query).fetchall()

    def count(self, what: str) -> int:
        return int(self.rows(f"select count(*) from {what}")[0][0])  # noqa: S608 -- our own words


def _runs(server: Redis) -> bool:
    return server.process is not None and server.process.poll() is None


def kill_one(arena: Arena, chance: random.Random) -> str:
    name = chance.choice(sorted(arena.processes))
    arena.program(name).kill()
    return name


@asynccontextmanager
async def separate(folder: Path) -> AsyncGenerator[Arena]:
    with ExitStack() as stack:
        postgres, redis = stack.enter_context(own_postgres()), stack.enter_context(own_redis())
        wires = {
            "postgres": stack.enter_context(a_wire("127.0.0.1", urlsplit(postgres.url).port or 0)),
            "redis": stack.enter_context(a_wire("127.0.0.1", urlsplit(redis.url).port or 0)),
        }
        async with a_world(folder) as town:
            through = [
                _through(postgres.url, wires["postgres"]),
                _through(redis.url, wires["redis"]),
            ]
            await town.is_over(*through)
            doors = {"api": town.app_url, "api-2": f"http://127.0.0.1:{free_port()}"}
            arena = Arena(town, SEPARATE, doors, postgres, redis, wires, postgres.url)
            await _begun(arena)
            yield arena


@asynccontextmanager
async def together(folder: Path) -> AsyncGenerator[Arena]:
    async with a_world(folder) as town:
        arena = Arena(town, TOGETHER, {"serve": town.app_url})
        await _begun(arena)
        yield arena


async def _begun(arena: Arena) -> None:
    for name in arena.processes:
        arena.start(name)
    await arena.is_ready()


def _through(url: str, wire: Wire) -> str:
    at = urlsplit(url)
    user = f"{at.username}@" if at.username else ""
    return at._replace(netloc=f"{user}127.0.0.1:{wire.port}").geturl()
