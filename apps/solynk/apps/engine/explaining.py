"""Why one customer has, or has not, access to each channel: read, decided anew, and told."""

from msgspec import Struct

from solynk.apps.engine.snapshot import read_portfolio
from solynk.apps.engine.wiring import Wiring
from solynk.core.access import Access
from solynk.core.catalog import Channel
from solynk.core.entitlement import Verdict
from solynk.core.explain import Explanation, Holds, explain
from solynk.core.ids import CustomerId, OrganizationId
from solynk.ports.errors import NotFound
from solynk.ports.storage import UnitOfWork


class ChannelAccess(Struct, frozen=True):
    """One channel of one customer: what is, what should be, and why."""

    channel: Channel
    access: Access | None
    verdict: Verdict
    explanation: Explanation


async def explain_customer(
    w: Wiring, organization: OrganizationId, customer: CustomerId, locale: str = "en"
) -> tuple[ChannelAccess, ...]:
    """Every channel that anything concerns. Changes nothing.

    Raises:
        NotFound: no such organization, or no such customer in this organization.
    """
    at = await w.clock.now()
    async with w.store.begin() as tx:
        owner = await tx.organizations.get(organization)
        if owner is None:
            raise NotFound("solynk", f"no organization {organization}")
        if await tx.customers.get(organization, customer) is None:
            raise NotFound("solynk", f"no customer {customer} in this organization")
        subscriptions = await tx.subscriptions.of(organization, customer)
        portfolio = await read_portfolio(tx, owner, customer, subscriptions)
        accesses = {it.channel: it for it in await tx.accesses.of(organization, customer)}
        persons = await tx.identities.of(organization, customer)
        bound = {it.platform: it.person for it in persons}
        found: list[ChannelAccess] = []
        for channel_id in sorted({*portfolio.channels(), *accesses}):
            channel = await tx.channels.get(organization, channel_id)
            if channel is None:
                continue
            access, verdict = accesses.get(channel_id), portfolio.verdict(channel_id, at)
            holds = Holds(owner.removals_stopped, await _braked(tx, channel))
            told = explain(
                verdict,
                access,
                bound.get(channel.platform),
                channel,
                at,
                locale=locale,
                holds=holds,
            )
            found.append(ChannelAccess(channel, access, verdict, told))
    return tuple(found)


async def _braked(tx: UnitOfWork, channel: Channel) -> bool:
    brakes = await tx.brakes.among(channel.organization, [channel.id])
    return any(it.engaged for it in brakes)
