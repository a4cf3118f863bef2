"""What the stories are about: one organization, three plans, one channel."""

import uuid
from datetime import UTC, datetime
from typing import Final

from solynk.apps.engine import (
    Person,
    Wiring,
    connect_channel,
    save_organization,
    save_plan,
    save_product,
)
from solynk.core.catalog import (
    Channel,
    Organization,
    Plan,
    Platform,
    Product,
    ProductStatus,
    ToChannel,
)
from solynk.core.ids import (
    ChannelId,
    ChatId,
    OrganizationId,
    PlanId,
    ProductId,
)
from solynk.core.instants import Interval
from solynk.core.money import Money

START: Final = datetime(2026, 3, 1, 9, tzinfo=UTC)
OWNER: Final = Person("owner", "the story wants it")


def id_of(name: str) -> str:
    """The same id for the same name, in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


US: Final = OrganizationId(id_of("us"))
THEM: Final = OrganizationId(id_of("them"))
LOUNGE: Final = ChannelId(id_of("lounge"))
MONTHLY: Final = PlanId(id_of("monthly"))
MEETING: Final = PlanId(id_of("meeting"))
WEEK_PASS: Final = PlanId(id_of("week pass"))
CHAT: Final = "chat-1"
BOSS: Final = "boss"


async def set_up(w: Wiring) -> None:
    us = Organization(US, "Us", "us", payment_account="acct_us")
    await save_organization(w, us, OWNER)
    await connect_channel(w, a_channel(), OWNER)
    for plan in (
        a_plan(MONTHLY, interval=Interval.MONTH),
        a_plan(MEETING, interval=Interval.MONTH),
        a_plan(WEEK_PASS, interval=Interval.ONE_TIME, access_days=7),
    ):
        await save_product(w, a_product(plan.product), OWNER)
        await save_plan(w, plan, OWNER)


def a_channel(
    channel: ChannelId = LOUNGE, chat: str = CHAT, *, organization: OrganizationId = US
) -> Channel:
    return Channel(channel, organization, Platform.MEMORY, ChatId(chat), "The lounge")


def a_product(
    product: ProductId, *channels: ChannelId, organization: OrganizationId = US
) -> Product:
    opens = tuple(ToChannel(it) for it in channels or (LOUNGE,))
    return Product(product, organization, f"{product}", ProductStatus.ACTIVE, opens)


def a_plan(
    plan: PlanId,
    *,
    interval: Interval,
    access_days: int | None = None,
    organization: OrganizationId = US,
) -> Plan:
    """Each plan is the only one of its product."""
    return Plan(
        id=plan,
        organization=organization,
        product=ProductId(id_of(f"product of {plan}")),
        name="a plan",
        price=Money(1000, "EUR"),
        interval=interval,
        access_days=access_days,
    )
