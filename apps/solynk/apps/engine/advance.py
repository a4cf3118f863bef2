"""What only the clock brings: ends of periods, of grace, of grants, and questions to ask before."""

import logging
from typing import Final

from msgspec.structs import replace

from solynk.apps.engine.derive import derive
from solynk.apps.engine.turn import turn_of
from solynk.apps.engine.wiring import Wiring
from solynk.core.customer import Customer
from solynk.core.ids import ChannelId, OrganizationId
from solynk.core.instants import HOUR
from solynk.ports.errors import Lost, Unavailable
from solynk.ports.telemetry import working_for

log = logging.getLogger(__name__)

BATCH: Final = 20


async def advance(w: Wiring) -> int:
    """Derive anew for some of the customers whose timer has come; how many there were.

    One batch at a time: payments do not wait behind all who were made due by a change of set-up.

    Raises:
        Unavailable, Lost: the storage failed; what was not derived is still due.
    """
    return sum([await _advance_one(w, customer) for customer in await _due(w)])


async def _due(w: Wiring) -> list[Customer]:
    at = await w.clock.now()
    async with w.store.begin() as tx:
        return list(await tx.due_customers.due(at, BATCH))


async def _advance_one(w: Wiring, customer: Customer) -> bool:
    """False where another worker has derived them meanwhile."""
    about = f"customer:{customer.id}"
    with working_for(about):
        try:
            async with turn_of(w, "clock", about) as now:
                known = await now.tx.customers.lock(customer.organization, customer.id)
                if known is None or known.due_at is None or known.due_at > now.at:
                    return False
                await derive(now, customer.organization, customer.id)
        except (Unavailable, Lost):
            raise
        except Exception:
            log.exception("customer %s could not be derived", customer.id)
            w.telemetry.count("derivations_failed")
            await _postpone(w, customer)
    return True


async def _postpone(w: Wiring, customer: Customer) -> None:
    """One customer's trouble holds up nobody else: they are tried again in an hour."""
    at = await w.clock.now()
    async with w.store.begin() as tx:
        known = await tx.customers.lock(customer.organization, customer.id)
        if known is not None:
            since = known.failing_since or known.due_at
            await tx.customers.put(replace(known, due_at=at + HOUR, failing_since=since))


async def touch(w: Wiring, organization: OrganizationId, channel: ChannelId | None = None) -> int:
    """Make customers due after a change of configuration; how many they are."""
    at = await w.clock.now()
    async with w.store.begin() as tx:
        return await tx.due_customers.touch(organization, channel, at)
