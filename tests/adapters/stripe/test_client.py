import importlib
import sys
from datetime import timedelta

import httpx
import pytest
import stripe

from solynk.adapters.stripe.client import connect, our_errors
from solynk.ports.errors import Disconnected, NeedsHuman, NotFound, PortError, Refused, Unavailable

PRIVATE = "No such customer: ann@example.com, key sk_live_abc"


def invalid(status: int, code: str | None = None) -> stripe.StripeError:
    return stripe.InvalidRequestError(PRIVATE, "email", http_status=status, code=code)  # type: ignore[no-untyped-call]  # untyped


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (stripe.APIConnectionError(PRIVATE), Unavailable),  # type: ignore[no-untyped-call]  # untyped
        (stripe.RateLimitError(PRIVATE, http_status=429), Unavailable),
        (stripe.APIError(PRIVATE, http_status=500), Unavailable),
        (stripe.APIError(PRIVATE, http_status=409, code="lock_timeout"), Unavailable),
        (stripe.StripeError(PRIVATE), Unavailable),
        (stripe.AuthenticationError(PRIVATE, http_status=401), NeedsHuman),
        (stripe.PermissionError(PRIVATE, http_status=403, code="account_invalid"), Disconnected),
        (invalid(400, "account_invalid"), NeedsHuman),
        (invalid(400, "resource_missing"), NotFound),
        (invalid(404), NotFound),
        (invalid(400), Refused),
        (invalid(400, "payment_method_types_no_longer_supported"), Refused),
        (stripe.IdempotencyError(PRIVATE, http_status=400), Refused),
        (stripe.CardError(PRIVATE, "number", "card_declined", http_status=402), Refused),  # type: ignore[no-untyped-call]  # untyped
    ],
    ids=lambda it: it.__name__ if isinstance(it, type) else type(it).__name__,
)
def test_an_error_is_ours_and_quotes_nobody(
    theirs: stripe.StripeError, ours: type[PortError]
) -> None:
    with pytest.raises(ours) as error, our_errors():
        raise theirs

    assert type(error.value) is ours
    assert error.value.vendor == "stripe"
    assert "ann@example.com" not in str(error.value)
    assert "sk_live" not in str(error.value)


def test_the_request_is_named() -> None:
    theirs = stripe.APIError("down", http_status=503, headers={"request-id": "req_42"})

    with pytest.raises(Unavailable) as error, our_errors():
        raise theirs

    assert "req_42" in error.value.reason
    assert "503" in error.value.reason


@pytest.mark.parametrize(
    ("wish", "expected"), [("7", timedelta(seconds=7)), ("soon", None), ("", None), ("-1", None)]
)
def test_the_wish_to_wait_is_passed_on(wish: str, expected: timedelta | None) -> None:
    theirs = stripe.RateLimitError("slow", http_status=429, headers={"retry-after": wish})

    with pytest.raises(Unavailable) as error, our_errors():
        raise theirs

    assert error.value.retry_after == expected


@pytest.mark.anyio
async def test_telemetry_is_off() -> None:
    stripe.enable_telemetry = True

    async with httpx.AsyncClient() as http:
        connect("sk_test_x", http=http)

    assert not stripe.enable_telemetry


@pytest.mark.parametrize("missing", ["stripe", "httpx"])
def test_without_the_extra_the_import_names_the_command(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.delitem(sys.modules, "solynk.adapters.stripe.client")

    with pytest.raises(ModuleNotFoundError, match=r"pip install '\.\[stripe\]'"):
        importlib.import_module("solynk.adapters.stripe.client")


def test_events_are_read_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "stripe", None)
    for name in ("decode", "signature", "orders"):
        monkeypatch.delitem(sys.modules, f"solynk.adapters.stripe.{name}", raising=False)

        importlib.import_module(f"solynk.adapters.stripe.{name}")
