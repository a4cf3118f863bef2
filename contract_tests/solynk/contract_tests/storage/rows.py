# ruff: noqa: A001, A002, B008, S107 - arguments are named as the fields are; frozen defaults
"""Rows to put into a store, with good defaults."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from solynk.core.access import Access, Seen, Untouched
from solynk.core.alert import Alert, AlertKind
from solynk.core.audit import AuditEntry
from solynk.core.brake import Brake
from solynk.core.catalog import (
    Channel,
    Entitlement,
    Organization,
    Plan,
    Platform,
    Product,
    ProductStatus,
    Provider,
)
from solynk.core.chain import Head
from solynk.core.checkpoint import Checkpoint, CheckpointKind
from solynk.core.command import Command, CommandStatus, Inspect, Order
from solynk.core.customer import (
    BoundIdentity,
    Checkout,
    CheckoutStatus,
    Claim,
    Customer,
    Subscription,
)
from solynk.core.entitlement import Desired
from solynk.core.event import Event, EventStatus
from solynk.core.facts import Fact, Forever, Payment, PaymentStatus
from solynk.core.ids import (
    ENTROPY_BYTES,
    AccessId,
    AlertId,
    AuditId,
    ChannelId,
    ChatId,
    CheckoutId,
    CommandId,
    CustomerId,
    EventId,
    OrganizationId,
    PersonId,
    PlanId,
    ProductId,
    SubscriptionId,
    uuid7,
)
from solynk.core.instants import DAY, HOUR, Interval
from solynk.core.money import Money
from solynk.ports.storage import StoredFact

NOON: Final = datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)


def new_id(at: datetime = NOON) -> str:
    return uuid7(at, os.urandom(ENTROPY_BYTES))


OURS: Final = OrganizationId(new_id())
THEIRS: Final = OrganizationId(new_id())
ANN: Final = CustomerId(new_id())
BOB: Final = CustomerId(new_id())
LOUNGE: Final = ChannelId(new_id())
MONTHLY: Final = PlanId(new_id())
COURSE: Final = ProductId(new_id())
SOLD: Final = SubscriptionId(new_id())


def an_organization(
    *, id: OrganizationId = OURS, slug: str | None = None, account: str | None = None
) -> Organization:
    return Organization(id=id, name="Ours", slug=slug or id, payment_account=account)


def a_product(
    *,
    id: ProductId = COURSE,
    organization: OrganizationId = OURS,
    opens: tuple[Entitlement, ...] = (),
) -> Product:
    return Product(
        id=id,
        organization=organization,
        name=f"of {organization}",
        status=ProductStatus.ACTIVE,
        opens=opens,
    )


def a_plan(
    *,
    id: PlanId = MONTHLY,
    organization: OrganizationId = OURS,
    price: Money = Money(900, "EUR"),
    interval: Interval = Interval.MONTH,
    trial_days: int = 7,
) -> Plan:
    return Plan(
        id=id,
        organization=organization,
        product=COURSE,
        name=f"of {organization}",
        price=price,
        interval=interval,
        trial_days=trial_days,
    )


def a_channel(
    *,
    id: ChannelId = LOUNGE,
    organization: OrganizationId = OURS,
    platform: Platform = Platform.TELEGRAM,
    chat: ChatId = ChatId("-1001"),
    never_remove: tuple[str, ...] = (),
) -> Channel:
    return Channel(
        id=id,
        organization=organization,
        platform=platform,
        chat=chat,
        title=f"of {organization}",
        never_remove=never_remove,
    )


def a_customer(
    *,
    id: CustomerId = ANN,
    organization: OrganizationId = OURS,
    email: str | None = None,
    due_at: datetime | None = None,
    failing_since: datetime | None = None,
) -> Customer:
    return Customer(
        id=id,
        organization=organization,
        email=email or f"at {organization}",
        due_at=due_at,
        failing_since=failing_since,
    )


def an_identity(
    *,
    organization: OrganizationId = OURS,
    customer: CustomerId = ANN,
    platform: Platform = Platform.TELEGRAM,
    person: PersonId = PersonId("77"),
    bound_at: datetime = NOON,
) -> BoundIdentity:
    return BoundIdentity(
        organization=organization,
        customer=customer,
        platform=platform,
        person=person,
        bound_at=bound_at,
    )


def a_claim(
    *,
    token_hash: str = "h",
    organization: OrganizationId = OURS,
    expires_at: datetime = NOON + HOUR,
) -> Claim:
    return Claim(
        token_hash=token_hash,
        organization=organization,
        customer=ANN,
        platform=Platform.TELEGRAM,
        expires_at=expires_at,
    )


def a_subscription(
    *,
    id: SubscriptionId = SOLD,
    organization: OrganizationId = OURS,
    customer: CustomerId = ANN,
    account: str = "acct_1",
    reference: str = "sub_1",
    standing: str = "incomplete",
) -> Subscription:
    return Subscription(
        id=id,
        organization=organization,
        customer=customer,
        product=COURSE,
        plan=MONTHLY,
        provider=Provider.STRIPE,
        account=account,
        reference=reference,
        created_at=NOON,
        standing=standing,
    )


def a_payment(*, id: str = "in_1", minor: int = 900) -> Payment:
    return Payment(
        id=id,
        cover=Forever(),
        amount=Money(minor, "EUR"),
        status=PaymentStatus.PAID,
        paid_at=NOON,
    )


def a_stored_fact(
    fact: Fact | None = None,
    *,
    organization: OrganizationId = OURS,
    customer: CustomerId = ANN,
    subscription: SubscriptionId | None = SOLD,
    event: EventId | None = None,
    recorded_at: datetime = NOON,
) -> StoredFact:
    return StoredFact(
        organization=organization,
        customer=customer,
        subscription=subscription,
        fact=fact or a_payment(),
        event=event,
        recorded_at=recorded_at,
    )


def an_event(
    *,
    id: EventId | None = None,
    source: str = "stripe",
    account: str = "acct_1",
    livemode: bool = True,
    external_id: str = "evt_1",
    body: bytes = b"{}",
    status: EventStatus = EventStatus.RECEIVED,
    organization: OrganizationId | None = OURS,
    received_at: datetime = NOON,
    due_at: datetime | None = None,
    reference: str | None = None,
) -> Event:
    return Event(
        id=id or EventId(new_id()),
        source=source,
        account=account,
        livemode=livemode,
        external_id=external_id,
        kind="invoice.paid",
        body=body,
        received_at=received_at,
        status=status,
        correlation="c-1",
        organization=organization,
        due_at=due_at,
        reference=reference,
    )


def an_access(
    *,
    id: AccessId | None = None,
    organization: OrganizationId = OURS,
    customer: CustomerId = ANN,
    channel: ChannelId = LOUNGE,
    desired: Desired = Desired.IN,
    seen: Seen = Untouched(),
    generation: int = 0,
) -> Access:
    return Access(
        id=id or AccessId(new_id()),
        organization=organization,
        customer=customer,
        channel=channel,
        desired=desired,
        seen=seen,
        generation=generation,
    )


def a_command(
    *,
    id: CommandId | None = None,
    organization: OrganizationId | None = OURS,
    order: Order = Inspect(LOUNGE),
    subject: str | None = None,
    lane: str = "bot:1",
    status: CommandStatus = CommandStatus.READY,
    due_at: datetime = NOON,
    created_at: datetime = NOON,
) -> Command:
    id = id or CommandId(new_id(created_at))
    return Command(
        id=id,
        organization=organization,
        order=order,
        subject=subject or f"of {id}",
        lane=lane,
        status=status,
        due_at=due_at,
        deadline=NOON + 3 * DAY,
        created_at=created_at,
        correlation="c-1",
    )


def a_brake(
    *, organization: OrganizationId = OURS, channel: ChannelId = LOUNGE, expulsions: int = 3
) -> Brake:
    return Brake(
        organization=organization, channel=channel, window_since=NOON, expulsions=expulsions
    )


def an_alert(
    *,
    id: AlertId | None = None,
    organization: OrganizationId | None = OURS,
    kind: AlertKind = AlertKind.LOST_RIGHTS,
    subject: str = "a channel",
    opened_at: datetime = NOON,
) -> Alert:
    return Alert(
        id=id or AlertId(new_id()),
        organization=organization,
        kind=kind,
        subject=subject,
        message="The bot is no admin any more.",
        opened_at=opened_at,
    )


def an_entry(
    *,
    id: AuditId | None = None,
    organization: OrganizationId | None = OURS,
    at: datetime = NOON,
    resource: str = "access:1",
    details: Mapping[str, str] | None = None,
) -> AuditEntry:
    return AuditEntry(
        id=id or AuditId(new_id(at)),
        organization=organization,
        at=at,
        actor="system",
        action="access.granted",
        resource=resource,
        correlation="c-1",
        details=details or {},
    )


def a_checkpoint(
    head: Head, *, kind: CheckpointKind = CheckpointKind.HEAD, at: datetime = NOON
) -> Checkpoint:
    """Its signature is none."""
    return Checkpoint(
        kind=kind,
        organization=head.organization,
        seq=head.seq,
        hash=head.hash,
        at=at,
        key="a key",
        signature=b"a signature",
    )


def a_checkout(
    *,
    id: CheckoutId | None = None,
    organization: OrganizationId = OURS,
    customer: CustomerId = ANN,
    plan: PlanId = MONTHLY,
    reference: str | None = None,
    status: CheckoutStatus = CheckoutStatus.OPEN,
) -> Checkout:
    return Checkout(
        id=id or CheckoutId(new_id()),
        organization=organization,
        customer=customer,
        plan=plan,
        provider=Provider.STRIPE,
        account="acct_1",
        reference=reference,
        url="https://pay.example/1",
        created_at=NOON,
        expires_at=NOON + HOUR,
        status=status,
    )
