"""No route reads or changes another organization's things, and none says that they exist."""

import json
import re
from typing import Any, Final

import pytest

from tests.apps.api.stage import NOBODY, PERSON, Answer, Shop, Stage, things_of

pytestmark = pytest.mark.anyio

ROOT: Final = "/v1/organizations/{organization}"
WHY: Final = {"reason": "a test"}
URLS: Final = {"success_url": "https://example.com/a", "cancel_url": "https://example.com/b"}

BODIES: Final[dict[tuple[str, str], dict[str, Any]]] = {
    ("PATCH", ""): {"name": "Mine"},
    ("POST", "/products"): {
        "name": "P",
        "opens": [{"type": "channel", "channel": "{channel}"}],
    },
    ("PATCH", "/products/{product}"): {"name": "Mine"},
    ("POST", "/plans"): {
        "product": "{product}",
        "name": "P",
        "price": {"minor": 1, "currency": "EUR"},
        "interval": "month",
    },
    ("PATCH", "/plans/{plan}"): {"name": "Mine"},
    ("POST", "/channels"): {"platform": "telegram", "chat": "a-chat-of-nobody"},
    ("PATCH", "/channels/{channel}"): {"removals": "stopped"},
    ("POST", "/channels/{channel}/release-brake"): WHY,
    ("POST", "/customers"): {"email": "eve@example.com"},
    ("PUT", "/customers/{customer}/identities/{platform}"): {"person": PERSON},
    ("POST", "/customers/{customer}/claim-link"): {"platform": "telegram"},
    ("POST", "/customers/{customer}/grants"): WHY,
    ("POST", "/customers/{customer}/blocks"): WHY,
    ("POST", "/checkouts"): {"customer": "{customer}", "plan": "{plan}", **URLS},
    ("POST", "/alerts/{alert}/resolve"): WHY,
    ("POST", "/dead-letters/events/{event}/replay"): WHY,
    ("POST", "/dead-letters/commands/{command}/replay"): WHY,
}

OWN: Final = {
    ("GET", ""),
    ("PATCH", ""),
    ("GET", "/products"),
    ("GET", "/plans"),
    ("POST", "/channels"),
    ("GET", "/channels"),
    ("POST", "/customers"),
    ("GET", "/customers"),
    ("GET", "/alerts"),
    ("GET", "/dead-letters"),
    ("GET", "/events"),
    ("GET", "/audit"),
}
"""Routes that name nothing but the organization."""


async def routes(stage: Stage) -> list[tuple[str, str]]:
    """(method, path below the organization) of every route that the description knows."""
    return [
        (method, path.removeprefix(ROOT))
        for method, path, _ in await stage.described()
        if path.startswith(ROOT)
    ]


def filled(it: Answer, names: dict[str, str]) -> Answer:
    """Any JSON with the names in braces filled in."""
    words = json.dumps(it)
    return json.loads(re.sub(r"{(\w+)}", lambda found: names[found[1]], words))


async def call(stage: Stage, method: str, path: str, names: dict[str, str]) -> Answer:
    body = filled(BODIES.get((method, path)), names)
    params = {"reason": "a test"} if method == "DELETE" else None
    return await stage.ask(method, filled(ROOT + path, names), body, params=params)


async def test_every_route_is_closed_to_another_organization_s_things(
    stage: Stage, shop: Shop
) -> None:
    theirs = await things_of(stage, shop)
    await stage.bind(shop, PERSON)
    mine = await stage.an_organization(slug="mine")
    names = {**theirs, "organization": mine.id}
    before = await everything(stage, shop)

    answers = {
        route: await call(stage, *route, names) for route in await routes(stage) if route not in OWN
    }

    assert len(answers) == 26
    assert {route: it.status_code for route, it in answers.items()} == dict.fromkeys(answers, 404)
    assert all("ann@example.com" not in it.text for it in answers.values())
    assert await everything(stage, shop) == before


async def everything(stage: Stage, shop: Shop) -> list[Any]:
    paths = ["", "/products", "/plans", "/channels", "/customers", "/alerts", "/events", "/audit"]
    paths += ["/dead-letters", f"/customers/{shop.customer}/timeline"]
    return [await stage.read(shop.root + path) for path in paths]


async def test_every_list_holds_the_organization_s_own_things_alone(
    stage: Stage, shop: Shop
) -> None:
    theirs = await things_of(stage, shop)
    made = await stage.made("/v1/organizations", name="empty", slug="empty")

    answers = [
        await call(stage, method, path, {**theirs, "organization": made["id"]})
        for method, path in sorted(OWN)
        if method == "GET" and path not in {"", "/audit"}
    ]

    assert len(answers) == 7
    empty: list[Answer] = [[], {"items": [], "next": None}, {"events": [], "commands": []}]
    assert all(it.json() in empty for it in answers), [it.json() for it in answers]


async def test_every_route_of_an_unknown_organization_is_not_found(
    stage: Stage, shop: Shop
) -> None:
    theirs = await things_of(stage, shop)
    names = {**theirs, "organization": NOBODY}

    statuses = {it: (await call(stage, *it, names)).status_code for it in await routes(stage)}

    assert statuses == dict.fromkeys(statuses, 404)


async def test_every_route_of_unknown_things_is_not_found(stage: Stage, shop: Shop) -> None:
    theirs = await things_of(stage, shop)
    unknown = dict.fromkeys(theirs, NOBODY) | {"platform": "telegram", "organization": shop.id}

    statuses = {
        it: (await call(stage, *it, unknown)).status_code
        for it in await routes(stage)
        if it not in OWN
    }

    assert statuses == dict.fromkeys(statuses, 404)


async def test_every_route_works_for_the_organization_itself(stage: Stage, shop: Shop) -> None:
    """Else the tests above would prove nothing: all of them could be out of order."""
    names = await things_of(stage, shop)
    stage.platform.opens("a-chat-of-nobody", owner="the-owner")
    expected = {("POST", "/channels/{channel}/release-brake"): 404}

    for method, path in await routes(stage):
        answer = await call(stage, method, path, names)

        right = expected.get((method, path), 200)
        assert answer.status_code // 100 == right // 100, (method, path, answer.text)


async def test_every_route_below_v1_asks_for_the_key(stage: Stage, shop: Shop) -> None:
    names = await things_of(stage, shop)
    guarded = [
        (method, filled(path, names))
        for method, path, _ in await stage.described()
        if path.startswith(("/v1", "/metrics"))
    ]
    wrong: list[dict[str, str]] = [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic dTpw"},
    ]

    answers = [
        await stage.http.request(method, path, headers=headers, json={})
        for method, path in guarded
        for headers in wrong
    ]

    assert len(guarded) > 30
    assert {it.status_code for it in answers} == {401}
    assert all(it.headers["www-authenticate"].startswith("Bearer") for it in answers)
    assert all(it.headers["content-type"] == "application/problem+json" for it in answers)
