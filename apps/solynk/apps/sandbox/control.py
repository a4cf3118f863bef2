"""The control side that both vendors share: clock, faults, ledger, reset."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, QueryParameter

from solynk.apps.sandbox.clock import Appointment
from solynk.apps.sandbox.faults import Fault
from solynk.apps.sandbox.ledger import Entry
from solynk.apps.sandbox.world import World


class ClockView(msgspec.Struct, frozen=True):
    now: datetime


class Fired(msgspec.Struct, frozen=True):
    at: datetime
    what: str


class Advanced(msgspec.Struct, frozen=True):
    now: datetime
    fired: list[Fired]
    undelivered: int


class AdvanceIn(msgspec.Struct, frozen=True):
    """Give `seconds` or `to`; with `settle` every instant's webhooks are awaited."""

    seconds: float = 0
    to: datetime | None = None
    settle: bool = False


class FaultsView(msgspec.Struct, frozen=True):
    seed: int = 0
    faults: list[Fault] = msgspec.field(default_factory=list[Fault])


class ResetIn(msgspec.Struct, frozen=True):
    """`start` sets the virtual time to begin with; none means the real one."""

    seed: int = 0
    start: datetime | None = None


class Settled(msgspec.Struct, frozen=True):
    settled: bool
    undelivered: int


def control_routes(world: World) -> list[HTTPRouteHandler]:
    return [*_clock_routes(world), *_fault_routes(world), *_record_routes(world)]


def _clock_routes(world: World) -> list[HTTPRouteHandler]:
    @get("/sandbox/clock")
    async def clock() -> ClockView:
        return ClockView(world.clock.now())

    @post("/sandbox/clock/advance", status_code=200)
    async def advance(data: JSONBody[AdvanceIn]) -> Advanced:
        to = _utc(data.to) or world.clock.now() + timedelta(seconds=data.seconds)
        done = await world.advance(to, settle=data.settle)
        return _advanced(world, done)

    @get("/sandbox/agenda")
    async def agenda() -> list[Fired]:
        return [_fired(one) for one in world.agenda.ahead()]

    return [clock, advance, agenda]


def _fault_routes(world: World) -> list[HTTPRouteHandler]:
    faults = world.faults

    @get("/sandbox/faults")
    async def read() -> FaultsView:
        return FaultsView(faults.seed, faults.switches)

    @put("/sandbox/faults")
    async def replace(data: JSONBody[FaultsView]) -> FaultsView:
        faults.reset(data.seed)
        faults.switches.extend(data.faults)
        return FaultsView(faults.seed, faults.switches)

    @post("/sandbox/faults", status_code=200)
    async def add(data: JSONBody[Fault]) -> FaultsView:
        faults.add(data)
        return FaultsView(faults.seed, faults.switches)

    @delete("/sandbox/faults")
    async def clear() -> None:
        faults.switches.clear()

    return [read, replace, add, clear]


def _record_routes(world: World) -> list[HTTPRouteHandler]:
    @get("/sandbox/ledger")
    async def ledger(
        after: Annotated[int, QueryParameter()] = 0,
        vendor: Annotated[str, QueryParameter()] = "",
        path: Annotated[str, QueryParameter()] = "",
    ) -> list[Entry]:
        return [
            entry
            for entry in world.ledger.entries[after:]
            if vendor in {"", entry.vendor} and path in {"", entry.path}
        ]

    @post("/sandbox/settle", status_code=200)
    async def settle() -> Settled:
        settled = await world.deliveries.settled()
        return Settled(settled, len(world.deliveries.waiting))

    @post("/sandbox/reset", status_code=200)
    async def reset(data: JSONBody[ResetIn]) -> dict[str, Any]:
        world.reset(seed=data.seed, start=_utc(data.start))
        await asyncio.sleep(0)
        return {"now": world.clock.now()}

    return [ledger, settle, reset]


def _advanced(world: World, done: list[Appointment]) -> Advanced:
    return Advanced(
        world.clock.now(),
        [_fired(one) for one in done],
        len(world.deliveries.waiting),
    )


def _fired(one: Appointment) -> Fired:
    return Fired(one.due, one.what)


def _utc(instant: datetime | None) -> datetime | None:
    if instant is None or instant.tzinfo is not None:
        return instant
    return instant.replace(tzinfo=UTC)
