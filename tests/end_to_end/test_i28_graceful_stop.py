"""I28: each process is asked to end, in turn, while webhooks and payments come in.

No connection is cut off once it was taken, what was acknowledged is kept, and what was begun is
finished or handed back, so that everybody who paid meanwhile is invited, and told so once.
"""

import pytest

from solynk.apps.demo.cast import Stage
from tests.end_to_end.load import under_load
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import PROCESSES, SOON, City, invited, pay

pytestmark = pytest.mark.anyio

BUYERS = 4


async def test_processes_that_are_restarted_in_turn_cut_nobody_off_and_lose_nothing(
    city: City, shop: Stage
) -> None:
    members = [await shop.joins_the_cast(f"Buyer-{number}") for number in range(BUYERS)]
    codes: dict[str, int] = {}
    async with under_load(city.town) as sending:
        for name, buyer in zip(PROCESSES, members, strict=True):
            await pay(shop, buyer)
            codes |= await city.stop(name)
            await city.start(name)

    for it in members:
        await invited(shop, it, 2 * SOON)

    async def quiet() -> bool:
        return await shop.api.quiet()

    await eventually(quiet, "nothing is due any more", SOON)
    assert codes == dict.fromkeys(PROCESSES, 0)
    assert set(sending.outcomes) == {"200", "refused"}, sending.outcomes
    assert sending.lost(city) == set()
    assert {await shop.told(it, "Welcome") for it in members} == {1}
    assert not city.rows("select id from commands where status = 'leased'")
