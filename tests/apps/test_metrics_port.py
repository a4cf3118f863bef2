"""A worker or a scheduler tells its numbers at a port of its own."""

import asyncio
import socket
from pathlib import Path

import httpx
import pytest

from solynk.apps.container import Container, container_of
from solynk.apps.demo.processes import free_port
from solynk.apps.lifetime import migrate, running
from solynk.apps.metrics_port import telling_numbers
from solynk.apps.settings import Settings, SettingsError

pytestmark = pytest.mark.anyio

KEY = "the-key-of-the-tests"
BEARING = {"Authorization": f"Bearer {KEY}"}


def a_container(folder: Path, port: int, **environ: str) -> Container:
    variables = {"SOLYNK_DATA_DIR": str(folder), "METRICS_PORT": str(port), **environ}
    return container_of(Settings.from_env(variables, Path("no-such-file")))


async def asked(container: Container, path: str, **headers: str) -> httpx.Response:
    port = container.settings().metrics_port
    await migrate(container)
    async with (
        running(container),
        telling_numbers(container, asyncio.Event()),
        httpx.AsyncClient(trust_env=False) as http,
    ):
        return await http.get(f"http://127.0.0.1:{port}{path}", headers=headers)


async def test_whoever_has_the_key_gets_the_numbers_of_process_and_store(tmp_path: Path) -> None:
    container = a_container(tmp_path, free_port(), SOLYNK_API_KEY=KEY)

    answer = await asked(container, "/metrics", **BEARING)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'solynk_commands_total{kind="admit",outcome="done"} 0.0' in answer.text
    assert "solynk_store_up 1" in answer.text
    assert "solynk_redis_up" not in answer.text


@pytest.mark.parametrize("sent", [{}, {"Authorization": "Bearer another"}])
async def test_nobody_else_does(tmp_path: Path, sent: dict[str, str]) -> None:
    container = a_container(tmp_path, free_port(), SOLYNK_API_KEY=KEY)

    answer = await asked(container, "/metrics", **sent)

    assert answer.status_code == 401
    assert "solynk_" not in answer.text


async def test_without_a_key_the_door_stays_closed(tmp_path: Path) -> None:
    answer = await asked(a_container(tmp_path, free_port()), "/metrics", **BEARING)

    assert answer.status_code == 401


async def test_that_the_process_lives_is_for_everyone(tmp_path: Path) -> None:
    answer = await asked(a_container(tmp_path, free_port()), "/healthz")

    assert (answer.status_code, answer.text) == (200, "ok\n")


async def test_a_redis_that_does_not_answer_is_told(tmp_path: Path) -> None:
    gone = f"redis://127.0.0.1:{free_port()}/0"
    container = a_container(tmp_path, free_port(), SOLYNK_API_KEY=KEY, REDIS_URL=gone)

    answer = await asked(container, "/metrics", **BEARING)

    assert "solynk_redis_up 0" in answer.text


async def test_a_port_that_is_taken_ends_the_process_with_the_fix(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        container = a_container(tmp_path, port)

        with pytest.raises(SettingsError, match=f"METRICS_PORT={port}: .*choose another"):
            await asked(container, "/healthz")
