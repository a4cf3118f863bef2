"""Stripe as a payment provider."""

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from solynk.adapters.stripe import decode, orders, reads, signature
from solynk.adapters.stripe.client import our_errors, read
from solynk.adapters.stripe.shapes import instant
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


_ACCOUNT: Final = re.compile(r"acct_[A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True)
class StripeProvider:
    """`secrets` are those of every webhook endpoint that may still be alive."""

    client: "StripeClient"
    secrets: tuple[str, ...] = field(repr=False)
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
                return await reads.subscription(self.client, account, ref.id)
            case "checkout.session":
                return await reads.session(self.client, account, ref.id)
            case "charge":
                return await reads.charge(self.client, account, ref.id)
            case "payment_intent":
                return await reads.charge_of(self.client, account, ref.id)
            case "customer":
                return await reads.customer(self.client, account, ref.id)
            case _:
                raise NotFound("stripe", f"nothing of the kind {ref.kind} is read")

    async def reach(self, account: str) -> None:
        await read(self.client, account, "/v1/subscriptions", limit=1)

    async def list_since(self, account: str, since: datetime) -> Sequence[ObjectRef]:
        return [
            *await reads.subscriptions_since(self.client, account, since),
            *await reads.purchases_since(self.client, account, since),
            *await reads.reversals_since(self.client, account, since),
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

    def refuse_account(self, account: str) -> None:
        if not _ACCOUNT.fullmatch(account):
            raise Refused("stripe", f"write a Stripe account such as acct_1A2b3C, not {account!r}")


def _options(account: str) -> "RequestOptions":
    return {"stripe_account": account} if account else {}
