"""Whose facts these are: from a provider's names to our subscription, inside one organization.

The account decides the organization. Ids that travelled in metadata are claims: they count where
they resolve inside that organization, and raise an alert where they name another one.
"""

from typing import Final, TypeAlias

from msgspec import Struct

from solynk.apps.engine.turn import Turn
from solynk.apps.engine.wiring import new_id
from solynk.core.catalog import Organization, Plan, Provider
from solynk.core.customer import Customer, Subscription
from solynk.core.event import Event
from solynk.core.ids import CustomerId, PlanId, SubscriptionId
from solynk.ports.payments import Subject


class Matched(Struct, frozen=True):
    subscription: Subscription
    appeared: bool
    """Whether it was made for this event: events that waited for it can be applied."""


class Waits(Struct, frozen=True):
    """Nothing of ours is known by this name yet."""

    reference: str


class Foreign(Struct, frozen=True):
    """The metadata names another organization's objects."""

    message: str


OTHERS_METADATA: Final = "its metadata names another organization than its account belongs to"
UNKNOWN_METADATA: Final = "its metadata names a customer or a plan that this organization has not"
FOREIGN: Final = frozenset({OTHERS_METADATA, UNKNOWN_METADATA})
"""Why an event that can be read was set aside all the same."""

Match: TypeAlias = Matched | Waits | Foreign


async def match(now: Turn, owner: Organization, event: Event, subject: Subject) -> Match:
    if subject.organization_id is not None and subject.organization_id != owner.id:
        return Foreign(OTHERS_METADATA)
    if subject.payment is not None:
        return await _by_payment(now, owner, subject.payment)
    if subject.subscription is not None:
        known = await _known(now, owner, event, subject.subscription)
        if known is not None:
            return Matched(known, appeared=False)
    return await _by_ids(now, owner, event, subject)


async def _known(
    now: Turn, owner: Organization, event: Event, reference: str
) -> Subscription | None:
    provider = Provider(event.source)
    return await now.tx.subscriptions.find(owner.id, provider, event.account, reference)


async def _by_payment(now: Turn, owner: Organization, payment: str) -> Match:
    subscription = await now.tx.facts.paying(owner.id, payment)
    if subscription is not None:
        known = await now.tx.subscriptions.get(owner.id, subscription)
        if known is not None:
            return Matched(known, appeared=False)
    return Waits(payment)


async def _by_ids(now: Turn, owner: Organization, event: Event, subject: Subject) -> Match:
    """By our own ids: the first event of a burst that carries them makes the subscription."""
    if subject.customer_id is None or subject.plan_id is None:
        return Waits(subject.subscription or "")
    customer = await now.tx.customers.lock(owner.id, CustomerId(subject.customer_id))
    plan = await now.tx.plans.get(owner.id, PlanId(subject.plan_id))
    if customer is None or plan is None:
        return Foreign(UNKNOWN_METADATA)
    reference = subject.subscription or passes(plan, customer)
    known = await _known(now, owner, event, reference)
    if known is not None:
        return Matched(known, appeared=False)
    made = _subscription(now, event, customer, plan, reference)
    await now.tx.subscriptions.put(made)
    return Matched(made, appeared=True)


def passes(plan: Plan, customer: Customer) -> str:
    """One-time purchases of one customer and product share a ledger, so that passes add up."""
    return f"passes:{plan.product}:{customer.id}"


def _subscription(
    now: Turn, event: Event, customer: Customer, plan: Plan, reference: str
) -> Subscription:
    return Subscription(
        id=SubscriptionId(new_id(now.at)),
        organization=customer.organization,
        customer=customer.id,
        product=plan.product,
        plan=plan.id,
        provider=Provider(event.source),
        account=event.account,
        reference=reference,
        created_at=now.at,
    )
