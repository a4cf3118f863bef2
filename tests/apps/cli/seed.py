"""A database as the commands find it: one channel, one product that opens it, and two customers."""

import asyncio
import os
from dataclasses import dataclass

from solynk.apps import engine
from solynk.apps.container import container_of
from solynk.apps.engine import Wiring
from solynk.apps.lifetime import running
from solynk.apps.settings import Settings
from solynk.core.catalog import Channel, Organization, Platform, Product, ProductStatus, ToChannel
from solynk.core.command import Command, CommandStatus, Inspect
from solynk.core.customer import Customer
from solynk.core.facts import Everywhere
from solynk.core.ids import (
    ChannelId,
    ChatId,
    CommandId,
    CustomerId,
    OrganizationId,
    ProductId,
)


@dataclass(frozen=True)
class Seed:
    organization: OrganizationId
    guest: CustomerId
    """Has a grant of everything."""
    stranger: CustomerId
    """Has nothing."""
    dead: CommandId
    """A command that gave up."""


def seeded() -> Seed:
    """Into the database that the environment names, which is migrated."""
    return asyncio.run(_seeded())


async def _seeded() -> Seed:
    async with running(container_of(Settings.from_env(os.environ))) as w:
        seed = await _rows(w)
        target = engine.Target(seed.organization, seed.guest, Everywhere())
        await engine.grant(w, target, engine.Person("the tests", "a gift"))
        return seed


async def _rows(w: Wiring) -> Seed:
    at = await w.clock.now()
    owner, channel = OrganizationId(engine.new_id(at)), ChannelId(engine.new_id(at))
    guest, stranger = CustomerId(engine.new_id(at)), CustomerId(engine.new_id(at))
    dead, product = CommandId(engine.new_id(at)), ProductId(engine.new_id(at))
    async with w.store.begin() as tx:
        await tx.organizations.put(Organization(owner, "Atelier", "atelier"))
        await tx.channels.put(Channel(channel, owner, Platform.TELEGRAM, ChatId("-1001"), "VIP"))
        opens = (ToChannel(channel),)
        await tx.products.put(Product(product, owner, "Lounge", ProductStatus.ACTIVE, opens))
        for customer in (guest, stranger):
            await tx.customers.put(Customer(customer, owner))
        await tx.commands.add(
            Command(
                id=dead,
                organization=owner,
                order=Inspect(channel),
                subject=f"channel:{channel}",
                lane="telegram",
                status=CommandStatus.DEAD,
                due_at=at,
                deadline=at,
                created_at=at,
                correlation="the tests",
                reason="its deadline has passed",
            )
        )
    return Seed(owner, guest, stranger, dead)
