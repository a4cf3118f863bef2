"""What a caller is told when something is wrong with the request, or with us."""

from typing import Final

import msgspec
import pytest
from dependency_injector import providers

from solynk.apps.api.problems import fault_of
from solynk.ports.errors import (
    Conflict,
    Lost,
    Malformed,
    NeedsHuman,
    NotFound,
    PortError,
    Refused,
    Unavailable,
)
from tests.apps.api.stage import NOBODY, Answer, Shop, Stage

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"a"', b"\xff\xfe", b'{"name": "\\ud800"}', b"[" * 20_000],
)
async def test_a_body_that_is_no_object_is_refused(stage: Stage, body: bytes) -> None:
    answer = await stage.ask("POST", "/v1/organizations", content=body)

    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"]


async def test_every_faulty_field_is_named_with_its_value_and_fix(stage: Stage, shop: Shop) -> None:
    body = {
        "name": " ",
        "price": {"minor": "990", "currency": 7, "tax": 1},
        "interval": "month",
        "colour": "red",
    }

    answer = await stage.ask("POST", f"{shop.root}/plans", body)

    assert answer.status_code == 400
    errors = {it["field"]: it for it in answer.json()["errors"]}
    assert {field: it["value"] for field, it in errors.items()} == {
        "product": "",
        "name": " ",
        "price.minor": "990",
        "price.currency": "7",
        "price.tax": "1",
        "colour": "red",
    }
    assert all(it["fix"] for it in errors.values())


async def test_a_body_of_thousands_of_faults_is_answered_shortly(stage: Stage) -> None:
    body = {f"field_{it}": it for it in range(3000)}

    answer = await stage.ask("POST", "/v1/organizations", body)

    assert answer.status_code == 400
    assert len(answer.json()["errors"]) == 50


async def test_a_body_that_is_too_large_is_refused(stage: Stage) -> None:
    answer = await stage.ask("POST", "/v1/organizations", {"name": "x" * 70_000, "slug": "a"})

    assert answer.status_code == 413
    assert answer.json()["detail"] == "the body is larger than 65536 bytes: send less at once"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "501"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"after": "first"}, "after"),
    ],
)
async def test_a_query_of_a_wrong_form_is_refused(
    stage: Stage, shop: Shop, params: dict[str, str], field: str
) -> None:
    answer = await stage.ask("GET", f"{shop.root}/customers", params=params)

    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["field"], error["value"]) == (field, params[field])


@pytest.mark.parametrize("path", ["", "/customers", "/backlog"])
@pytest.mark.parametrize("name", ["bogus", "locale", "cursor"])
async def test_a_query_parameter_that_is_not_known_is_refused(
    stage: Stage, shop: Shop, path: str, name: str
) -> None:
    place = "/v1/backlog" if path == "/backlog" else f"{shop.root}{path}"

    answer = await stage.ask("GET", place, params={name: "zzz"})

    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["field"], error["value"]) == (name, "zzz")
    assert "known here: after, limit" in error["fix"] or path != "/customers"


QUERIES: Final = [
    ("events", {"status": "foo"}, "use one of received, "),
    ("customers", {"limit": "many"}, "send a whole number, such as 990, without quotation marks"),
    ("customers", {"limit": "0"}, "use a whole number of at least 1"),
    ("alerts", {"resolved": "maybe"}, "send true or false, without quotation marks"),
]


@pytest.mark.parametrize(("path", "params", "fix"), QUERIES)
async def test_a_query_is_mended_by_the_words_that_are_told(
    stage: Stage, shop: Shop, path: str, params: dict[str, str], fix: str
) -> None:
    answer = await stage.ask("GET", f"{shop.root}/{path}", params=params)

    [error] = answer.json()["errors"]
    assert error["fix"].startswith(fix)


FIXES: Final[list[tuple[str, Answer, dict[str, str]]]] = [
    ("plans", {"interval": "monthly"}, {"interval": "use one of one_time, day, week, month"}),
    ("plans", {"interval": 7}, {"interval": "use one of one_time, day, week, month"}),
    ("plans", {"trial_days": "7"}, {"trial_days": "send a whole number, such as 990, without"}),
    ("plans", {"trial_days": -1}, {"trial_days": "use a whole number of at least 0"}),
    ("plans", {"grace_days": "x"}, {"grace_days": "send a whole number, such as 990, without"}),
    ("plans", {"name": ""}, {"name": "write at least 1 character"}),
    ("plans", {"name": None}, {"name": "write at least one character"}),
    ("plans", {"colour": 1}, {"colour": "leave it out; known here: access_days, grace_days"}),
    ("plans", {"price": 9}, {"price": "send an object, with the fields currency, minor"}),
    (
        "plans",
        {"price": {"minor": -3, "currency": "euro"}},
        {
            "price.minor": "use a whole number of at least 0",
            "price.currency": "write three upper-case letters, such as EUR",
        },
    ),
    ("products", {"status": "sold"}, {"status": "use one of draft, active, suspended, archived"}),
    ("products", {"opens": {}}, {"opens": "send a list"}),
    ("products", {"opens": [{}]}, {"opens.0.type": "add it: use one of channel, feature, quota"}),
    ("products", {"opens": [{"type": "x"}]}, {"opens.0.type": "use one of channel, feature"}),
    ("channels", {"platform": "irc"}, {"platform": "use one of telegram, discord, whatsapp"}),
]
GOOD: Final[dict[str, Answer]] = {
    "plans": {
        "product": NOBODY,
        "name": "Monthly",
        "price": {"minor": 990, "currency": "EUR"},
        "interval": "month",
    },
    "products": {"name": "Lounge"},
    "channels": {"platform": "telegram", "chat": "1"},
}


@pytest.mark.parametrize(("path", "change", "fixes"), FIXES)
async def test_each_fix_says_what_form_is_wanted(
    stage: Stage, shop: Shop, path: str, change: Answer, fixes: dict[str, str]
) -> None:
    answer = await stage.ask("POST", f"{shop.root}/{path}", {**GOOD[path], **change})

    told = {it["field"]: it["fix"] for it in answer.json()["errors"]}
    assert told.keys() == fixes.keys()
    assert [it for it, words in fixes.items() if not told[it].startswith(words)] == []
    assert "memory" not in answer.text
    assert "`" not in answer.text


async def test_a_field_that_is_missing_is_told_with_its_form(stage: Stage) -> None:
    answer = await stage.ask("POST", "/v1/organizations", {"name": "A"})

    [error] = answer.json()["errors"]
    assert error["field"] == "slug"
    assert error["fix"] == (
        "add it: use lower-case letters and digits, with single hyphens between them, "
        "such as the-lounge"
    )


async def test_faults_of_different_kinds_are_told_together(stage: Stage, shop: Shop) -> None:
    body = {"policy": {"grace": "P90D", "verify_within": "-P1D"}, "removals_stopped": None}

    answer = await stage.ask("PATCH", shop.root, body)

    assert {it["field"]: it["value"] for it in answer.json()["errors"]} == {
        "policy.grace": "P90D",
        "policy.verify_within": "-P1D",
        "removals_stopped": None,
    }


async def test_a_missing_query_parameter_is_named(stage: Stage, shop: Shop) -> None:
    answer = await stage.ask("DELETE", f"{shop.customer_path}/grants/{NOBODY}")

    assert answer.status_code == 400
    assert [it["field"] for it in answer.json()["errors"]] == ["reason"]


async def test_a_blank_reason_is_refused(stage: Stage, shop: Shop) -> None:
    path = f"{shop.customer_path}/grants/{NOBODY}"

    answer = await stage.ask("DELETE", path, params={"reason": "  "})

    assert answer.status_code == 400
    assert [it["field"] for it in answer.json()["errors"]] == ["reason"]


@pytest.mark.parametrize("name", ["nope", "%00", "1", "'; drop table", "a" * 300])
async def test_an_id_in_a_path_that_is_no_uuid_is_not_found(stage: Stage, name: str) -> None:
    for path in (f"/v1/organizations/{name}", f"/v1/organizations/{NOBODY}/products/{name}"):
        answer = await stage.ask("GET", path)

        assert answer.status_code == 404, path
        assert answer.json()["status"] == 404
        assert "an id in a path is a UUID" in answer.json()["detail"]


async def test_an_unknown_platform_in_a_path_is_refused(stage: Stage, shop: Shop) -> None:
    path = f"{shop.customer_path}/identities/carrier-pigeon"

    answer = await stage.ask("PUT", path, {"person": "7"})

    assert answer.status_code == 400


async def test_an_unknown_method_or_path_is_a_problem_too(stage: Stage) -> None:
    method = await stage.ask("PUT", "/v1/organizations")
    path = await stage.ask("GET", "/nothing-here")

    assert (method.status_code, path.status_code) == (405, 404)
    assert "GET" in method.headers["allow"]
    for answer in (method, path):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.json()["correlation"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NeedsHuman("telegram", "the bot is no admin"), 502),
        (Malformed("telegram", "no answer that we know"), 502),
        (NotFound("telegram", "no such chat"), 404),
        (Refused("telegram", "a basic group"), 422),
        (Conflict("telegram", "taken", holder="somebody"), 409),
        (Lost("database", "a deadlock"), 503),
        (Unavailable("telegram", "no answer"), 503),
    ],
)
async def test_an_error_of_a_port_has_its_status(
    stage: Stage, shop: Shop, error: PortError, status: int
) -> None:
    stage.platform.opens("another", owner="somebody-else")
    stage.platform.fails("inspect", error=error)

    answer = await stage.ask(
        "POST", f"{shop.root}/channels", {"platform": "telegram", "chat": "another"}
    )

    assert answer.status_code == status
    assert answer.json()["detail"] == error.reason
    assert answer.json()["instance"] == f"{shop.root}/channels"
    assert ("retry-after" in answer.headers) == (status == 503)
    assert "holder" not in answer.json()


async def test_a_bound_person_names_the_customer_who_has_it(stage: Stage, shop: Shop) -> None:
    await stage.bind(shop, "77")
    other = await stage.made(f"{shop.root}/customers")

    answer = await stage.ask(
        "PUT", f"{shop.root}/customers/{other['id']}/identities/telegram", {"person": "77"}
    )

    assert answer.status_code == 409
    assert answer.json()["holder"] == shop.customer


async def test_what_nobody_expected_tells_nothing_of_the_inside(
    stage: Stage, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    stage.container.wiring.override(  # pyright: ignore[reportUnknownMemberType] - untyped
        providers.Callable(lambda: 1 / 0)
    )

    answer = await stage.ask("GET", shop.root)

    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text
    assert "division" not in answer.text
    assert "ZeroDivisionError" in caplog.text


async def test_a_request_keeps_the_name_that_its_caller_gave_it(stage: Stage) -> None:
    named = await stage.ask("GET", "/healthz", headers={"X-Request-Id": "my-request-1"})
    forged = await stage.ask("GET", "/healthz", headers={"X-Request-Id": "a b<script>"})

    assert named.headers["x-request-id"] == "my-request-1"
    assert "script" not in forged.headers["x-request-id"]


class _Price(msgspec.Struct, forbid_unknown_fields=True):
    minor: int


class _Sent(msgspec.Struct):
    prices: list[_Price]


WRONG: Final[list[tuple[Answer, str, str]]] = [
    ({"prices": [{"minor": 1}, {"minor": "two"}]}, "prices.1.minor", "two"),
    ({"prices": [{"minor": 1, "colour": "red"}]}, "prices.0.colour", "red"),
    ({"prices": [{}]}, "prices.0.minor", ""),
    ({"prices": 3}, "prices", "3"),
    ({}, "prices", ""),
    ([], "", ""),
]


@pytest.mark.parametrize(("sent", "field", "value"), WRONG)
def test_a_fault_names_the_place_and_the_value(sent: Answer, field: str, value: str) -> None:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.convert(sent, type=_Sent)

    found = fault_of(str(raised.value), sent)

    assert (found.field.replace("...", "1"), found.value) == (field, value)
