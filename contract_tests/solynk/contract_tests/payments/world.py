"""The counter that a payment contract is tried at: what an author supplies, and orders for it."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

import msgspec

from solynk.core.catalog import Plan
from solynk.core.facts import Payment, ProviderFact
from solynk.core.ids import OrganizationId, PlanId, ProductId
from solynk.core.instants import Interval
from solynk.core.money import Money
from solynk.ports.payments import (
    CHECKOUT_LIFE,
    FETCHED,
    CheckoutPage,
    Decoded,
    Facts,
    Fetched,
    Finding,
    ObjectRef,
    Order,
    PaymentProvider,
    RawEvent,
    Received,
)


class Capability(Enum):
    """What a provider may be able to do; the kit checks that it does, or that it does not."""

    KEEPS_SUBSCRIPTIONS = auto()
    """A plan that renews becomes a subscription there, which can be read and listed."""
    LISTS_PURCHASES = auto()
    """One-time purchases and refunds can be listed and read, so that no event is indispensable."""


class PaymentWorld(Protocol):
    """The provider's side of the counter; made anew for each test."""

    @property
    def capabilities(self) -> frozenset[Capability]: ...

    @property
    def provider(self) -> PaymentProvider: ...

    @property
    def account(self) -> str:
        """A creator's account that can take payments."""
        ...

    @property
    def now(self) -> datetime:
        """Business time at the provider."""
        ...

    def signed(self, body: bytes, at: datetime) -> RawEvent:
        """These bytes as the provider would deliver them at `at`, to a receiver of that moment."""
        ...

    def unheard_of(self) -> bytes:
        """An event of a kind that concerns no access."""
        ...

    def hollow(self) -> bytes:
        """An event of a kind that the adapter reads, without its content."""
        ...

    async def pay(self, page: CheckoutPage) -> Sequence[RawEvent]:
        """The buyer pays at once. Every event that this causes."""
        ...

    async def refund(self, payment: str) -> Sequence[RawEvent]:
        """All the money of this payment goes back. Every event that this causes."""
        ...


def an_order(
    *,
    expires_at: datetime,
    account: str,
    checkout_id: str = "chk_1",
    interval: Interval = Interval.MONTH,
    trial_days: int = 0,
    access_days: int | None = None,
    price: Money = Money(1500, "EUR"),  # noqa: B008 - a frozen value
    email: str | None = "ann@example.com",
    locale: str = "en",
) -> Order:
    plan = Plan(
        id=PlanId("pl_1"),
        organization=OrganizationId("org_1"),
        product=ProductId("pr_1"),
        name="A plan",
        price=price,
        interval=interval,
        trial_days=trial_days,
        access_days=access_days,
    )
    return Order(
        checkout_id=checkout_id,
        organization_id="org_1",
        customer_id="cu_1",
        account=account,
        plan=plan,
        product_name="Inner circle",
        email=email,
        success_url="https://example.com/welcome",
        cancel_url="https://example.com/no",
        locale=locale,
        expires_at=expires_at,
    )


def a_month(world: PaymentWorld, *, checkout_id: str = "chk_1") -> Order:
    return an_order(
        expires_at=world.now + CHECKOUT_LIFE, account=world.account, checkout_id=checkout_id
    )


def a_pass(world: PaymentWorld, *, days: int = 30) -> Order:
    return an_order(
        expires_at=world.now + CHECKOUT_LIFE,
        account=world.account,
        checkout_id="chk_pass",
        interval=Interval.ONE_TIME,
        access_days=days,
    )


def flipped(body: bytes) -> bytes:
    """One bit differs, in the middle."""
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]


async def paid(world: PaymentWorld, order: Order) -> Sequence[RawEvent]:
    """The events of an order that was paid at once."""
    return await world.pay(await world.provider.open_checkout(order))


def received(provider: PaymentProvider, raw: RawEvent) -> Received:
    """The event as the inbox would keep it."""
    envelope = provider.verify(raw)
    return Received(envelope.kind, raw.body, envelope.account, envelope.livemode)


def read(world: PaymentWorld, raw: RawEvent) -> Decoded:
    return world.provider.decode(received(world.provider, raw))


async def fetched(world: PaymentWorld, ref: ObjectRef, *, number: int = 1) -> Facts:
    """What a read of the object tells, by way of the inbox."""
    answer = await world.provider.fetch(world.account, ref)
    body = msgspec.json.encode(Fetched(number, world.now, ref.kind, ref.id, msgspec.Raw(answer)))
    decoded = world.provider.decode(Received(FETCHED, body, world.account, livemode=False))
    return decoded if isinstance(decoded, Facts) else Facts()


async def findings(world: PaymentWorld, raws: Sequence[RawEvent]) -> list[Finding]:
    """All that the events tell, and the reads that they ask for."""
    decoded = [it for raw in raws if isinstance(it := read(world, raw), Facts)]
    refs = {(ref.kind, ref.id) for it in decoded for ref in it.fetch}
    answers = [await fetched(world, ObjectRef(kind, id_)) for kind, id_ in sorted(refs)]
    return [finding for it in (*decoded, *answers) for finding in it.findings]


async def everything(world: PaymentWorld, raws: Sequence[RawEvent]) -> list[ProviderFact]:
    return [fact for it in await findings(world, raws) for fact in it.facts]


async def subscriptions_of(world: PaymentWorld, raws: Sequence[RawEvent]) -> set[str]:
    """The subscriptions that the events are about: one of them, or none where none are kept."""
    found = {it.subject.subscription for it in await findings(world, raws)} - {None}
    assert len(found) == (Capability.KEEPS_SUBSCRIPTIONS in world.capabilities)
    return {it for it in found if it is not None}


async def listed_facts(world: PaymentWorld, since: datetime) -> list[ProviderFact]:
    """All that is told by a read of each object that was listed."""
    refs = await world.provider.list_since(world.account, since)
    answers = [await fetched(world, ref) for ref in refs]
    return [fact for it in answers for finding in it.findings for fact in finding.facts]


def payments_in(facts: Sequence[ProviderFact]) -> list[Payment]:
    return [it for it in facts if isinstance(it, Payment)]


def the_payment(facts: Sequence[ProviderFact]) -> Payment:
    """The one payment that they tell of, as the last of them tells it."""
    found = {it.id: it for it in payments_in(facts)}
    assert len(found) == 1
    return next(iter(found.values()))
