import subprocess
import sys
from pathlib import Path

import pytest

from solynk.adapters.clock.sandbox import SandboxClock
from solynk.adapters.clock.system import SystemClock
from solynk.adapters.memory.store import InMemoryStore
from solynk.adapters.memory.waker import InMemoryWaker
from solynk.adapters.prometheus import PrometheusTelemetry
from solynk.adapters.sqlalchemy.store import SqlStore
from solynk.adapters.taskiq import TaskiqWaker
from solynk.apps.container import Container, container_of, put
from solynk.apps.lifetime import migrate, running
from solynk.apps.settings import Settings
from solynk.core.catalog import Platform, Provider
from solynk.ports.errors import Unavailable

pytestmark = pytest.mark.anyio


def a_container(data_dir: Path, **environ: str) -> Container:
    variables = {"SOLYNK_DATA_DIR": str(data_dir / "data"), **environ}
    return container_of(Settings.from_env(variables, Path("no-such-file")))


async def test_with_nothing_set_the_process_runs_on_a_file_alone(tmp_path: Path) -> None:
    container = a_container(tmp_path)
    await migrate(container)

    async with running(container) as wiring:
        assert isinstance(wiring.store, SqlStore)
        assert isinstance(wiring.waker, InMemoryWaker)
        assert isinstance(wiring.clock, SystemClock)
        assert isinstance(wiring.telemetry, PrometheusTelemetry)
        assert (wiring.providers, wiring.platforms) == ({}, {})
        assert not wiring.livemode
    assert (tmp_path / "data" / "solynk.sqlite3").is_file()


async def test_keys_and_tokens_bring_their_vendors(tmp_path: Path) -> None:
    container = a_container(
        tmp_path,
        STRIPE_SECRET_KEY="sk_live_abc",
        TELEGRAM_BOT_TOKEN="123456:ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        REDIS_URL="redis://127.0.0.1:9/0",
    )
    put(container.store, InMemoryStore())

    async with running(container) as wiring:
        assert set(wiring.providers) == {Provider.STRIPE}
        assert set(wiring.platforms) == {Platform.TELEGRAM}
        assert isinstance(wiring.waker, TaskiqWaker)
        assert wiring.livemode


async def test_in_the_sandbox_only_business_time_is_the_sandbox_s(tmp_path: Path) -> None:
    container = a_container(tmp_path, SOLYNK_SANDBOX_URL="http://127.0.0.1:9")
    put(container.store, InMemoryStore())

    async with running(container) as wiring:
        assert isinstance(wiring.clock, SandboxClock)
        assert isinstance(wiring.wall, SystemClock)


async def test_a_database_that_is_not_migrated_stops_the_start_with_the_fix(
    tmp_path: Path,
) -> None:
    container = a_container(tmp_path)

    with pytest.raises(Unavailable, match="solynk migrate"):
        async with running(container):
            pass


async def test_a_container_can_be_opened_again_after_it_was_closed(tmp_path: Path) -> None:
    container = a_container(tmp_path)
    await migrate(container)

    async with running(container) as first:
        await first.store.ping()
    async with running(container) as second:
        await second.store.ping()

    assert first is not second


@pytest.mark.parametrize("module", ["aiogram", "stripe", "taskiq", "sqlalchemy", "litestar"])
def test_the_container_loads_no_adapter_before_it_is_asked_for(module: str) -> None:
    code = f"import sys, solynk.apps.container; sys.exit({module!r} in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], check=False)

    assert done.returncode == 0
