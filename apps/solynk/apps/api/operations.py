"""How the process is: for supervisors, load balancers and Prometheus."""

from collections import Counter
from http import HTTPStatus
from typing import Final

from litestar import Response, Router, get
from litestar.di import NamedDependency

from solynk.adapters.prometheus import CONTENT_TYPE
from solynk.apps.api.problems import documented, reads
from solynk.apps.api.views import Ready
from solynk.apps.container import Measures
from solynk.apps.engine import Backlog, Wiring, backlog
from solynk.apps.missing import closed, missing
from solynk.apps.settings import Settings
from solynk.ports.errors import Lost, PortError, Unavailable

ALERTS: Final = 1000


@get("/healthz", summary="The process runs")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@get(
    "/readyz",
    summary="The process can work: database, migrations and clock; and what is missing",
    responses=documented(503),
)
async def readyz(
    wiring: NamedDependency[Wiring], settings: NamedDependency[Settings]
) -> Response[Ready]:
    faults = await _faults(wiring)
    degraded = [str(it) for it in (*missing(wiring, settings), *closed(settings))]
    told = Ready(not faults, faults, degraded)
    status = HTTPStatus.SERVICE_UNAVAILABLE if faults else HTTPStatus.OK
    return Response(told, status_code=status)


async def _faults(w: Wiring) -> list[str]:
    faults: list[str] = []
    for ask in (w.store.ping, w.clock.now):
        try:
            await ask()
        except PortError as fault:
            faults.append(f"{fault}")
    return faults


@get(
    "/metrics",
    summary="Numbers for Prometheus",
    media_type=CONTENT_TYPE,
    responses=documented(401),
    tags=["operations"],
)
async def metrics(
    wiring: NamedDependency[Wiring], measures: NamedDependency[Measures]
) -> Response[bytes]:
    body = measures.exposition() + (await _gauges(wiring)).encode()
    return Response(body, media_type=CONTENT_TYPE)


async def _gauges(w: Wiring) -> str:
    """What is known from the database, so that any one process tells it for all of them."""
    try:
        waiting = await backlog(w)
        async with w.store.begin() as tx:
            alerts = Counter(it.kind.value for it in await tx.alerts.all(None, limit=ALERTS))
    except (Unavailable, Lost):
        return _gauge("solynk_store_up", {"": 0})
    return (
        _gauge("solynk_store_up", {"": 1})
        + _gauge("solynk_backlog", _by_kind(waiting))
        + _gauge("solynk_open_alerts", {f'{{kind="{it}"}}': n for it, n in alerts.items()})
    )


def _by_kind(waiting: Backlog) -> dict[str, int]:
    names = ("events", "commands", "customers")
    return {f'{{kind="{it}"}}': int(getattr(waiting, it)) for it in names}


def _gauge(name: str, values: dict[str, int]) -> str:
    lines = [f"# TYPE {name} gauge", *(f"{name}{label} {it}" for label, it in values.items())]
    return "".join(f"{it}\n" for it in lines)


@get(
    "/backlog",
    summary="How much waits to be done now",
    responses=reads(),
    tags=["operations"],
)
async def get_backlog(wiring: NamedDependency[Wiring]) -> Backlog:
    return await backlog(wiring)


health = Router("/", route_handlers=[healthz, readyz], tags=["operations"])
