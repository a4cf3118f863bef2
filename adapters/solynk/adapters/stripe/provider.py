"""Stripe as a payment provider."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from solynk.adapters.stripe import decode, orders, signature
from solynk.adapters.stripe.client import at, our_errors, read
from solynk.adapters.stripe.shapes import Named, id_of, instant
from solynk.ports.errors import NotFound, Refused
from solynk.ports.payments import (
    CheckoutPage,
    Decoded,
    Envelope,
    ObjectRef,
    Order,
    RawEvent,
    Received,
)

if TYPE_CHECKING:
    from stripe import RequestOptions, StripeClient

PAGE: Final = 100
"""The most that a list gives at once."""


class Page(Struct, frozen=True):
    data: tuple[msgspec.Raw, ...]
    has_more: bool = False


class Listed(Struct, frozen=True):
    id: str
    ended_at: int | None = None


class ListedPage(Struct, frozen=True):
    data: tuple[Listed, ...]
    has_more: bool = False


class ReadIntent(Struct, frozen=True):
    latest_charge: str | Named | None = None


class ReadCharge(Struct, frozen=True):
    payment_intent: str | Named | None = None


class ReadInvoicePayment(Struct, frozen=True):
    invoice: msgspec.Raw


@dataclass(frozen=True, slots=True)
class StripeProvider:
    """`secrets` are those of every webhook endpoint that may still be alive."""

    client: "StripeClient"
    secrets: tuple[str, ...]
    tolerance: timedelta = signature.TOLERANCE

    def verify(self, raw: RawEvent) -> Envelope:
        signature.check(raw, self.secrets, self.tolerance)
        return decode.envelope(raw.body)

    @property
    def version(self) -> str:
        return decode.VERSION

    def decode(self, event: Received) -> Decoded:
        return decode.decode(event)

    async def fetch(self, account: str, ref: ObjectRef) -> bytes:
        match ref.kind:
            case "subscription":
                return await self._subscription(account, ref.id)
            case "charge":
                return await self._charge(account, ref.id)
            case "payment_intent":
                return await self._charge_of(account, ref.id)
            case "customer":
                ids = await self._ids(account, {"customer": ref.id})
                return msgspec.json.encode({"subscriptions": [it.id for it in ids]})
            case _:
                raise NotFound("stripe", f"nothing of the kind {ref.kind} is read")

    async def list_since(self, account: str, since: datetime) -> Sequence[ObjectRef]:
        """All that live, since a change leaves no date, and those that ended since then."""
        found = await self._ids(account, {})
        return [
            ObjectRef("subscription", it.id)
            for it in found
            if it.ended_at is None or instant(it.ended_at) >= since
        ]

    async def open_checkout(self, order: Order) -> CheckoutPage:
        params = orders.session(order)
        options = _options(order.account)
        options["idempotency_key"] = orders.idempotency_key(order)
        try:
            with our_errors():
                session = await self.client.v1.checkout.sessions.create_async(params, options)
        except NotFound as error:
            raise Refused("stripe", error.reason) from error
        if session.url is None:
            raise Refused("stripe", "the checkout has no page")
        return CheckoutPage(session.id, session.url, instant(session.expires_at))

    async def close_checkout(self, account: str, reference: str) -> None:
        # Stripe refuses to expire a session that is completed or expired already.
        with contextlib.suppress(NotFound, Refused), our_errors():
            await self.client.v1.checkout.sessions.expire_async(
                reference, options=_options(account)
            )

    async def _subscription(self, account: str, id_: str) -> bytes:
        found = await read(
            self.client, account, at("subscriptions", id_), expand=["latest_invoice"]
        )
        paid = await read(
            self.client, account, "/v1/invoices", subscription=id_, status="paid", limit=1
        )
        last = msgspec.json.decode(paid, type=Page).data
        return msgspec.json.encode(
            {"subscription": msgspec.Raw(found), "last_paid_invoice": last[0] if last else None}
        )

    async def _charge_of(self, account: str, intent: str) -> bytes:
        found = await read(self.client, account, at("payment_intents", intent))
        charge = id_of(msgspec.json.decode(found, type=ReadIntent).latest_charge)
        if charge is None:
            raise NotFound("stripe", "the payment intent was never charged")
        return await self._charge(account, charge)

    async def _charge(self, account: str, id_: str) -> bytes:
        charge = await read(self.client, account, at("charges", id_), expand=["payment_intent"])
        intent = id_of(msgspec.json.decode(charge, type=ReadCharge).payment_intent)
        return msgspec.json.encode(
            {
                "charge": msgspec.Raw(charge),
                "refunds": await self._of_charge(account, "refunds", id_),
                "disputes": await self._of_charge(account, "disputes", id_),
                "invoice": None if intent is None else await self._invoice(account, intent),
            }
        )

    async def _of_charge(
        self, account: str, collection: str, charge: str
    ) -> tuple[msgspec.Raw, ...]:
        found = await read(self.client, account, f"/v1/{collection}", charge=charge, limit=PAGE)
        return msgspec.json.decode(found, type=Page).data

    async def _invoice(self, account: str, intent: str) -> msgspec.Raw | None:
        """The invoice that the payment intent paid, of which the charge knows nothing."""
        found = await read(
            self.client,
            account,
            "/v1/invoice_payments",
            payment={"type": "payment_intent", "payment_intent": intent},
            expand=["data.invoice"],
            limit=1,
        )
        rows = msgspec.json.decode(found, type=Page).data
        return msgspec.json.decode(rows[0], type=ReadInvoicePayment).invoice if rows else None

    async def _ids(self, account: str, only: dict[str, str]) -> list[Listed]:
        found: list[Listed] = []
        after: dict[str, str] = {}
        while True:
            answer = await read(
                self.client,
                account,
                "/v1/subscriptions",
                status="all",
                limit=PAGE,
                **only,
                **after,
            )
            page = msgspec.json.decode(answer, type=ListedPage)
            found += page.data
            if not page.has_more or not page.data:
                return found
            after = {"starting_after": page.data[-1].id}


def _options(account: str) -> "RequestOptions":
    return {"stripe_account": account} if account else {}
