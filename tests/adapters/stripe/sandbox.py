"""A creator's shop at the sandbox: the real SDK over HTTP, and real webhooks back."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import msgspec

from solynk.adapters.stripe.client import connect
from solynk.adapters.stripe.provider import StripeProvider
from solynk.adapters.stripe.signature import HEADER, sign
from solynk.apps.sandbox.app import RunningSandbox, start_in_process
from solynk.contract_tests.payments import Capability, an_order
from solynk.core.instants import DAY, Interval
from solynk.core.judge import standing
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy
from solynk.core.standing import Standing
from solynk.ports.payments import (
    FETCHED,
    CheckoutPage,
    Facts,
    Fetched,
    ObjectRef,
    Order,
    RawEvent,
    Received,
)

KEY: Final = "sk_test_sandbox"
SECRET: Final = "whsec_sandbox"


def real_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - webhook tolerance is about real time


@dataclass(slots=True)
class Inbox:
    """A webhook endpoint that answers 200 and keeps what came."""

    url: str = ""
    events: list[RawEvent] = field(default_factory=list[RawEvent])

    def take(self) -> list[RawEvent]:
        taken, self.events = self.events, []
        return taken

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        pairs = (line.partition(": ")[::2] for line in head.splitlines()[1:] if line)
        headers = {name.lower(): value for name, value in pairs}
        body = await reader.readexactly(int(headers["content-length"]))
        self.events.append(RawEvent(body, headers, real_now()))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def listening() -> AsyncGenerator[Inbox]:
    inbox = Inbox()
    async with await asyncio.start_server(inbox.serve, "127.0.0.1", 0) as server:
        inbox.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        yield inbox


@dataclass(slots=True)
class Shop:
    provider: StripeProvider
    sandbox: RunningSandbox
    control: httpx.AsyncClient
    inbox: Inbox
    account: str
    ledger: Ledger = field(default_factory=Ledger)
    reads: int = 0
    told: list[Facts] = field(default_factory=list[Facts])
    capabilities: frozenset[Capability] = frozenset(Capability)

    @property
    def now(self) -> datetime:
        return self.sandbox.world.clock.now()

    def signed(self, body: bytes, at: datetime) -> RawEvent:
        return RawEvent(body, {HEADER: sign(body, SECRET, at)}, at)

    def unheard_of(self) -> bytes:
        return _an_event("weather.changed", {"object": {"id": "wx_1"}})

    def hollow(self) -> bytes:
        return _an_event("invoice.paid", {"object": {}})

    async def pay(self, page: CheckoutPage, way: str = "pay", **more: object) -> Sequence[RawEvent]:
        await self._post(f"/sandbox/stripe/sessions/{page.reference}/pay", way=way, **more)
        return await self._events()

    async def refund(self, payment: str) -> Sequence[RawEvent]:
        return await self.act("refund", await self.charge_of(payment))

    async def charge_of(self, payment: str) -> str:
        """The charge behind an invoice or a payment intent, as the sandbox alone knows it."""
        intent = payment
        for it in await self.objects("invoice_payment"):
            if it["invoice"] == payment:
                intent = it["payment"]["payment_intent"]
        charges = await self.objects("charge")
        return str(next(it["id"] for it in charges if it["payment_intent"] == intent))

    async def objects(self, kind: str) -> Any:  # noqa: ANN401 - the vendor's JSON
        return (await self.control.get(f"/sandbox/stripe/{self.account}/objects/{kind}")).json()

    async def act(self, act: str, id_: str, **how: object) -> Sequence[RawEvent]:
        await self._post(f"/sandbox/stripe/{self.account}/act/{act}/{id_}", **how)
        return await self._events()

    async def behave(self, id_: str, mode: str, **more: object) -> None:
        """What the customer's means of payment does from here on."""
        await self._post(f"/sandbox/stripe/{self.account}/behaviour", id=id_, mode=mode, **more)

    async def settings(self, **settings: object) -> None:
        await self._post(f"/sandbox/stripe/{self.account}/settings", **settings)

    async def disconnect(self) -> Sequence[RawEvent]:
        await self._post(f"/sandbox/stripe/{self.account}/deauthorize")
        return await self._events()

    async def fault(self, kind: str, **more: object) -> None:
        await self._post("/sandbox/faults", kind=kind, **more)

    async def pass_time(self, by: timedelta) -> Sequence[RawEvent]:
        await self._post("/sandbox/clock/advance", seconds=by.total_seconds(), settle=True)
        return await self._events()

    async def apply(self, raws: Sequence[RawEvent]) -> None:
        """As the engine does: the events' facts, then the reads that they ask for."""
        refs: set[tuple[str, str]] = set()
        for raw in raws:
            envelope = self.provider.verify(raw)
            kind, account = envelope.kind, envelope.account
            refs |= self._join(Received(kind, raw.body, account, envelope.livemode))
        while refs:
            refs = {ref for it in sorted(refs) for ref in await self.read(ObjectRef(*it))}

    def standing(self, policy: AccessPolicy = AccessPolicy()) -> Standing:  # noqa: B008 - frozen
        return standing(self.ledger, policy, self.now)

    async def read(self, ref: ObjectRef) -> set[tuple[str, str]]:
        self.reads += 1
        answer = await self.provider.fetch(self.account, ref)
        it = Fetched(self.reads, self.now, ref.kind, ref.id, msgspec.Raw(answer))
        return self._join(Received(FETCHED, msgspec.json.encode(it), self.account, livemode=False))

    def _join(self, event: Received) -> set[tuple[str, str]]:
        decoded = self.provider.decode(event)
        if not isinstance(decoded, Facts):
            return set()
        self.told.append(decoded)
        self.ledger = self.ledger.join_all(
            fact for finding in decoded.findings for fact in finding.facts
        )
        return {(ref.kind, ref.id) for ref in decoded.fetch}

    async def _post(self, address: str, /, **body: object) -> None:
        answer = await self.control.post(address, json=body)
        assert answer.is_success, answer.text

    async def _events(self) -> list[RawEvent]:
        await self._post("/sandbox/settle")
        return self.inbox.take()


@dataclass(frozen=True, slots=True)
class Street:
    """A running sandbox, on which every test opens its own shop."""

    sandbox: RunningSandbox
    inbox: Inbox
    control: httpx.AsyncClient
    http: httpx.AsyncClient

    async def open_shop(self, account: str = "acct_creator") -> Shop:
        await self.control.post("/sandbox/reset", json={})
        self.inbox.take()
        await self.control.post("/sandbox/stripe/accounts", json={"id": account})
        endpoint = {"url": self.inbox.url, "secret": SECRET, "connect": True}
        await self.control.post("/sandbox/stripe/endpoints", json=endpoint)
        client = connect(KEY, base_url=self.sandbox.base_url, http=self.http)
        provider = StripeProvider(client, (SECRET,))
        return Shop(provider, self.sandbox, self.control, self.inbox, account)


@asynccontextmanager
async def a_street() -> AsyncGenerator[Street]:
    async with (
        start_in_process() as sandbox,
        listening() as inbox,
        httpx.AsyncClient(base_url=sandbox.base_url, timeout=30) as control,
        httpx.AsyncClient(timeout=30) as http,
    ):
        yield Street(sandbox, inbox, control, http)


def _an_event(kind: str, data: Mapping[str, object]) -> bytes:
    event = {
        "id": "evt_crafted",
        "object": "event",
        "type": kind,
        "created": 1793534400,
        "livemode": False,
        "account": "acct_creator",
        "data": data,
    }
    return json.dumps(event).encode()


def a_month(shop: Shop, *, trial_days: int = 0) -> Order:
    return an_order(expires_at=shop.now + DAY, account=shop.account, trial_days=trial_days)


def a_pass(shop: Shop) -> Order:
    return an_order(
        expires_at=shop.now + DAY,
        account=shop.account,
        interval=Interval.ONE_TIME,
        access_days=30,
    )


async def subscribed(shop: Shop, way: str = "pay", *, trial_days: int = 0) -> str:
    """The subscription of someone who went through the checkout."""
    page = await shop.provider.open_checkout(a_month(shop, trial_days=trial_days))
    await shop.apply(await shop.pay(page, way))
    (subscription,) = await shop.objects("subscription")
    return str(subscription["id"])
