"""Reads everything about one customer, under their lock."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from solynk.apps.engine.asking import Question
from solynk.apps.engine.wiring import new_id
from solynk.core.access import Access
from solynk.core.alert import AlertKind
from solynk.core.catalog import Channel, Organization, Platform, Product, Provider
from solynk.core.command import Command
from solynk.core.customer import BoundIdentity, Customer, Subscription
from solynk.core.facts import OnChannel
from solynk.core.ids import (
    AccessId,
    ChannelId,
    CustomerId,
    OrganizationId,
    ProductId,
    SubscriptionId,
)
from solynk.core.ledger import Ledger
from solynk.core.portfolio import Holding, Portfolio
from solynk.ports.storage import StoredFact, UnitOfWork

DECIDED: Final = frozenset(
    {AlertKind.EXEMPT_WITHOUT_RIGHT, AlertKind.REMOVED_BY_ADMIN, AlertKind.STRANGER_INSIDE}
)
"""The alerts about one access that are raised by the decision, and so closed by it."""


class Snapshot(Struct, frozen=True):
    """Everything about one customer, read under their lock."""

    customer: Customer
    organization: Organization
    portfolio: Portfolio
    subscriptions: Mapping[SubscriptionId, Subscription]
    accesses: Mapping[ChannelId, Access]
    channels: Mapping[ChannelId, Channel]
    identities: Mapping[Platform, BoundIdentity]
    live: Mapping[AccessId, Command]
    """The live command of each access, where there is one."""
    braked: frozenset[ChannelId]
    """Channels where the brake stops expulsions without certain evidence."""
    questions: Mapping[SubscriptionId, Question]
    """What the provider was asked before anyone is expelled for non-payment."""
    alerted: frozenset[tuple[AlertKind, str]]
    """The open alerts about this customer's accesses: their kind, and the access."""
    fresh: Mapping[ChannelId, AccessId]
    """An unused id for each channel that has no access yet."""


async def read_snapshot(
    tx: UnitOfWork, organization: OrganizationId, customer: CustomerId, at: datetime
) -> Snapshot | None:
    """None where there is no such customer in this organization. Holds the customer's lock."""
    locked = await tx.customers.lock(organization, customer)
    owner = await tx.organizations.get(organization)
    if locked is None or owner is None:
        return None
    subscriptions = await tx.subscriptions.of(organization, customer)
    portfolio = await read_portfolio(tx, owner, customer, subscriptions)
    accesses = {it.channel: it for it in await tx.accesses.of(organization, customer)}
    channels = await _channels(tx, organization, {*portfolio.channels(), *accesses})
    return Snapshot(
        customer=locked,
        organization=owner,
        portfolio=portfolio,
        subscriptions={it.id: it for it in subscriptions},
        accesses=accesses,
        channels=channels,
        identities={it.platform: it for it in await tx.identities.of(organization, customer)},
        live=await _live(tx, accesses.values()),
        braked=await _braked(tx, organization, channels),
        questions=await _questions(tx, subscriptions),
        alerted=await _alerted(tx, organization, accesses.values()),
        fresh={it: AccessId(new_id(at)) for it in channels if it not in accesses},
    )


async def read_portfolio(
    tx: UnitOfWork,
    owner: Organization,
    customer: CustomerId,
    subscriptions: Sequence[Subscription],
) -> Portfolio:
    rows = await tx.facts.of(owner.id, customer)
    people = Ledger().join_all(it.fact for it in rows if it.subscription is None)
    products = await _products(tx, owner.id, people, subscriptions)
    holdings = [await _holding(tx, owner, it, rows) for it in subscriptions]
    return Portfolio(
        holdings=tuple(it for it in holdings if it is not None),
        people=people,
        products=products,
        policy=replace(owner.policy, renews=False),
    )


async def _products(
    tx: UnitOfWork,
    organization: OrganizationId,
    people: Ledger,
    subscriptions: Iterable[Subscription],
) -> Mapping[ProductId, Product]:
    """The catalogue where a person's decision may concern any of it, else what was bought."""
    if any(not isinstance(it.scope, OnChannel) for it in people.grants.values()):
        return {it.id: it for it in await tx.products.all(organization)}
    bought = [await tx.products.get(organization, it.product) for it in subscriptions]
    return {it.id: it for it in bought if it is not None}


async def _holding(
    tx: UnitOfWork, owner: Organization, subscription: Subscription, rows: Sequence[StoredFact]
) -> Holding | None:
    plan = await tx.plans.get(owner.id, subscription.plan)
    if plan is None:
        return None
    facts = (it.fact for it in rows if it.subscription == subscription.id)
    policy = replace(plan.policy(owner.policy), verifies=subscription.provider.keeps_subscriptions)
    return Holding(subscription.id, subscription.product, Ledger().join_all(facts), policy)


async def _channels(
    tx: UnitOfWork, organization: OrganizationId, wanted: Iterable[ChannelId]
) -> Mapping[ChannelId, Channel]:
    found = [await tx.channels.get(organization, it) for it in sorted(wanted)]
    return {it.id: it for it in found if it is not None}


async def _live(tx: UnitOfWork, accesses: Iterable[Access]) -> Mapping[AccessId, Command]:
    by_subject = {subject_of(it.id): it.id for it in accesses}
    live = await tx.commands.live_among(by_subject) if by_subject else ()
    return {by_subject[it.subject]: it for it in live}


async def _braked(
    tx: UnitOfWork, organization: OrganizationId, channels: Iterable[ChannelId]
) -> frozenset[ChannelId]:
    brakes = await tx.brakes.among(organization, list(channels))
    return frozenset(it.channel for it in brakes if it.engaged)


async def _alerted(
    tx: UnitOfWork, organization: OrganizationId, accesses: Iterable[Access]
) -> frozenset[tuple[AlertKind, str]]:
    subjects = [it.id for it in accesses]
    opened = await tx.alerts.open_about(organization, subjects) if subjects else ()
    return frozenset((it.kind, it.subject) for it in opened if it.kind in DECIDED)


async def _questions(
    tx: UnitOfWork, subscriptions: Iterable[Subscription]
) -> Mapping[SubscriptionId, Question]:
    questions: dict[SubscriptionId, Question] = {}
    for it in subscriptions:
        if it.asked_since is not None:
            subject = subject_of_object(it.provider, it.account, it.reference)
            read = await tx.commands.live(subject)
            lane = await tx.lanes.get(lane_of_account(it.provider, it.account))
            questions[it.id] = Question(
                since=it.asked_since,
                last=it.asked_at or it.asked_since,
                read=read,
                failing=lane.failures > 0,
            )
    return questions


def lane_of_account(provider: Provider, account: str) -> str:
    """Calls for one account share a breaker."""
    return f"{provider.value}:{account}"


def subject_of_object(provider: Provider, account: str, object_id: str) -> str:
    """Reads of one object are serial."""
    return f"object:{provider.value}:{account}:{object_id}"


def subject_of(access: AccessId) -> str:
    """At most one command of an access is live, so its calls are serial."""
    return f"access:{access}"
