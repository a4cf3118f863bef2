"""The SDK, handed in ready: timeouts, retries, no telemetry, and its errors in our words."""

import asyncio
from collections.abc import Awaitable, Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from solynk.ports.errors import Disconnected, NeedsHuman, NotFound, PortError, Refused, Unavailable

try:
    import httpx
    import stripe
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        "Stripe's SDK is not installed: pip install '.[stripe]' in a clone of the repository",
        name=missing.name,
    ) from missing

TIMEOUT: Final = timedelta(seconds=20)
RETRIES: Final = 2
"""The SDK's own, on connection errors, 409 and 5xx, with the same idempotency key."""

_ACCOUNT_CODES: Final = frozenset(
    {"account_closed", "account_invalid", "platform_account_required"}
)


class Transport(stripe.HTTPClient):
    """The SDK's requests over an httpx client of ours, which whoever made it can close.

    The SDK's own httpx transport hands text to `data`, which httpx warns of.
    """

    name = "httpx"

    def __init__(self, http: httpx.AsyncClient) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] - untyped
        self._http = http

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            answer = await self._http.request(method, url, headers=headers, content=post_data)
        except httpx.HTTPError as error:
            reason = type(error).__name__
            raise stripe.APIConnectionError(reason, should_retry=True) from error  # type: ignore[no-untyped-call]  # untyped
        return answer.content, answer.status_code, answer.headers

    def sleep_async(self, secs: float) -> Awaitable[None]:
        return asyncio.sleep(secs)

    async def close_async(self) -> None:
        await self._http.aclose()


def connect(
    api_key: str, *, base_url: str | None = None, http: httpx.AsyncClient | None = None
) -> stripe.StripeClient:
    """A client for this key, at Stripe or, in play, at `base_url`.

    Telemetry is the one switch that the SDK keeps for the whole process.
    """
    stripe.enable_telemetry = False
    return stripe.StripeClient(
        api_key,
        base_addresses={} if base_url is None else {"api": base_url},
        http_client=Transport(http or httpx.AsyncClient(timeout=TIMEOUT.total_seconds())),
        max_network_retries=RETRIES,
    )


@contextmanager
def our_errors() -> Generator[None]:
    """Raises our errors in place of the SDK's."""
    try:
        yield
    except stripe.StripeError as error:
        raise _translated(error) from error


async def read(client: stripe.StripeClient, account: str, path: str, **params: object) -> bytes:
    """The JSON at this path of the account, as Stripe wrote it.

    Raises: as `TruthReader.fetch`.
    """
    options = {"stripe_account": account} if account else {}
    with our_errors():
        answer: stripe.StripeResponse = await client.raw_request_async(  # pyright: ignore[reportUnknownMemberType] - untyped
            "get", path, **params, **options
        )
    return answer.body.encode()


def at(collection: str, object_id: str) -> str:
    return f"/v1/{collection}/{quote(object_id, safe='')}"


def _translated(error: stripe.StripeError) -> PortError:
    """Stripe's own message stays out: it may quote a person's address, or a part of the key."""
    match error:
        case stripe.RateLimitError():
            reason = _reason("too many requests", error)
            return Unavailable("stripe", reason, retry_after=_retry_after(error))
        case stripe.IdempotencyError():
            return Refused("stripe", _reason("the same order was sent with other content", error))
        case stripe.AuthenticationError():
            return NeedsHuman("stripe", _reason("the API key is not accepted", error))
        case stripe.PermissionError():
            reason = "the account is not connected, or has cut the connection"
            return Disconnected("stripe", _reason(reason, error))
        case stripe.InvalidRequestError():
            return _invalid(error)
        case stripe.CardError():
            return Refused("stripe", _reason("the payment was declined", error))
        case stripe.APIConnectionError():
            return Unavailable("stripe", _reason("no answer", error))
        case _:
            return Unavailable("stripe", _reason("it failed", error))


def _invalid(error: stripe.InvalidRequestError) -> PortError:
    if error.code == "resource_missing" or error.http_status == _NOT_FOUND:
        return NotFound("stripe", _reason("no such object in this account", error))
    if error.code in _ACCOUNT_CODES:
        return NeedsHuman("stripe", _reason("the account cannot do this at present", error))
    param = f" ({error.param})" if error.param else ""
    return Refused("stripe", _reason(f"the request is not acceptable{param}", error))


_NOT_FOUND: Final = 404


def _reason(sentence: str, error: stripe.StripeError) -> str:
    known = (error.code, error.http_status, error.request_id)
    return ", ".join((sentence, *(str(it) for it in known if it)))


def _retry_after(error: stripe.StripeError) -> timedelta | None:
    wish = (error.headers or {}).get("retry-after", "")
    return timedelta(seconds=int(wish)) if wish.isascii() and wish.isdigit() else None
