"""I20: what fails is tried for days; then it is a dead letter, once, and a replay does it, once."""

import anyio
import pytest

from solynk.apps.demo.cast import Stage
from tests.chaos.arena import Arena
from tests.chaos.members import Eager, buyers
from tests.chaos.runs import Run
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON, alerts

DOWN = {"kind": "error_before", "vendor": "telegram", "path": "sendMessage", "status": 502}
DOWN_FOR, TRIED_FOR, STEP = 80, 70, 14
"""Hours."""
AT_ONCE = 12


@pytest.mark.anyio
async def test_i20_what_could_not_be_done_for_days_is_done_once_when_it_is_replayed(
    arena: Arena, shop: Stage, run: Run
) -> None:
    await arena.town.misbehave(DOWN)
    members = await buyers(shop, run.size(3, 100))
    await arena.a_while()
    for _ in range(TRIED_FOR // STEP):
        await arena.town.time_passes(hours=STEP)
        await arena.a_while()
    assert (await shop.api.call("GET", "/dead-letters"))["commands"] == []
    await arena.town.time_passes(hours=DOWN_FOR - TRIED_FOR)

    async def all_gave_up() -> bool:
        await arena.town.time_passes(minutes=1)
        found = await shop.api.call("GET", "/dead-letters")
        return len(found["commands"]) == len(members)

    await eventually(all_gave_up, "each message is a dead letter", 3 * SOON)
    dead = (await shop.api.call("GET", "/dead-letters"))["commands"]
    assert len({it["id"] for it in dead}) == len(members)
    assert "dead_letter" in await alerts(shop)

    await arena.town.behave()
    async with anyio.create_task_group() as impatient:
        for it in dead:
            for _ in range(AT_ONCE):
                impatient.start_soon(replayed, shop, str(it["id"]))
    await arena.calm()

    async def all_are_told() -> bool:
        return {await shop.told(it, "Welcome") for it in members} == {1}

    await eventually(all_are_told, "everybody was told once", SOON)
    await Eager(shop, members).follow()
    await arena.calm()
    assert {it.person for it in members} <= await shop.world.inside()
    assert await shop.api.call("GET", "/dead-letters") == {"events": [], "commands": []}
    again = arena.rows("select count(*) from audit where action = 'command.replayed'")
    assert int(again[0][0]) >= len(members)


async def replayed(stage: Stage, command: str) -> None:
    """By whoever is first; to the others it is no dead letter any more."""
    path = f"/dead-letters/commands/{command}/replay"
    answer = await stage.api.http.post(
        f"{stage.api.base_url}/v1/organizations/{stage.api.organization}{path}",
        json={"reason": "the outage is over"},
        headers={"Authorization": f"Bearer {stage.api.key}"},
    )
    assert answer.status_code in {202, 409}, answer.text
