"""Sets up what is sold and where it opens. Every change is audited, and reaches the members."""

from typing import Final, TypeVar

from msgspec.structs import replace

from solynk.apps.engine import queueing
from solynk.apps.engine.changes import (
    Change,
    ChannelChange,
    OrganizationChange,
    PlanChange,
    ProductChange,
    Unfit,
)
from solynk.apps.engine.health import record_inspection
from solynk.apps.engine.people import Person, turn_by
from solynk.apps.engine.trying import attempt
from solynk.apps.engine.turn import Turn, turn_of
from solynk.apps.engine.wiring import Wiring
from solynk.core.catalog import Channel, Organization, Plan, Platform, Product
from solynk.core.customer import Customer
from solynk.core.ids import ChannelId, OrganizationId, PlanId, ProductId
from solynk.ports.channels import Place
from solynk.ports.errors import Disconnected, Moved, NotFound, PortError, Refused

T = TypeVar("T")

NOT_CONNECTED: Final = "no such connected account; connect it to your platform first"
NO_ADAPTER: Final = "there is no adapter for {} yet: choose another platform"
NOT_SET_UP: Final = "Telegram is not set up: set TELEGRAM_BOT_TOKEN first"


async def save_organization(w: Wiring, organization: Organization, by: Person) -> None:
    """Insert or replace, after asking about its payment account.

    Raises:
        Conflict: the slug or the payment account is another organization's.
        Unfit: the payment account can be none, or is not connected.
        Unavailable, NeedsHuman: the payment account could not be asked.
    """
    if organization.payment_account is not None:
        await _ask_account(w, organization.payment_account)
    async with turn_by(w, by) as now:
        before = await now.tx.organizations.lock(organization.id)
        await _put_organization(now, before, organization, reason=by.reason)


async def change_organization(
    w: Wiring, organization: OrganizationId, change: OrganizationChange, by: Person
) -> Organization:
    """A changed policy or stop switch reaches every member.

    Raises:
        NotFound: no such organization.
        Conflict: the slug or the payment account is another organization's.
        Unfit: the policy would have a wrong form, or the payment account can be none, or is not connected.
        Unavailable, NeedsHuman: another payment account could not be asked.
    """
    if isinstance(change.payment_account, str):
        await _ask_account(w, change.payment_account)
    async with turn_by(w, by) as now:
        before = _organization(await now.tx.organizations.lock(organization), organization)
        after = change.over(before)
        await _put_organization(now, before, after, **_told(change, by))
    return after


async def _ask_account(w: Wiring, account: str) -> None:
    """A slip in the id would only show when somebody wants to buy."""
    for provider in w.providers.values():
        try:
            provider.refuse_account(account)
        except Refused as error:
            raise Unfit(f"payment_account: {error.reason}") from error
        answer = await attempt(provider.reach(account))
        if isinstance(answer, Disconnected):
            raise Unfit(f"payment_account: {NOT_CONNECTED}") from answer
        if isinstance(answer, PortError):
            raise answer


async def _put_organization(
    now: Turn, before: Organization | None, after: Organization, **details: str
) -> None:
    await now.tx.organizations.put(after)
    now.note(after.id, "organization.saved", after.id, **details)
    if before is not None and before != after:
        await now.tx.due_customers.touch(after.id, None, now.at)


async def save_product(w: Wiring, product: Product, by: Person) -> None:
    """Insert or replace.

    Raises:
        NotFound: no such organization, or it has no such channel.
    """
    async with turn_by(w, by) as now:
        await _refuse_unknown(now, product.organization)
        before = await now.tx.products.lock(product.organization, product.id)
        await _put_product(now, before, product, reason=by.reason)


async def change_product(
    w: Wiring, organization: OrganizationId, product: ProductId, change: ProductChange, by: Person
) -> Product:
    """Members of its channels are planned anew; whoever is in a channel by this product alone, and
    finds it closed, is expelled for it. The brake counts such expulsions: one slip closes it to all.

    Raises:
        NotFound: the organization has no such product, or no such channel.
    """
    async with turn_by(w, by) as now:
        before = _known(await now.tx.products.lock(organization, product), "product", product)
        return await _put_product(now, before, change.over(before), **_told(change, by))


async def _put_product(
    now: Turn, before: Product | None, wanted: Product, **details: str
) -> Product:
    after = wanted if before is None else wanted.following(before, now.at)
    owner = after.organization
    for channel in after.channels:
        _known(await now.tx.channels.get(owner, channel), "channel", channel)
    await now.tx.products.put(after)
    now.note(owner, "product.saved", f"product:{after.id}", **details)
    if before is not None and before.opens != after.opens:
        await now.tx.due_customers.touch(owner, None, now.at)
    return after


async def save_plan(w: Wiring, plan: Plan, by: Person) -> None:
    """Insert, or replace what may change: name, grace and whether it is on sale.

    Raises:
        NotFound: the organization has no such product.
        Refused: its price or interval would change; sell a new plan instead.
    """
    async with turn_by(w, by) as now:
        product = await now.tx.products.get(plan.organization, plan.product)
        _known(product, "product", plan.product)
        before = await now.tx.plans.lock(plan.organization, plan.id)
        if before is not None and _terms(before) != _terms(plan):
            raise Refused("solynk", "price, interval and access days never change: add a new plan")
        await _put_plan(now, before, plan, reason=by.reason)


async def change_plan(
    w: Wiring, organization: OrganizationId, plan: PlanId, change: PlanChange, by: Person
) -> Plan:
    """A changed grace reaches every member, but no grace that runs is shortened.

    Raises:
        NotFound: the organization has no such plan.
        Unfit: a one-time plan would have a grace period.
    """
    async with turn_by(w, by) as now:
        before = _known(await now.tx.plans.lock(organization, plan), "plan", plan)
        after = change.over(before)
        await _put_plan(now, before, after, **_told(change, by))
    return after


async def _put_plan(now: Turn, before: Plan | None, after: Plan, **details: str) -> None:
    await now.tx.plans.put(after)
    now.note(after.organization, "plan.saved", f"plan:{after.id}", **details)
    if before is not None and before.grace_days != after.grace_days:
        await now.tx.due_customers.touch(after.organization, None, now.at)


def _terms(plan: Plan) -> Plan:
    """The plan without what may change."""
    return replace(plan, name="", grace_days=None, active=True)


async def save_customer(w: Wiring, customer: Customer, by: Person) -> None:
    """Insert or replace.

    Raises:
        NotFound: no such organization.
    """
    async with turn_by(w, by) as now:
        await _refuse_unknown(now, customer.organization)
        known = await now.tx.customers.lock(customer.organization, customer.id)
        own = customer if known is None else known
        kept = replace(customer, due_at=own.due_at, failing_since=own.failing_since)
        await now.tx.customers.put(kept)
        resource = f"customer:{customer.id}"
        now.note(customer.organization, "customer.saved", resource, reason=by.reason)


async def connect_channel(w: Wiring, channel: Channel, by: Person) -> Channel:
    """Add a channel after looking at it: a chat that can not be used is refused or kept with its
    fault, so that it works as soon as that is mended.

    Raises:
        NotFound: no such organization.
        Conflict: the chat is a channel already, perhaps another organization's.
        Refused: this kind of chat can not be used, and why.
        Unavailable, NeedsHuman: the platform could not be asked.
    """
    platform = w.platforms.get(channel.platform)
    if platform is None:
        raise Refused("solynk", _not_set_up(channel.platform))
    found = await attempt(platform.inspect(Place(channel.chat, channel.join_link)))
    if isinstance(found, Moved):
        raise Refused("solynk", f"the chat has moved: its id is {found.new_chat} now")
    if isinstance(found, PortError):
        raise found
    async with turn_by(w, by) as now:
        await _refuse_unknown(now, channel.organization)
        await now.tx.channels.put(channel)
        await record_inspection(now, channel, found)
        now.note(
            channel.organization, "channel.connected", f"channel:{channel.id}", reason=by.reason
        )
        known = await now.tx.channels.get(channel.organization, channel.id)
    return channel if known is None else known


def _not_set_up(platform: Platform) -> str:
    return NOT_SET_UP if platform is Platform.TELEGRAM else NO_ADAPTER.format(platform.value)


async def change_channel(
    w: Wiring, organization: OrganizationId, channel: ChannelId, change: ChannelChange, by: Person
) -> Channel:
    """Change how removals are carried out, or who is never removed; planned anew at once.

    Raises:
        NotFound: the organization has no such channel.
    """
    async with turn_by(w, by) as now:
        before = _known(await now.tx.channels.lock(organization, channel), "channel", channel)
        after = change.over(before)
        await now.tx.channels.put(after)
        now.note(organization, "channel.set", f"channel:{channel}", **_told(change, by))
        await now.tx.due_customers.touch(organization, channel, now.at)
    return after


async def inspect_channel(
    w: Wiring, organization: OrganizationId, channel_id: ChannelId, by: Person
) -> Channel:
    """Look again, as a command: what waits for the channel goes on when it passes.

    Raises:
        NotFound: the organization has no such channel.
    """
    async with turn_by(w, by) as now:
        found = await now.tx.channels.get(organization, channel_id)
        channel = _known(found, "channel", channel_id)
        await queueing.inspect(now, channel)
        resource = f"channel:{channel_id}"
        now.note(organization, "inspection.asked", resource, reason=by.reason)
    return channel


async def inspect_all(w: Wiring) -> int:
    """Look again at every channel; how many there are. Rights are lost without a word sometimes."""
    async with turn_of(w, "clock", "inspect") as now:
        owners = await now.tx.organizations.all()
        channels = [it for owner in owners for it in await now.tx.channels.all(owner.id)]
        for channel in channels:
            await queueing.inspect(now, channel)
    return len(channels)


async def _refuse_unknown(now: Turn, organization: OrganizationId) -> None:
    _organization(await now.tx.organizations.get(organization), organization)


def _organization(known: Organization | None, organization: OrganizationId) -> Organization:
    if known is None:
        raise NotFound("solynk", f"no organization {organization}")
    return known


def _known(it: T | None, what: str, name: str) -> T:
    if it is None:
        raise NotFound("solynk", f"no {what} {name} in this organization")
    return it


def _told(change: Change, by: Person) -> dict[str, str]:
    """Which fields, and why. No values, since some are personal data, but of switches."""
    return {"reason": by.reason, "fields": " ".join(change.fields), **change.switches}
