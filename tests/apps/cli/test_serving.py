"""`solynk serve` as a newcomer starts it: with nothing set."""

from pathlib import Path

import httpx
import pytest

from solynk.apps.demo.processes import free_port
from tests.end_to_end.programs import Program, eventually

pytestmark = pytest.mark.anyio
STARTS_WITHIN = 60.0


async def readiness(url: str) -> list[str]:
    async with httpx.AsyncClient() as http:

        async def answered() -> httpx.Response | None:
            try:
                return await http.get(url)
            except httpx.TransportError:
                return None

        answer = await eventually(answered, f"{url} answers", STARTS_WITHIN)
        found: list[str] = answer.json()["degraded"]
        return found


async def test_with_nothing_set_it_says_what_is_missing_as_its_readiness_does(
    tmp_path: Path,
) -> None:
    port = free_port()
    program = Program("serve", ["serve"], {"PORT": str(port)}, tmp_path)

    program.start()
    try:
        lacks = await readiness(f"http://127.0.0.1:{port}/readyz")
        code = await program.stop()
    finally:
        program.kill()

    said = program.said()
    assert code == 0, said
    assert [it.split("set ")[1] for it in lacks] == [
        "STRIPE_SECRET_KEY",
        "STRIPE_WEBHOOK_SECRET",
        "TELEGRAM_BOT_TOKEN",
    ]
    told = "".join(f"  {it}\n" for it in lacks)
    assert f"solynk: http://127.0.0.1:{port}; its calls are listed at /docs\n{told}next: " in said
