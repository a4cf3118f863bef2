"""I34: a backup six hours old is restored, and one reconciliation brings it up to date.

What came after the backup is not known to it: payments, renewals, an end. Nobody who paid is taken
out, whatever the restored tables say of them.
"""

import subprocess
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from solynk.apps.demo.cast import Member, Stage
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import PROCESSES, SOON, STARTS_WITHIN, City, expelled, let_in, pay
from tests.servers.finding import find_postgres

pytestmark = pytest.mark.anyio

RESTORED = "solynk_restored"


@pytest.fixture
def postgres_programs(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Those of the server that the city runs on."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return Path(find_postgres().where)


def run(*words: object) -> None:
    subprocess.run([str(it) for it in words], check=True)


async def ends_at_once(shop: Stage, member: Member) -> None:
    [subscription] = [
        it["id"]
        for it in await shop.world.subscriptions()
        if it["metadata"]["solynk_customer"] == member.customer
    ]
    await shop.world.act("cancel", subscription)

    async def outside() -> bool:
        return not await shop.inside(member)

    await eventually(outside, f"{member.name} is out", SOON)


async def come_in(shop: Stage, *members: Member) -> None:
    for it in members:
        await pay(shop, it)
        await let_in(shop, it)


async def reconciled(city: City, shop: Stage) -> str:
    """What one pass said, once all that it found is done."""
    once = city.town.run("reconcile", "reconcile")
    assert await once.ended(STARTS_WITHIN) == 0, once.said()
    await shop.settles()
    return once.said().splitlines()[-1]


async def test_a_backup_six_hours_old_costs_no_payer_their_place(
    city: City, shop: Stage, tmp_path: Path, postgres_programs: Path
) -> None:
    town, dump = city.town, tmp_path / "solynk.dump"
    before, after, gone = [await shop.joins_the_cast(it) for it in ("Ann", "Bob", "Cleo")]
    await come_in(shop, before, gone)
    await town.time_passes(days=30, hours=20)
    await shop.settles()
    run(postgres_programs / "pg_dump", "--format=custom", f"--file={dump}", town.database_url)
    await come_in(shop, after)
    await ends_at_once(shop, gone)
    await town.time_passes(hours=6)
    await shop.settles()
    thrown_out = await expelled(shop)

    await city.stop(*PROCESSES)
    restored = urlsplit(town.database_url)._replace(path=f"/{RESTORED}").geturl()
    run(postgres_programs / "createdb", f"--maintenance-db={town.database_url}", RESTORED)
    run(postgres_programs / "pg_restore", "--exit-on-error", "--no-owner", f"--dbname={restored}", dump)  # fmt: skip
    town.database_url = restored
    assert (await town.finish("migrate"))[0] == 0
    await city.start(*PROCESSES)
    await reconciled(city, shop)
    again = await reconciled(city, shop)

    assert again.endswith(", 0 drifted")
    assert [await shop.state(it) for it in (before, after)] == ["granted", "granted"]

    await town.time_passes(days=8)
    await shop.settles()

    assert await shop.inside(before)
    assert await shop.inside(after)
    assert not await shop.inside(gone)
    assert thrown_out == {str(gone.person)}
    assert await expelled(shop) == thrown_out
    dead = await shop.api.call("GET", "/dead-letters")
    assert dead == {"events": [], "commands": []}
    await eventually(partial(town.answers, f"{town.app_url}/readyz"), "the API works on", SOON)
