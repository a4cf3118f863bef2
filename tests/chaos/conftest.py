from collections import defaultdict
from collections.abc import AsyncGenerator

import pytest

from solynk.apps.demo.cast import Stage
from tests.chaos.arena import Arena, separate, together
from tests.chaos.figures import Figures
from tests.chaos.runs import ON_POSTGRESQL, ON_SQLITE, Run, a_seed
from tests.end_to_end.showing import pytest_runtest_makereport

__all__ = ["pytest_runtest_makereport"]

SEED = pytest.StashKey[int]()
FIGURES = pytest.StashKey[dict[str, Figures]]()
SYSTEMS = {ON_POSTGRESQL: separate, ON_SQLITE: together}


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Run:
    """One seed for all tests; each of them that fails says what it was."""
    config = request.config
    chosen: int | None = config.getoption("--chaos-seed")
    seed = config.stash.setdefault(SEED, a_seed(chosen))
    request.node.add_report_section("setup", "chaos", f"repeat it with --chaos-seed={seed}")
    minutes: float | None = config.getoption("--chaos-minutes")
    return Run(seed, bool(config.getoption("--long")), minutes or 0)


@pytest.fixture
def figures(request: pytest.FixtureRequest, system: Arena) -> Figures:
    """Of one system, for the end of the report."""
    known = request.config.stash.setdefault(FIGURES, defaultdict(Figures))
    return known[ON_SQLITE if system.postgres is None else ON_POSTGRESQL]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """A long run ends with its figures, and with the seed that repeats it."""
    if not config.getoption("--long"):
        return
    terminalreporter.section(f"chaos, seed {config.stash.get(SEED, None)}")
    for name, figures in config.stash.get(FIGURES, dict[str, Figures]()).items():
        terminalreporter.write_line(name)
        for line in figures.lines():
            terminalreporter.write_line(f"  {line}")


@pytest.fixture(scope="package", params=SYSTEMS)
async def system(
    request: pytest.FixtureRequest, anyio_backend: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Arena]:
    """Both matrices, one after the other: the second is begun when the first has ended."""
    del anyio_backend
    name: str = request.param
    async with SYSTEMS[name](tmp_path_factory.mktemp(name)) as it:
        yield it


@pytest.fixture
async def arena(system: Arena) -> AsyncGenerator[Arena]:
    """Well in the beginning, and mended in the end, whatever a test has broken."""
    yield system
    await system.heal()
    await system.closes_down()


@pytest.fixture
async def shop(arena: Arena) -> Stage:
    return await arena.town.open_shop()
