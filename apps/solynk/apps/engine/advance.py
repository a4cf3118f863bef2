"""What only the clock brings: ends of periods, of grace, of grants, and questions to ask before."""

import logging
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from solynk.apps.engine.derive import derive_locked
from solynk.apps.engine.turn import turn_of
from solynk.apps.engine.wiring import Wiring
from solynk.core.ids import ChannelId, CustomerId, OrganizationId
from solynk.core.instants import HOUR
from solynk.ports.errors import Lost, Unavailable
from solynk.ports.telemetry import working_for

log = logging.getLogger(__name__)

BATCH: Final = 100


async def advance(w: Wiring) -> int:
    """Derive anew for some of the customers whose timer has come; how many there were.

    One batch at a time: payments do not wait behind all who were made due by a change of set-up.

    Raises:
        Unavailable, Lost: the storage failed; what was not derived is still due.
    """
    due = await _due(w)
    return sum([await _advance_some(w, owner, its) for owner, its in due.items()])


async def _due(w: Wiring) -> Mapping[OrganizationId, Sequence[CustomerId]]:
    at = await w.clock.now()
    due: dict[OrganizationId, list[CustomerId]] = {}
    async with w.store.begin() as tx:
        for it in await tx.due_customers.due(at, BATCH):
            due.setdefault(it.organization, []).append(it.id)
    return due


async def _advance_some(
    w: Wiring, organization: OrganizationId, customers: Sequence[CustomerId]
) -> int:
    """Together; where that fails, one by one, so that one customer's trouble is theirs alone."""
    with working_for(f"organization:{organization}"):
        try:
            return await _derive(w, organization, customers)
        except (Unavailable, Lost):
            raise
        except Exception:
            log.warning("%d customers are derived one by one", len(customers), exc_info=True)
    return sum([await _advance_one(w, organization, it) for it in customers])


async def _derive(w: Wiring, organization: OrganizationId, customers: Sequence[CustomerId]) -> int:
    """All of them that are still due, in one transaction; how many they were."""
    async with turn_of(w, "clock", f"organization:{organization}") as now:
        locked = await now.tx.due_customers.lock(organization, customers, now.at)
        turns = {it.id: now.because_of(f"customer:{it.id}") for it in locked}
        await derive_locked(organization, locked, turns)
    return len(locked)


async def _advance_one(w: Wiring, organization: OrganizationId, customer: CustomerId) -> int:
    with working_for(f"customer:{customer}"):
        try:
            return await _derive(w, organization, [customer])
        except (Unavailable, Lost):
            raise
        except Exception:
            log.exception("customer %s could not be derived", customer)
            w.telemetry.count("derivations_failed")
            await _postpone(w, organization, customer)
    return 1


async def _postpone(w: Wiring, organization: OrganizationId, customer: CustomerId) -> None:
    """They are tried again in an hour, unless another process could derive them meanwhile."""
    at = await w.clock.now()
    async with w.store.begin() as tx:
        known = await tx.customers.lock(organization, customer)
        if known is not None and known.due_at is not None and known.due_at <= at:
            since = known.failing_since or known.due_at
            await tx.customers.put(replace(known, due_at=at + HOUR, failing_since=since))


async def touch(w: Wiring, organization: OrganizationId, channel: ChannelId | None = None) -> int:
    """Make customers due after a change of configuration; how many they are."""
    at = await w.clock.now()
    async with w.store.begin() as tx:
        return await tx.due_customers.touch(organization, channel, at)
