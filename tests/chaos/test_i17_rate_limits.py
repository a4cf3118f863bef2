"""I17: whoever is told to wait waits: no call of that kind is made before its time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from solynk.apps.demo.cast import Stage
from tests.chaos.arena import Arena
from tests.chaos.members import buyers
from tests.chaos.runs import Run
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON

LIMITED = "sendMessage"
DOWN = {"kind": "error_before", "vendor": "telegram", "path": LIMITED, "status": 502}
STORM = {"kind": "rate_limit", "vendor": "telegram", "path": LIMITED, "retry_after": 5, "times": 2}
ON_ITS_WAY = timedelta(seconds=1)
"""A call that was made before the refusal was read may come in after it was answered."""


def too_early(calls: Sequence[dict[str, Any]]) -> list[str]:
    """Calls that began after a refusal was answered, and before its time was over."""
    found: list[str] = []
    for refusal in (it for it in calls if it["status"] == 429):
        told = datetime.fromisoformat(refusal["at"])
        until = told + timedelta(seconds=refusal["answer"]["parameters"]["retry_after"])
        for it in calls:
            began = datetime.fromisoformat(it["at"]) - timedelta(seconds=it["took"])
            if told + ON_ITS_WAY < began < until:
                found.append(f"told at {told} to wait, called at {began}")
    return found


@pytest.mark.anyio
async def test_i17_nobody_calls_while_told_to_wait(arena: Arena, shop: Stage, run: Run) -> None:
    """After an outage everything is due at once, and the first that comes through is refused."""
    await arena.town.misbehave(DOWN)
    members = await buyers(shop, run.size(16, 300))
    await arena.a_while()
    since = len(await arena.town.ledger(path=LIMITED))
    await arena.town.misbehave(STORM, seed=run.seed)
    await arena.town.time_passes(minutes=10)

    async def all_are_told() -> bool:
        return {await shop.told(it, "Welcome") for it in members} == {1}

    await eventually(all_are_told, "all buyers are told", 4 * SOON)
    calls = (await arena.town.ledger(path=LIMITED))[since:]
    assert sum(it["status"] == 429 for it in calls) > 0
    assert too_early(calls) == []
