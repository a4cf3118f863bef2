"""A creator's account in a sandbox, driven by the real SDK; builders for tests."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast

import httpx
import pytest
from stripe import ListObject, RequestOptions, StripeClient, Subscription, WebhookSignature
from stripe.checkout import Session
from stripe.params.checkout import SessionCreateParams

from solynk.apps.sandbox import World
from tests.sandbox.receiver import Received, Receiver

START = datetime(2027, 1, 15, 12, tzinfo=UTC)
SECRET = "whsec_of_the_test"
DAY = 86_400
MARKS = [
    pytest.mark.anyio,
    # the SDK hands httpx its bodies the old way
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
]
Interval = Literal["day", "month", "week", "year"]


@dataclass(frozen=True)
class Play:
    world: World
    http: httpx.AsyncClient
    stripe: StripeClient
    receiver: Receiver
    account: str

    @property
    def there(self) -> RequestOptions:
        return {"stripe_account": self.account}

    def keyed(self, key: str) -> RequestOptions:
        return {"stripe_account": self.account, "idempotency_key": key}

    async def a_price(self, *, amount: int = 500, interval: Interval | None = "month") -> str:
        product = await self.stripe.v1.products.create_async({"name": "Club"}, self.there)
        if interval is None:
            price = await self.stripe.v1.prices.create_async(
                {"product": product.id, "currency": "eur", "unit_amount": amount}, self.there
            )
        else:
            price = await self.stripe.v1.prices.create_async(
                {
                    "product": product.id,
                    "currency": "eur",
                    "unit_amount": amount,
                    "recurring": {"interval": interval},
                },
                self.there,
            )
        return price.id

    async def a_session(
        self,
        *,
        price: str = "",
        mode: Literal["payment", "subscription"] = "subscription",
        **more: object,
    ) -> Session:
        interval: Interval | None = "month" if mode == "subscription" else None
        params = {
            "mode": mode,
            "line_items": [
                {"price": price or await self.a_price(interval=interval), "quantity": 1}
            ],
            "success_url": "https://club.example/thanks?s={CHECKOUT_SESSION_ID}",
            **more,  # any parameter that a test is about
        }
        return await self.stripe.v1.checkout.sessions.create_async(
            cast("SessionCreateParams", params), self.there
        )

    async def pay(self, session: str, way: str = "pay", **more: object) -> dict[str, Any]:
        return await self.do(f"/sandbox/stripe/sessions/{session}/pay", way=way, **more)

    async def a_subscription(
        self,
        *,
        way: str = "pay",
        price: str = "",
        **more: Any,  # noqa: ANN401 - parameters of the session
    ) -> Subscription:
        session = await self.a_session(price=price, **more)
        paid = await self.pay(session.id, way)
        return await self.subscription(paid["subscription"])

    async def subscription(self, id_: str) -> Subscription:
        return await self.stripe.v1.subscriptions.retrieve_async(
            id_, {"expand": ["latest_invoice.payments"]}, self.there
        )

    async def a_charge(self) -> str:
        """The charge of a fresh subscription's first invoice."""
        await self.a_subscription()
        charges = await self.stripe.v1.charges.list_async({}, self.there)
        return charges.data[0].id

    async def advance(self, **span: float) -> list[str]:
        """Names of what fired, without the account."""
        seconds = timedelta(**span).total_seconds()
        done = await self.do("/sandbox/clock/advance", seconds=seconds, settle=True)
        return [one["what"].partition(" (")[0] for one in done["fired"]]

    async def act(self, what: str, id_: str, **more: object) -> dict[str, Any]:
        return await self.do(f"/sandbox/stripe/{self.account}/act/{what}/{id_}", **more)

    async def behave(self, id_: str, mode: str = "pay", **more: object) -> None:
        await self.do(f"/sandbox/stripe/{self.account}/behaviour", id=id_, mode=mode, **more)

    async def fault(self, kind: str, **more: object) -> None:
        await self.do("/sandbox/faults", kind=kind, **more)

    async def raw(self, method: str, path: str, **params: object) -> None:
        """A request that the SDK's typed calls can not make."""
        await self.stripe.raw_request_async(  # pyright: ignore[reportUnknownMemberType] - the SDK leaves **params untyped
            method, path, stripe_account=self.account, **params
        )

    async def settle(self) -> None:
        await self.do("/sandbox/settle")

    async def do(self, path: str, /, **data: object) -> dict[str, Any]:
        answer = await self.http.post(path, json=data)
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said

    async def since(self, count: int) -> list[str]:
        """The kinds of all events but the first `count`, oldest first."""
        await self.settle()
        return [one["type"] for one in await self.events()][count:]

    async def events(self) -> list[dict[str, Any]]:
        answer = await self.http.get(f"/sandbox/stripe/{self.account}/objects/event")
        events: list[dict[str, Any]] = answer.json()
        return events


def ids(page: ListObject[Any]) -> list[str]:
    return [one.id for one in page.data]


def instant(at: datetime) -> int:
    return int(at.timestamp())


def verify(received: Received, secret: str) -> None:
    """Raises SignatureVerificationError, as the SDK does for a real delivery."""
    WebhookSignature.verify_header(  # pyright: ignore[reportUnknownMemberType] - the SDK leaves one parameter untyped
        received.body.decode(), received.headers["stripe-signature"], secret, 300
    )
