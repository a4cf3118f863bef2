"""Sets up what is sold and where it opens. Every change is audited, and reaches the members."""

from msgspec.structs import replace

from solynk.apps.engine import queueing
from solynk.apps.engine.health import record_inspection
from solynk.apps.engine.people import Person
from solynk.apps.engine.trying import attempt
from solynk.apps.engine.turn import Turn, turn_of
from solynk.apps.engine.wiring import Wiring
from solynk.core.catalog import Channel, Organization, Plan, Product
from solynk.core.customer import Customer
from solynk.core.ids import ChannelId, OrganizationId
from solynk.ports.channels import Place
from solynk.ports.errors import Moved, NotFound, PortError, Refused


async def save_organization(w: Wiring, organization: Organization, by: Person) -> None:
    """Insert or replace. A changed policy or stop switch reaches every member.

    Raises:
        Conflict: the slug or the payment account is another organization's.
    """
    async with turn_of(w, by.actor, "set-up") as now:
        before = await now.tx.organizations.get(organization.id)
        await now.tx.organizations.put(organization)
        await now.note(organization.id, "organization.saved", organization.id, reason=by.reason)
        if before is not None and before != organization:
            await now.tx.due_customers.touch(organization.id, None, now.at)


async def save_product(w: Wiring, product: Product, by: Person) -> None:
    """Insert or replace. Members of its channels are planned anew.

    Raises:
        NotFound: the organization has no such channel.
    """
    async with turn_of(w, by.actor, "set-up") as now:
        await _organization(now, product.organization)
        for channel in product.channels:
            if await now.tx.channels.get(product.organization, channel) is None:
                raise NotFound("solynk", f"no channel {channel} in this organization")
        before = await now.tx.products.get(product.organization, product.id)
        await now.tx.products.put(product)
        await now.note(
            product.organization, "product.saved", f"product:{product.id}", reason=by.reason
        )
        if before is not None and before.opens != product.opens:
            await now.tx.due_customers.touch(product.organization, None, now.at)


async def save_plan(w: Wiring, plan: Plan, by: Person) -> None:
    """Insert, or replace what may change: name, grace and whether it is on sale.

    Raises:
        NotFound: the organization has no such product.
        Refused: its price or interval would change; sell a new plan instead.
    """
    async with turn_of(w, by.actor, "set-up") as now:
        if await now.tx.products.get(plan.organization, plan.product) is None:
            raise NotFound("solynk", f"no product {plan.product} in this organization")
        before = await now.tx.plans.get(plan.organization, plan.id)
        if before is not None and _terms(before) != _terms(plan):
            raise Refused("solynk", "price, interval and access days never change: add a new plan")
        await now.tx.plans.put(plan)
        await now.note(plan.organization, "plan.saved", f"plan:{plan.id}", reason=by.reason)
        if before is not None and before.grace_days != plan.grace_days:
            await now.tx.due_customers.touch(plan.organization, None, now.at)


def _terms(plan: Plan) -> Plan:
    """The plan without what may change."""
    return replace(plan, name="", grace_days=None, active=True)


async def save_customer(w: Wiring, customer: Customer, by: Person) -> None:
    """Insert or replace.

    Raises:
        NotFound: no such organization.
    """
    async with turn_of(w, by.actor, "set-up") as now:
        await _organization(now, customer.organization)
        known = await now.tx.customers.lock(customer.organization, customer.id)
        due_at = customer.due_at if known is None else known.due_at
        await now.tx.customers.put(replace(customer, due_at=due_at))
        resource = f"customer:{customer.id}"
        await now.note(customer.organization, "customer.saved", resource, reason=by.reason)


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
        raise Refused("solynk", f"{channel.platform.value} is not set up: set its bot token first")
    found = await attempt(platform.inspect(Place(channel.chat, channel.join_link)))
    if isinstance(found, Moved):
        raise Refused("solynk", f"the chat has moved: its id is {found.new_chat} now")
    if isinstance(found, PortError):
        raise found
    async with turn_of(w, by.actor, "set-up") as now:
        await _organization(now, channel.organization)
        await now.tx.channels.put(channel)
        await record_inspection(now, channel, found)
        await now.note(
            channel.organization, "channel.connected", f"channel:{channel.id}", reason=by.reason
        )
        known = await now.tx.channels.get(channel.organization, channel.id)
    return channel if known is None else known


async def set_channel(w: Wiring, channel: Channel, by: Person) -> None:
    """Change how removals are carried out, or who is never removed; planned anew at once.

    Raises:
        NotFound: the organization has no such channel.
    """
    async with turn_of(w, by.actor, "set-up") as now:
        if await now.tx.channels.get(channel.organization, channel.id) is None:
            raise NotFound("solynk", f"no channel {channel.id} in this organization")
        await now.tx.channels.put(channel)
        await now.note(
            channel.organization, "channel.set", f"channel:{channel.id}", reason=by.reason
        )
        await now.tx.due_customers.touch(channel.organization, channel.id, now.at)


async def inspect_channel(
    w: Wiring, organization: OrganizationId, channel_id: ChannelId, by: Person
) -> Channel:
    """Look again, as a command: what waits for the channel goes on when it passes.

    Raises:
        NotFound: the organization has no such channel.
    """
    async with turn_of(w, by.actor, "set-up") as now:
        channel = await now.tx.channels.get(organization, channel_id)
        if channel is None:
            raise NotFound("solynk", f"no channel {channel_id} in this organization")
        await queueing.inspect(now, channel)
    return channel


async def inspect_all(w: Wiring) -> int:
    """Look again at every channel; how many there are. Rights are lost without a word sometimes."""
    async with turn_of(w, "clock", "inspect") as now:
        owners = await now.tx.organizations.all()
        channels = [it for owner in owners for it in await now.tx.channels.all(owner.id)]
        for channel in channels:
            await queueing.inspect(now, channel)
    return len(channels)


async def _organization(now: Turn, organization: OrganizationId) -> Organization:
    known = await now.tx.organizations.get(organization)
    if known is None:
        raise NotFound("solynk", f"no organization {organization}")
    return known
