"""A payment provider that lives in memory: for tests, demos and the first afternoon.

It sells, renews, fails and refunds when it is told to. Every act returns the signed event that a
webhook would bring, which carries the facts as they are:

    page = await provider.open_checkout(order)
    event = await provider.pay(page)
    envelope = provider.verify(event)
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from solynk.adapters.memory.notices import (
    HEADER,
    KINDS,
    VERSION,
    Event,
    Head,
    decode_fetched,
    parsed,
)
from solynk.adapters.memory.sales import Sale, begun
from solynk.core.facts import (
    Dispute,
    DisputeStatus,
    PaymentStatus,
    ProviderStatus,
    Refund,
    RefundStatus,
)
from solynk.core.money import Money
from solynk.ports.clock import Clock
from solynk.ports.errors import Disconnected, Forged, NotFound, Refused, Unavailable
from solynk.ports.payments import (
    FETCHED,
    CheckoutPage,
    Decoded,
    Envelope,
    Facts,
    Finding,
    Ignored,
    ObjectRef,
    Order,
    RawEvent,
    Received,
)


@dataclass(slots=True)
class InMemoryProvider:
    """Ids are counted, so that a test can name them: `sub_1`, `pay_1`."""

    clock: Clock
    secret: str = "memory"  # noqa: S105 - it guards what lives in this process
    tolerance: timedelta = timedelta(minutes=5)
    down: bool = False
    """While true, every call to the provider raises Unavailable; events still come."""
    disconnected: set[str] = field(default_factory=set[str])
    """Accounts that refuse us."""
    pages: dict[str, tuple[Order, CheckoutPage]] = field(
        default_factory=dict[str, tuple[Order, CheckoutPage]]
    )
    sales: dict[str, Sale] = field(default_factory=dict[str, Sale])
    """By the reference of the checkout."""
    payments: dict[str, str] = field(default_factory=dict[str, str])
    """By the payment's id, the reference of the checkout that it came of."""
    _counts: dict[str, int] = field(default_factory=dict[str, int])

    def verify(self, raw: RawEvent) -> Envelope:
        seconds, _, signature = raw.headers.get(HEADER, "").partition(".")
        if not self.secret or not (seconds.isascii() and seconds.isdigit()):
            raise Forged("memory", "the signature is missing")
        if not hmac.compare_digest(self._digest(raw.body, seconds).encode(), signature.encode()):
            raise Forged("memory", "the signature is wrong")
        if abs(raw.received_at.timestamp() - int(seconds)) > self.tolerance.total_seconds():
            raise Forged("memory", "the signature's time is outside the tolerance")
        head = parsed(raw.body, Head)
        return Envelope(head.id, head.account, head.livemode, head.kind)

    @property
    def version(self) -> str:
        return VERSION

    def decode(self, event: Received) -> Decoded:
        if event.kind == FETCHED:
            return decode_fetched(event.body)
        if event.kind not in KINDS:
            return Ignored(f"{event.kind} concerns no access")
        return parsed(event.body, Event).content

    async def fetch(self, account: str, ref: ObjectRef) -> bytes:
        self._reach(account)
        sale = self._find(ref.id) if ref.kind == "subscription" else None
        if sale is None or sale.order.account != account:
            raise NotFound("memory", f"no {ref.kind} {ref.id} in this account")
        return msgspec.json.encode(await self._finding(sale))

    async def reach(self, account: str) -> None:
        self._reach(account)

    async def list_since(self, account: str, since: datetime) -> Sequence[ObjectRef]:
        self._reach(account)
        return [
            ObjectRef("subscription", it.subscription)
            for it in self.sales.values()
            if it.subscription and it.order.account == account and it.changed_at >= since
        ]

    async def open_checkout(self, order: Order) -> CheckoutPage:
        self._reach(order.account)
        for known, page in self.pages.values():
            if known.checkout_id == order.checkout_id:
                return page
        reference = self._next("checkout")
        url = f"https://memory.example/{reference}"
        page = CheckoutPage(reference, url, order.expires_at)
        self.pages[reference] = (order, page)
        return page

    def refuse_account(self, account: str) -> None:
        if not account:
            raise Refused("memory", "write a name; any will do")

    async def close_checkout(self, account: str, reference: str) -> None:
        self._reach(account)
        if reference not in self.sales:
            self.pages.pop(reference, None)

    async def sell(self, order: Order) -> RawEvent:
        """Open the order's checkout and pay it at once."""
        return await self.pay(await self.open_checkout(order))

    async def pay(self, page: CheckoutPage, *, by_debit: bool = False) -> RawEvent:
        """The buyer pays, or begins a free trial. A plan that renews becomes a subscription.

        A debit is on its way for now: `renew` or `fail` tells how it ended.

        Raises:
            Refused: the page is closed, expired, or paid already.
        """
        now = await self.clock.now()
        if page.reference not in self.pages or page.reference in self.sales:
            raise Refused("memory", "the page is closed")
        if now >= page.expires_at:
            raise Refused("memory", "the page has expired")
        order, _ = self.pages[page.reference]
        sale = begun(order, self._next("sub") if order.plan.interval.renews else "", now)
        self.sales[page.reference] = sale
        due = order.plan.price if sale.trial_end is None else Money(0, order.plan.price.currency)
        status = PaymentStatus.PENDING if by_debit else PaymentStatus.PAID
        return await self._bill(page.reference, status, due, closed=page.reference)

    async def expire(self, page: CheckoutPage) -> RawEvent:
        """The page's time is over, with nobody having paid."""
        order, _ = self.pages.pop(page.reference)
        content = Facts(closed_checkout=page.reference)
        return await self._event("checkout.expired", order.account, content)

    async def renew(self, subscription: str) -> RawEvent:
        """The next period is paid; or the current one, where that is unpaid."""
        return await self._renewal(subscription, PaymentStatus.PAID, ProviderStatus.ACTIVE)

    async def pend(self, subscription: str) -> RawEvent:
        """The next period is being paid by bank debit. `renew` or `fail` tells how it ended."""
        return await self._renewal(subscription, PaymentStatus.PENDING, ProviderStatus.ACTIVE)

    async def fail(self, subscription: str) -> RawEvent:
        """The charge for the next period fails; or another attempt for the unpaid one."""
        return await self._renewal(subscription, PaymentStatus.FAILED, ProviderStatus.PAST_DUE)

    async def cancel(self, subscription: str, *, at_once: bool = False) -> RawEvent:
        """The member cancels, to the end of the period or at once."""
        sale = self._sold(subscription)
        sale.changed_at = await self.clock.now()
        if at_once:
            sale.status, sale.ended_at = ProviderStatus.ENDED, sale.changed_at
        elif sale.period is not None:
            sale.cancel_at = sale.period.end
        return await self._changed(sale)

    async def keep(self, subscription: str) -> RawEvent:
        """The member takes the cancellation back before it takes effect."""
        sale = self._sold(subscription)
        sale.changed_at, sale.cancel_at = await self.clock.now(), None
        return await self._changed(sale)

    async def refund(self, payment: str, amount: Money | None = None) -> RawEvent:
        """Money goes back: by default the plan's whole price. The subscription runs on."""
        sale = self.sales[self.payments[payment]]
        given = amount or sale.order.plan.price
        fact = Refund(self._next("ref"), payment, given, RefundStatus.SUCCEEDED)
        return await self._reversed("payment.refunded", sale, fact)

    async def dispute(self, payment: str, status: DisputeStatus = DisputeStatus.OPEN) -> RawEvent:
        """The payer's bank asks, takes the money back, or gives it again."""
        sale = self.sales[self.payments[payment]]
        return await self._reversed(
            "payment.disputed", sale, Dispute(f"dis_{payment}", payment, status)
        )

    async def disconnect(self, account: str) -> RawEvent:
        """The creator cuts the connection: from here on the account refuses us."""
        self.disconnected.add(account)
        return await self._event("account.disconnected", account, Facts(disconnected=True))

    def sign(self, body: bytes, at: datetime) -> RawEvent:
        """The bytes as they would be delivered at this instant."""
        seconds = str(int(at.timestamp()))
        return RawEvent(body, {HEADER: f"{seconds}.{self._digest(body, seconds)}"}, at)

    def _digest(self, body: bytes, seconds: str) -> str:
        signed = b"%b.%b" % (seconds.encode(), body)
        return hmac.digest(self.secret.encode(), signed, sha256).hex()

    def _reach(self, account: str) -> None:
        if self.down:
            raise Unavailable("memory", "it was told to be down")
        if account in self.disconnected:
            raise Disconnected("memory", "the account has cut the connection")

    async def _renewal(
        self, subscription: str, status: PaymentStatus, becomes: ProviderStatus
    ) -> RawEvent:
        self._sold(subscription)
        reference = next(ref for ref, it in self.sales.items() if it.subscription == subscription)
        sale = self.sales[reference]
        sale.roll()
        sale.status = becomes
        return await self._bill(reference, status, sale.order.plan.price)

    async def _bill(
        self, reference: str, status: PaymentStatus, due: Money, *, closed: str | None = None
    ) -> RawEvent:
        """The payment tells itself, and the subscription wants to be read."""
        sale = self.sales[reference]
        known = sale.latest.id if sale.latest is not None else self._next("pay")
        payment = sale.bill(known, status, await self.clock.now(), due)
        self.payments[payment.id] = reference
        fetch = (ObjectRef("subscription", sale.subscription),) if sale.subscription else ()
        content = Facts((Finding(sale.subject, (payment,)),), fetch, closed)
        return await self._event(f"payment.{status}", sale.order.account, content)

    async def _changed(self, sale: Sale) -> RawEvent:
        content = Facts(
            (Finding(sale.subject, ()),), (ObjectRef("subscription", sale.subscription),)
        )
        return await self._event("subscription.changed", sale.order.account, content)

    async def _reversed(self, kind: str, sale: Sale, fact: Refund | Dispute) -> RawEvent:
        who = replace(sale.subject, payment=fact.payment)
        return await self._event(kind, sale.order.account, Facts((Finding(who, (fact,)),)))

    async def _event(self, kind: str, account: str, content: Facts) -> RawEvent:
        event = Event(self._next("evt"), kind, account, livemode=False, content=content)
        return self.sign(msgspec.json.encode(event), await self.clock.now())

    async def _finding(self, sale: Sale) -> Finding:
        facts = (sale.observed(await self.clock.now()),)
        return Finding(sale.subject, facts if sale.latest is None else (*facts, sale.latest))

    def _find(self, subscription: str) -> Sale | None:
        return next((it for it in self.sales.values() if it.subscription == subscription), None)

    def _sold(self, subscription: str) -> Sale:
        sale = self._find(subscription)
        if sale is None:
            raise NotFound("memory", f"no subscription {subscription}")
        return sale

    def _next(self, kind: str) -> str:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return f"{kind}_{self._counts[kind]}"
