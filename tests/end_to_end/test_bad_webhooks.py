"""Whatever arrives at the door of the webhooks: believed only if signed, kept if it is, and no right.

Nothing here pays, so nobody may get in by it; and Ann, who has paid, stays in.
"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from solynk.apps.demo.cast import Member, Stage
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON, City, Town, alerts, expelled, let_in, pay

YEARS_AGO = datetime(2011, 3, 1, tzinfo=UTC)
YEARS_AHEAD = datetime(2061, 3, 1, tzinfo=UTC)


async def paid(stage: Stage, town: Town) -> dict[str, Any]:
    """A true event of a paid invoice, as it was sent."""
    found = await town.http.get(
        f"{town.world_url}/sandbox/stripe/{stage.world.account}/objects/event"
    )
    event = next(it for it in found.json() if it["type"] == "invoice.paid")
    return {**event, "account": stage.world.account}


def forged_for(event: dict[str, Any], member: Member, **changes: object) -> bytes:
    """The same event under another id, as if it were about `member`."""
    text = json.dumps({**event, "id": f"evt_{member.name}", **changes})
    return text.encode()


async def one_in_one_out(stage: Stage) -> tuple[Member, Member]:
    ann, eve = await stage.joins_the_cast("Ann"), await stage.joins_the_cast("Eve")
    await pay(stage, ann)
    await let_in(stage, ann)
    await stage.api.quiet()
    return ann, eve


async def nothing_happened(stage: Stage, ann: Member, eve: Member) -> None:
    assert await stage.api.quiet()
    assert await stage.inside(ann)
    assert await stage.state(ann) == "granted"
    assert not await stage.world.messages(eve.person)
    assert not await expelled(stage)


async def kept_as(city: City, external_id: str) -> str:
    async def status() -> str:
        found = city.rows("select status from events where external_id = %s", external_id)
        return "" if not found or found[0][0] == "received" else str(found[0][0])

    return await eventually(status, f"{external_id} was looked at", SOON)


@pytest.mark.anyio
async def test_what_is_not_signed_for_us_is_refused_and_not_kept(city: City, shop: Stage) -> None:
    town = city.town
    ann, eve = await one_in_one_out(shop)
    body = forged_for(await paid(shop, town), eve)
    whole = town.signed(body)
    events = city.rows("select count(*) from events")

    answers = {
        "by nobody": await town.webhook(body, ""),
        "by another": await town.webhook(body, town.signed(body, secret="whsec_of_another")),
        "of another body": await town.webhook(body, town.signed(body + b" ")),
        "in part": await town.webhook(body[: len(body) // 2], whole),
        "long ago": await town.webhook(body, whole.replace("t=", "t=1", 1)),
        "without a form": await town.webhook(body, "v1=" + "0" * 64),
        "too large": await town.webhook(large := b" " * (1 << 21), town.signed(large)),
    }

    codes = {name: answer.status_code for name, answer in answers.items()}
    assert codes == dict.fromkeys(answers, 400) | {"too large": 413}
    assert city.rows("select count(*) from events") == events
    await nothing_happened(shop, ann, eve)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "body", [b"", b"not json", b"[]", b"null", b'{"id": "evt_1"', b"\xff\xfe{}", b"[" * 20_000]
)
async def test_what_is_signed_and_no_event_is_kept_as_a_dead_letter(
    city: City, shop: Stage, body: bytes
) -> None:
    answer = await city.town.webhook(body, city.town.signed(body))

    assert answer.status_code == 200
    kept = city.rows("select status from events where kind = 'malformed' and body = %s", body)
    assert kept == [("dead",)]
    assert await shop.api.quiet()


@pytest.mark.anyio
async def test_an_event_of_the_other_mode_is_set_aside(city: City, shop: Stage) -> None:
    ann, eve = await one_in_one_out(shop)
    body = forged_for(await paid(shop, city.town), eve, livemode=True, id="evt_livemode")

    answer = await city.town.webhook(body, city.town.signed(body))

    assert answer.status_code == 200
    assert await kept_as(city, "evt_livemode") == "ignored"
    await nothing_happened(shop, ann, eve)


@pytest.mark.anyio
async def test_an_event_of_an_unknown_account_waits_for_its_owner(city: City, shop: Stage) -> None:
    ann, eve = await one_in_one_out(shop)
    event = await paid(shop, city.town)
    body = forged_for(event, eve, account="acct_nobody", id="evt_unowned")

    answer = await city.town.webhook(body, city.town.signed(body))

    assert answer.status_code == 200
    assert await kept_as(city, "evt_unowned") == "unowned"
    await nothing_happened(shop, ann, eve)


@pytest.mark.anyio
async def test_an_event_of_an_unknown_kind_is_kept_and_means_nothing(
    city: City, shop: Stage
) -> None:
    ann, eve = await one_in_one_out(shop)
    event = await paid(shop, city.town)
    body = forged_for(event, eve, type="galaxy.collapsed", id="evt_galaxy")

    answer = await city.town.webhook(body, city.town.signed(body))

    assert answer.status_code == 200
    assert await kept_as(city, "evt_galaxy") == "ignored"
    await nothing_happened(shop, ann, eve)


@pytest.mark.anyio
@pytest.mark.parametrize("when", [YEARS_AGO, YEARS_AHEAD], ids=["past", "future"])
async def test_an_event_from_another_time_changes_nothing(
    city: City, shop: Stage, when: datetime
) -> None:
    ann, eve = await one_in_one_out(shop)
    event = await paid(shop, city.town)
    body = forged_for(event, eve, created=int(when.timestamp()), id=f"evt_{when.year}")

    answer = await city.town.webhook(body, city.town.signed(body))

    assert answer.status_code == 200
    assert await kept_as(city, f"evt_{when.year}") != "dead"
    await nothing_happened(shop, ann, eve)


@pytest.mark.anyio
async def test_metadata_that_names_another_shops_customer_opens_no_door(
    city: City, shop: Stage
) -> None:
    """The thief's account is real and so is the money; only the names in it are somebody else's."""
    town = city.town
    ann, eve = await one_in_one_out(shop)
    theirs = await town.open_shop()
    thief = await theirs.joins_the_cast("Thief")
    await pay(theirs, thief)
    await let_in(theirs, thief)
    event = json.dumps(await paid(theirs, town))
    mine, stolen = str(theirs.api.organization), str(shop.api.organization)
    named = json.loads(event.replace(mine, stolen).replace(thief.customer, eve.customer))
    body = json.dumps({**named, "id": "evt_foreign"}).encode()

    answer = await town.webhook(body, town.signed(body))

    assert answer.status_code == 200
    assert await kept_as(city, "evt_foreign") == "ignored"
    await nothing_happened(shop, ann, eve)
    assert await theirs.inside(thief)
    assert await alerts(theirs) == {"foreign_metadata"}
    assert await alerts(shop) == set()
