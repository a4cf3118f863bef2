from collections.abc import AsyncGenerator, Generator

import pytest

from solynk.apps.demo.cast import Stage
from tests.chaos.arena import Arena, separate, together
from tests.chaos.runs import Run, a_seed

SHOWN = 1500
"""Characters of each log that are shown with a failure."""


@pytest.fixture(scope="session")
def run(request: pytest.FixtureRequest) -> Run:
    config = request.config
    chosen: int | None = config.getoption("--chaos-seed")
    known = config.stash.setdefault(SEED, a_seed(chosen))
    return Run(known, bool(config.getoption("--long")))


SEED = pytest.StashKey[int]()


@pytest.fixture(scope="package")
async def on_postgresql(
    anyio_backend: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Arena]:
    del anyio_backend
    async with separate(tmp_path_factory.mktemp("separate")) as it:
        yield it


@pytest.fixture(scope="package")
async def on_sqlite(
    anyio_backend: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Arena]:
    del anyio_backend
    async with together(tmp_path_factory.mktemp("together")) as it:
        yield it


@pytest.fixture(params=["on_postgresql", "on_sqlite"])
def either(request: pytest.FixtureRequest) -> Arena:
    """Both matrices, one after the other."""
    found: Arena = request.getfixturevalue(request.param)
    return found


@pytest.fixture
async def arena(either: Arena) -> AsyncGenerator[Arena]:
    """Well in the beginning, and mended in the end, whatever a test has broken."""
    yield either
    await either.heal()


@pytest.fixture
async def separately(on_postgresql: Arena) -> AsyncGenerator[Arena]:
    """For what only several processes over servers can suffer."""
    yield on_postgresql
    await on_postgresql.heal()


@pytest.fixture
async def shop(arena: Arena) -> Stage:
    return await arena.town.open_shop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the seed, and what the programs said, with a test that failed."""
    report = yield
    known: dict[str, object] = getattr(item, "funcargs", {})
    run, arena = known.get("run"), known.get("arena") or known.get("separately")
    if report.failed and isinstance(run, Run):
        report.sections.append(("chaos", f"repeat it with --chaos-seed={run.seed}"))
    if report.failed and isinstance(arena, Arena):
        programs = arena.town.programs.values()
        report.sections += [(f"log of {it.name}", it.said()[-SHOWN:]) for it in programs]
    return report
