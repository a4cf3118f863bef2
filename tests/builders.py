"""Values for tests: each has sensible defaults, and a test names only what it is about."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from solynk.core.access import Access, Seen, Untouched
from solynk.core.catalog import (
    Channel,
    ChannelHealth,
    Plan,
    Platform,
    Product,
    ProductStatus,
    RemovalMode,
    ToChannel,
)
from solynk.core.entitlement import Desired
from solynk.core.facts import (
    Blocked,
    Cover,
    Dispute,
    DisputeStatus,
    EndReason,
    Everywhere,
    Granted,
    GrantWithdrawn,
    Observed,
    Pause,
    Payment,
    PaymentStatus,
    ProviderStatus,
    Refund,
    RefundStatus,
    Scope,
    Unblocked,
)
from solynk.core.ids import (
    AccessId,
    ChannelId,
    ChatId,
    CustomerId,
    OrganizationId,
    PersonId,
    PlanId,
    ProductId,
    SubscriptionId,
)
from solynk.core.instants import HOUR, Interval, Period
from solynk.core.ledger import Ledger
from solynk.core.money import Money
from solynk.core.policies import AccessPolicy
from solynk.core.portfolio import Holding, Portfolio

START: Final = datetime(2026, 3, 1, tzinfo=UTC)
"""Day 0 of every history."""

POLICY: Final = AccessPolicy()
TEN_EUROS: Final = Money(1000, "EUR")


def day(days: float, later: timedelta = timedelta(0)) -> datetime:
    return START + timedelta(days=days) + later


def days(start: float, end: float) -> Period:
    return Period(day(start), day(end))


MONTH: Final = days(0, 30)


def a_payment(
    *,
    id: str = "in_1",  # noqa: A002 the field's own name
    cover: Cover = MONTH,
    amount: Money = TEN_EUROS,
    status: PaymentStatus = PaymentStatus.PAID,
    pending_since: datetime | None = None,
    failed_at: datetime | None = None,
    paid_at: datetime | None = None,
) -> Payment:
    start = cover.start if isinstance(cover, Period) else START
    if status is PaymentStatus.PAID:
        paid_at = paid_at or start
    if status is PaymentStatus.PENDING:
        pending_since = pending_since or start
    return Payment(id, cover, amount, status, pending_since, failed_at, paid_at)


def a_failure(
    *,
    id: str = "in_2",  # noqa: A002 the field's own name
    cover: Period = days(30, 60),  # noqa: B008 a frozen value
    failed_at: datetime | None = None,
) -> Payment:
    """A renewal that failed, by default an hour after its period began."""
    return a_payment(
        id=id,
        cover=cover,
        status=PaymentStatus.FAILED,
        failed_at=failed_at or cover.start + HOUR,
    )


def a_refund(
    *,
    id: str = "re_1",  # noqa: A002 the field's own name
    payment: str = "in_1",
    amount: Money = TEN_EUROS,
    status: RefundStatus = RefundStatus.SUCCEEDED,
) -> Refund:
    return Refund(id, payment, amount, status)


def a_dispute(
    *,
    id: str = "du_1",  # noqa: A002 the field's own name
    payment: str = "in_1",
    status: DisputeStatus = DisputeStatus.OPEN,
) -> Dispute:
    return Dispute(id, payment, status)


def an_observed(
    *,
    number: int = 1,
    status: ProviderStatus = ProviderStatus.ACTIVE,
    period: Period | None = MONTH,
    paid: bool = True,
    read_at: datetime = START,
    paid_by: str | None = None,
    trial_end: datetime | None = None,
    cancel_at: datetime | None = None,
    pause: Pause | None = None,
    ended_at: datetime | None = None,
    ended_reason: EndReason | None = None,
) -> Observed:
    return Observed(
        version=(0, number),
        status=status,
        period=period,
        paid=paid,
        read_at=read_at,
        paid_by=paid_by,
        trial_end=trial_end,
        cancel_at=cancel_at,
        pause=pause,
        ended_at=ended_at,
        ended_reason=ended_reason,
    )


def a_grant(
    *,
    id: str = "gr_1",  # noqa: A002 the field's own name
    scope: Scope = Everywhere(),  # noqa: B008 a frozen value
    since: datetime = START,
    until: datetime | None = None,
) -> Granted:
    return Granted(id, scope, since, until, "a gift", "ann")


def a_withdrawal(*, id: str = "gr_1", at: datetime) -> GrantWithdrawn:  # noqa: A002 the field's own name
    return GrantWithdrawn(id, at, "a mistake", "ann")


def a_block(
    *,
    id: str = "bl_1",  # noqa: A002 the field's own name
    scope: Scope = Everywhere(),  # noqa: B008 a frozen value
    since: datetime = START,
    until: datetime | None = None,
) -> Blocked:
    return Blocked(id, scope, since, until, "spam", "ann")


def an_unblock(*, id: str = "bl_1", at: datetime) -> Unblocked:  # noqa: A002 the field's own name
    return Unblocked(id, at, "forgiven", "ann")


def a_plan(
    *,
    price: Money = TEN_EUROS,
    interval: Interval = Interval.MONTH,
    trial_days: int = 0,
    access_days: int | None = None,
    grace_days: int | None = None,
) -> Plan:
    return Plan(
        id=PlanId("pl_1"),
        organization=OrganizationId("org_1"),
        product=ProductId("pr_1"),
        name="Monthly",
        price=price,
        interval=interval,
        trial_days=trial_days,
        access_days=access_days,
        grace_days=grace_days,
    )


def a_product(
    *,
    id: str = "pr_1",  # noqa: A002 the field's own name
    channels: tuple[str, ...] = ("ch_1",),
) -> Product:
    opens = tuple(ToChannel(ChannelId(it)) for it in channels)
    return Product(ProductId(id), OrganizationId("org_1"), "Club", ProductStatus.ACTIVE, opens)


def a_holding(
    *,
    subscription: str = "su_1",
    product: str = "pr_1",
    ledger: Ledger = Ledger(),  # noqa: B008 a frozen value
    policy: AccessPolicy = POLICY,
) -> Holding:
    return Holding(SubscriptionId(subscription), ProductId(product), ledger, policy)


def a_portfolio(
    *,
    holdings: tuple[Holding, ...] = (),
    people: Ledger = Ledger(),  # noqa: B008 a frozen value
    products: tuple[Product, ...] | None = None,
    policy: AccessPolicy = POLICY,
) -> Portfolio:
    known = (a_product(),) if products is None else products
    by_id: Mapping[ProductId, Product] = {it.id: it for it in known}
    return Portfolio(holdings, people, by_id, policy)


def an_access(
    *,
    desired: Desired = Desired.OUT,
    seen: Seen = Untouched(),  # noqa: B008 a frozen value
    acted_on: str | None = None,
    generation: int = 0,
) -> Access:
    return Access(
        AccessId("ac_1"),
        OrganizationId("org_1"),
        CustomerId("cu_1"),
        ChannelId("ch_1"),
        desired,
        seen,
        generation,
        None if acted_on is None else PersonId(acted_on),
    )


def a_channel(
    *,
    title: str = "VIP",
    health: ChannelHealth = ChannelHealth.READY,
    fault: str | None = None,
    removals: RemovalMode = RemovalMode.ENFORCED,
    never_remove: tuple[str, ...] = (),
) -> Channel:
    return Channel(
        ChannelId("ch_1"),
        OrganizationId("org_1"),
        Platform.TELEGRAM,
        ChatId("-1001"),
        title,
        health=health,
        fault=fault,
        removals=removals,
        never_remove=never_remove,
    )
