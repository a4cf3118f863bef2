"""What is kept about somebody's access to a channel."""

from typing import assert_never

from solynk.core.catalog import Channel
from solynk.core.customer import Customer
from solynk.core.entitlement import Desired
from solynk.core.ids import ChannelId, OrganizationId
from solynk.ports.checking import KeptAccess, OfCustomer, OfPerson, Whose
from solynk.ports.storage import UnitOfWork


async def kept_access(
    unit: UnitOfWork, organization: OrganizationId, channel: ChannelId, whose: Whose
) -> KeptAccess | None:
    place = await unit.channels.get(organization, channel)
    customer = None if place is None else await _customer(unit, place, whose)
    if customer is None:
        return None
    accesses = await unit.accesses.of(organization, customer.id)
    it = next((it for it in accesses if it.channel == channel), None)
    if it is None:
        return KeptAccess(customer.id, Desired.OUT, 0, customer.settled_until)
    return KeptAccess(customer.id, it.desired, it.generation, customer.settled_until)


async def _customer(unit: UnitOfWork, place: Channel, whose: Whose) -> Customer | None:
    match whose:
        case OfCustomer():
            return await unit.customers.get(place.organization, whose.customer)
        case OfPerson():
            person = (place.organization, place.platform, whose.person)
            bound = await unit.identities.person(*person)
            if bound is None:
                return None
            return await unit.customers.get(place.organization, bound.customer)
        case _:
            assert_never(whose)
