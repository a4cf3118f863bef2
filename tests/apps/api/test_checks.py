from datetime import timedelta

import pytest

from solynk.core.instants import DAY
from tests.apps.api.stage import NOBODY, Shop, Stage

pytestmark = pytest.mark.anyio


async def test_who_paid_has_access_until_their_period_ends(stage: Stage, shop: Shop) -> None:
    await stage.bind(shop, "77")
    before = await stage.read(f"{shop.customer_path}/access/{shop.channel}")
    await stage.pays(shop)
    await stage.drain()

    by_customer = await stage.read(f"{shop.customer_path}/access/{shop.channel}")
    by_person = await stage.read(f"{shop.root}/channels/{shop.channel}/persons/77/access")

    assert before["has_access"] is False
    assert by_customer["has_access"] is True
    assert by_customer["desired"] == "in"
    assert by_customer["until"] > by_customer["at"]
    assert by_customer["version"] > before["version"]
    assert by_customer["customer"] == shop.customer
    assert by_person == by_customer


async def test_nobody_is_told_of_a_right_that_has_ended_though_nothing_was_derived_since(
    stage: Stage, shop: Shop
) -> None:
    ends = await stage.clock.now() + DAY
    gift = {"reason": "a gift", "until": ends.isoformat()}
    await stage.made(f"{shop.customer_path}/grants", **gift)
    await stage.drain()
    path = f"{shop.customer_path}/access/{shop.channel}"

    stage.clock.advance(DAY - timedelta(microseconds=1))
    before = await stage.read(path)
    stage.clock.advance(timedelta(microseconds=1))
    after = await stage.read(path)

    assert (before["has_access"], before["until"]) == (True, after["at"])
    assert after["has_access"] is False


@pytest.mark.parametrize(
    "path",
    [
        f"/customers/{NOBODY}/access/{{channel}}",
        f"/customers/{{customer}}/access/{NOBODY}",
        "/channels/{channel}/persons/nobody/access",
        f"/channels/{NOBODY}/persons/77/access",
    ],
)
async def test_whoever_is_unknown_is_not_found(stage: Stage, shop: Shop, path: str) -> None:
    await stage.bind(shop, "77")

    asked = path.format(customer=shop.customer, channel=shop.channel)
    answer = await stage.ask("GET", shop.root + asked)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_person_with_a_name_that_nobody_can_have_is_refused(
    stage: Stage, shop: Shop
) -> None:
    answer = await stage.ask("GET", f"{shop.root}/channels/{shop.channel}/persons/7%007/access")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "person"
