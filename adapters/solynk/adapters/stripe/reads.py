"""What is read of an account, page by page, and how the answers are arranged for the decoder."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from solynk.adapters.stripe.client import at, read
from solynk.adapters.stripe.shapes import ACCESS_DAYS, Event, Named, Ref, id_of, instant
from solynk.core.instants import HOUR
from solynk.ports.errors import NotFound
from solynk.ports.payments import CHECKOUT_LIFE, ObjectRef

if TYPE_CHECKING:
    from stripe import StripeClient

PAGE: Final = 100
"""The most that a list gives at once."""
PAID: Final = 5
"""How many paid invoices are read: after an upgrade or two, one is still the period's own."""
LATE: Final = HOUR
"""A payment that was begun while the page was open may end after that."""
COMPLETED: Final = ("checkout.session.completed",)
SETTLED: Final = (
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
)


class Page(Struct, frozen=True):
    data: tuple[msgspec.Raw, ...]
    has_more: bool = False


class Listed(Struct, frozen=True):
    id: str
    ended_at: int | None = None


class ListedSession(Struct, frozen=True):
    id: str
    mode: str
    metadata: dict[str, str] | None = None


class ListedReversal(Struct, frozen=True):
    charge: Ref = None
    payment_intent: Ref = None

    @property
    def ref(self) -> ObjectRef | None:
        if (charge := id_of(self.charge)) is not None:
            return ObjectRef("charge", charge)
        intent = id_of(self.payment_intent)
        return None if intent is None else ObjectRef("payment_intent", intent)


class ReadLines(Struct, frozen=True):
    has_more: bool = False


class ReadInvoice(Struct, frozen=True):
    id: str
    lines: ReadLines = ReadLines()


class ReadSubscription(Struct, frozen=True):
    latest_invoice: ReadInvoice | None = None


class ReadSession(Struct, frozen=True):
    created: int
    expires_at: int


class EndedSession(Struct, frozen=True):
    id: str
    payment_status: str


class ReadIntent(Struct, frozen=True):
    latest_charge: str | Named | None = None


class ReadCharge(Struct, frozen=True):
    payment_intent: str | Named | None = None


class ReadInvoicePayment(Struct, frozen=True):
    invoice: msgspec.Raw


async def subscription(client: "StripeClient", account: str, id_: str) -> bytes:
    found = await read(
        client,
        account,
        at("subscriptions", id_),
        expand=["latest_invoice", "items.data.price.product"],
    )
    answer = await read(
        client, account, "/v1/invoices", subscription=id_, status="paid", limit=PAID
    )
    paid = msgspec.json.decode(answer, type=Page).data
    invoices = [msgspec.json.decode(it, type=ReadInvoice) for it in paid]
    latest = msgspec.json.decode(found, type=ReadSubscription).latest_invoice
    cut = {it.id for it in (latest, *invoices) if it is not None and it.lines.has_more}
    lines = {it: await everything(client, account, f"{at('invoices', it)}/lines") for it in cut}
    return msgspec.json.encode(
        {"subscription": msgspec.Raw(found), "paid_invoices": paid, "lines": lines}
    )


async def session(client: "StripeClient", account: str, id_: str) -> bytes:
    """The session, and the events that tell how it ended: itself it does not tell when."""
    found = await read(client, account, at("checkout/sessions", id_))
    it = msgspec.json.decode(found, type=ReadSession)
    while_open = {"gte": it.created, "lte": it.expires_at + int(LATE.total_seconds())}
    told = await _told(client, account, id_, COMPLETED, while_open)
    if any(_ended(event).payment_status == "unpaid" for event in told):
        told += await _told(client, account, id_, SETTLED, {"gte": it.created})
    return msgspec.json.encode({"session": msgspec.Raw(found), "events": told})


async def customer(client: "StripeClient", account: str, id_: str) -> bytes:
    found = await _subscriptions(client, account, customer=id_)
    return msgspec.json.encode({"subscriptions": [it.id for it in found]})


async def charge(client: "StripeClient", account: str, id_: str) -> bytes:
    found = await read(client, account, at("charges", id_), expand=["payment_intent"])
    intent = id_of(msgspec.json.decode(found, type=ReadCharge).payment_intent)
    return msgspec.json.encode(
        {
            "charge": msgspec.Raw(found),
            "refunds": await everything(client, account, "/v1/refunds", charge=id_),
            "disputes": await everything(client, account, "/v1/disputes", charge=id_),
            "invoice": None if intent is None else await _invoice(client, account, intent),
        }
    )


async def charge_of(client: "StripeClient", account: str, intent: str) -> bytes:
    found = await read(client, account, at("payment_intents", intent))
    latest = id_of(msgspec.json.decode(found, type=ReadIntent).latest_charge)
    if latest is None:
        raise NotFound("stripe", "the payment intent was never charged")
    return await charge(client, account, latest)


async def subscriptions_since(
    client: "StripeClient", account: str, since: datetime
) -> list[ObjectRef]:
    """All that live, since a change leaves no date, and those that ended since then."""
    return [
        ObjectRef("subscription", it.id)
        for it in await _subscriptions(client, account)
        if it.ended_at is None or instant(it.ended_at) >= since
    ]


async def purchases_since(client: "StripeClient", account: str, since: datetime) -> list[ObjectRef]:
    """Our one-time purchases; a page may have been open for a day before it was paid."""
    opened = {"gte": int((since - CHECKOUT_LIFE).timestamp())}
    rows = await everything(
        client, account, "/v1/checkout/sessions", status="complete", created=opened
    )
    sessions = [msgspec.json.decode(it, type=ListedSession) for it in rows]
    return [
        ObjectRef("checkout.session", it.id)
        for it in sessions
        if it.mode == "payment" and ACCESS_DAYS in (it.metadata or {})
    ]


async def reversals_since(client: "StripeClient", account: str, since: datetime) -> list[ObjectRef]:
    """The charges, each once, whose money has begun to go back since then."""
    begun = {"gte": int(since.timestamp())}
    refunds = await everything(client, account, "/v1/refunds", created=begun)
    disputes = await everything(client, account, "/v1/disputes", created=begun)
    refs = [msgspec.json.decode(it, type=ListedReversal).ref for it in (*refunds, *disputes)]
    return list(dict.fromkeys(it for it in refs if it is not None))


async def everything(
    client: "StripeClient", account: str, path: str, **params: object
) -> list[msgspec.Raw]:
    """The whole list, over as many pages as it has."""
    found: list[msgspec.Raw] = []
    after: dict[str, str] = {}
    while True:
        answer = await read(client, account, path, limit=PAGE, **params, **after)
        page = msgspec.json.decode(answer, type=Page)
        found += page.data
        if not page.has_more or not page.data:
            return found
        after = {"starting_after": msgspec.json.decode(page.data[-1], type=Named).id}


async def _subscriptions(client: "StripeClient", account: str, **only: str) -> list[Listed]:
    rows = await everything(client, account, "/v1/subscriptions", status="all", **only)
    return [msgspec.json.decode(it, type=Listed) for it in rows]


async def _told(
    client: "StripeClient",
    account: str,
    session_id: str,
    types: Sequence[str],
    created: Mapping[str, int],
) -> list[msgspec.Raw]:
    rows = await everything(client, account, "/v1/events", types=list(types), created=dict(created))
    return [it for it in rows if _ended(it).id == session_id]


def _ended(event: msgspec.Raw) -> EndedSession:
    return msgspec.json.decode(event, type=Event[EndedSession]).data.object


async def _invoice(client: "StripeClient", account: str, intent: str) -> msgspec.Raw | None:
    """The invoice that the payment intent paid, of which the charge knows nothing."""
    found = await read(
        client,
        account,
        "/v1/invoice_payments",
        payment={"type": "payment_intent", "payment_intent": intent},
        expand=["data.invoice"],
        limit=1,
    )
    rows = msgspec.json.decode(found, type=Page).data
    return msgspec.json.decode(rows[0], type=ReadInvoicePayment).invoice if rows else None
