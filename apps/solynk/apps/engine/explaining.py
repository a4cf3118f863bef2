"""Why one customer has, or has not, access to each channel: read, decided anew, and told."""

from msgspec import Struct

from solynk.apps.engine.snapshot import read_portfolios
from solynk.apps.engine.wiring import Wiring
from solynk.core.access import Access
from solynk.core.catalog import Channel
from solynk.core.entitlement import Verdict
from solynk.core.explain import Explanation, Holds, explain
from solynk.core.ids import CustomerId, OrganizationId
from solynk.ports.errors import NotFound


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
        portfolio = (await read_portfolios(tx, owner, [customer], subscriptions))[customer]
        accesses = {it.channel: it for it in await tx.accesses.of(organization, customer)}
        persons = await tx.identities.of(organization, customer)
        bound = {it.platform: it.person for it in persons}
        found: list[ChannelAccess] = []
        concerned = {*portfolio.channels(), *accesses}
        brakes = await tx.brakes.among(organization, concerned)
        braked = {it.channel for it in brakes if it.engaged}
        for channel in await tx.channels.among(organization, concerned):
            access, verdict = accesses.get(channel.id), portfolio.verdict(channel.id, at)
            holds = Holds(owner.removals_stopped, channel.id in braked)
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
