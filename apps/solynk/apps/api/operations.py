"""How the process is: for supervisors, load balancers and Prometheus."""

from http import HTTPStatus

from litestar import Response, Router, get
from litestar.di import NamedDependency

from solynk.adapters.prometheus import CONTENT_TYPE
from solynk.apps.api.problems import documented, reads
from solynk.apps.api.views import Ready
from solynk.apps.container import Measures
from solynk.apps.engine import Backlog, Wiring, backlog
from solynk.apps.missing import closed, missing
from solynk.apps.numbers import exposition
from solynk.apps.settings import Settings
from solynk.ports.errors import PortError


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
    wiring: NamedDependency[Wiring],
    measures: NamedDependency[Measures],
    settings: NamedDependency[Settings],
) -> Response[bytes]:
    return Response(await exposition(wiring, measures, settings), media_type=CONTENT_TYPE)


@get(
    "/backlog",
    summary="How much waits to be done now",
    responses=reads(),
    tags=["operations"],
)
async def get_backlog(wiring: NamedDependency[Wiring]) -> Backlog:
    return await backlog(wiring)


health = Router("/", route_handlers=[healthz, readyz], tags=["operations"])
