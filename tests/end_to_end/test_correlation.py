"""One id leads through the logs from a webhook to the call that it was made for, and nobody's
name, address or secret stands beside it.
"""

import json
from collections import defaultdict
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from solynk.apps.demo.cast import Member, Stage
from tests.end_to_end.town import Town, a_world, let_in, pay

pytestmark = pytest.mark.anyio

Line = dict[str, str]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncGenerator[Town]:
    """`solynk serve`, which says all that it ever says."""
    async with a_world(tmp_path) as it:
        it.run("serve", "serve", LOG_LEVEL="DEBUG")
        await it.is_ready()
        yield it


async def a_payment(town: Town) -> tuple[Stage, Member]:
    shop = await town.open_shop()
    ann = await shop.joins_the_cast("Ann-Canary")
    await pay(shop, ann)
    await let_in(shop, ann)
    return shop, ann


def lines(town: Town) -> list[Line]:
    said = town.programs["serve"].said().splitlines()
    return [json.loads(it) for it in said if it.startswith("{")]


def by_correlation(found: list[Line]) -> dict[str, str]:
    """All that was said for the sake of one thing."""
    said: dict[str, list[str]] = defaultdict(list)
    for it in found:
        said[it.get("correlation", "")].append(it["message"])
    return {about: "\n".join(it) for about, it in said.items()}


async def test_one_id_leads_from_the_webhook_to_the_call_of_the_platform(town: Town) -> None:
    await a_payment(town)

    said = by_correlation(lines(town))

    through = [
        about
        for about, it in said.items()
        if "POST /webhooks/stripe 200" in it
        and ": applied" in it
        and ", admit: done" in it
        and "telegram admit: done" in it
    ]
    assert through, said.keys()
    assert all(it.startswith("evt_") for it in through)


async def test_no_line_holds_a_person_a_secret_or_a_body(town: Town) -> None:
    shop, ann = await a_payment(town)
    await town.webhook(b'{"canary": "of-a-body"}', town.signed(b'{"canary": "of-a-body"}'))

    said = town.programs["serve"].said()

    assert len(lines(town)) > 20
    assert len(lines(town)) == sum(it.startswith("{") for it in said.splitlines())
    canaries = {
        "name": ann.name,
        "e-mail": "@example.com",
        "person": str(ann.person),
        "chat": str(shop.world.chat),
        "link": ann.link,
        "token": town.token,
        "key": town.key,
        "secret": town.secret,
        "a body": "of-a-body",
        "an object": '"object"',
    }
    assert [what for what, it in canaries.items() if it in said] == []
