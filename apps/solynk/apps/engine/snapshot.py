"""Reads everything about customers of one organization, under their locks.

As many statements for a hundred customers as for one.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

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
    PlanId,
    ProductId,
    SubscriptionId,
)
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy
from solynk.core.portfolio import Holding, Portfolio
from solynk.ports.storage import StoredFact, UnitOfWork

Owned = TypeVar("Owned", Access, BoundIdentity, StoredFact, Subscription)

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
    if locked is None:
        return None
    return next(iter(await read_snapshots(tx, organization, [locked], at)), None)


async def read_snapshots(
    tx: UnitOfWork, organization: OrganizationId, customers: Sequence[Customer], at: datetime
) -> Sequence[Snapshot]:
    """Of customers whose locks are held, in their order; none where there is no such organization."""
    owner = await tx.organizations.get(organization)
    if owner is None:
        return []
    everybody = [it.id for it in customers]
    subscriptions = await tx.subscriptions.of(organization, *everybody)
    portfolios = await read_portfolios(tx, owner, everybody, subscriptions)
    accesses = await tx.accesses.of(organization, *everybody)
    wanted = {it for portfolio in portfolios.values() for it in portfolio.channels()}
    channels = await tx.channels.among(organization, {*wanted, *(it.channel for it in accesses)})
    shared = _Shared(
        owner=owner,
        subscriptions=_by_customer(subscriptions),
        portfolios=portfolios,
        accesses=_by_customer(accesses),
        channels={it.id: it for it in channels},
        identities=_by_customer(await tx.identities.of(organization, *everybody)),
        live=await _live(tx, accesses, subscriptions),
        braked=await _braked(tx, organization, channels),
        failing=await _failing(tx, subscriptions),
        alerted=await _alerted(tx, organization, accesses),
    )
    return [_snapshot(shared, it, at) for it in customers]


class _Shared(Struct, frozen=True):
    """What was read about all of them."""

    owner: Organization
    subscriptions: Mapping[CustomerId, Sequence[Subscription]]
    portfolios: Mapping[CustomerId, Portfolio]
    accesses: Mapping[CustomerId, Sequence[Access]]
    channels: Mapping[ChannelId, Channel]
    identities: Mapping[CustomerId, Sequence[BoundIdentity]]
    live: Mapping[str, Command]
    """The live commands by subject: of accesses, and of what the provider was asked."""
    braked: frozenset[ChannelId]
    failing: frozenset[str]
    """The lanes where no call succeeds at present."""
    alerted: frozenset[tuple[AlertKind, str]]


def _snapshot(it: _Shared, customer: Customer, at: datetime) -> Snapshot:
    subscriptions = it.subscriptions.get(customer.id, ())
    portfolio = it.portfolios[customer.id]
    accesses = {a.channel: a for a in it.accesses.get(customer.id, ())}
    ids = {a.id for a in accesses.values()}
    concerned = {*portfolio.channels(), *accesses}
    channels = {c: it.channels[c] for c in sorted(concerned) if c in it.channels}
    live = {id_: it.live.get(subject_of(id_)) for id_ in ids}
    return Snapshot(
        customer=customer,
        organization=it.owner,
        portfolio=portfolio,
        subscriptions={s.id: s for s in subscriptions},
        accesses=accesses,
        channels=channels,
        identities={i.platform: i for i in it.identities.get(customer.id, ())},
        live={id_: command for id_, command in live.items() if command is not None},
        braked=it.braked.intersection(channels),
        questions=dict(_questions(it, subscriptions)),
        alerted=frozenset(alert for alert in it.alerted if alert[1] in ids),
        fresh={c: AccessId(new_id(at)) for c in channels if c not in accesses},
    )


def _by_customer(its: Iterable[Owned]) -> Mapping[CustomerId, Sequence[Owned]]:
    found: dict[CustomerId, list[Owned]] = {}
    for it in its:
        found.setdefault(it.customer, []).append(it)
    return found


async def read_portfolios(
    tx: UnitOfWork,
    owner: Organization,
    customers: Sequence[CustomerId],
    subscriptions: Sequence[Subscription],
) -> Mapping[CustomerId, Portfolio]:
    facts = _by_customer(await tx.facts.of(owner.id, *customers))
    people = {
        it: Ledger().join_all(row.fact for row in facts.get(it, ()) if row.subscription is None)
        for it in customers
    }
    products = await _products(tx, owner.id, people.values(), subscriptions)
    plans = await tx.plans.among(owner.id, {it.plan for it in subscriptions})
    policies = {it.id: it.policy(owner.policy) for it in plans}
    bought = _by_customer(subscriptions)
    return {
        it: Portfolio(
            holdings=tuple(_holdings(bought.get(it, ()), policies, facts.get(it, ()))),
            people=people[it],
            products=products,
            policy=replace(owner.policy, renews=False),
        )
        for it in customers
    }


async def _products(
    tx: UnitOfWork,
    organization: OrganizationId,
    people: Iterable[Ledger],
    subscriptions: Iterable[Subscription],
) -> Mapping[ProductId, Product]:
    """The catalogue where a person's decision may concern any of it, else what was bought."""
    granted = (it.scope for ledger in people for it in ledger.grants.values())
    if any(not isinstance(it, OnChannel) for it in granted):
        found = await tx.products.all(organization)
    else:
        found = await tx.products.among(organization, {it.product for it in subscriptions})
    return {it.id: it for it in found}


def _holdings(
    subscriptions: Iterable[Subscription],
    policies: Mapping[PlanId, AccessPolicy],
    rows: Sequence[StoredFact],
) -> Iterable[Holding]:
    for it in subscriptions:
        policy = policies.get(it.plan)
        if policy is not None:
            facts = (row.fact for row in rows if row.subscription == it.id)
            its = replace(policy, verifies=it.provider.keeps_subscriptions)
            yield Holding(it.id, it.product, Ledger().join_all(facts), its)


async def _live(
    tx: UnitOfWork, accesses: Iterable[Access], subscriptions: Iterable[Subscription]
) -> Mapping[str, Command]:
    subjects = [subject_of(it.id) for it in accesses]
    subjects += [_subject_of_read(it) for it in subscriptions if it.asked_since is not None]
    live = await tx.commands.live_among(subjects) if subjects else ()
    return {it.subject: it for it in live}


async def _braked(
    tx: UnitOfWork, organization: OrganizationId, channels: Iterable[Channel]
) -> frozenset[ChannelId]:
    brakes = await tx.brakes.among(organization, [it.id for it in channels])
    return frozenset(it.channel for it in brakes if it.engaged)


async def _alerted(
    tx: UnitOfWork, organization: OrganizationId, accesses: Iterable[Access]
) -> frozenset[tuple[AlertKind, str]]:
    subjects = [it.id for it in accesses]
    opened = await tx.alerts.open_about(organization, subjects) if subjects else ()
    return frozenset((it.kind, it.subject) for it in opened if it.kind in DECIDED)


async def _failing(tx: UnitOfWork, subscriptions: Iterable[Subscription]) -> frozenset[str]:
    names = {_lane_of(it) for it in subscriptions if it.asked_since is not None}
    lanes = [await tx.lanes.get(it) for it in sorted(names)]
    return frozenset(it.name for it in lanes if it.failures > 0)


def _questions(
    shared: _Shared, subscriptions: Iterable[Subscription]
) -> Iterable[tuple[SubscriptionId, Question]]:
    for it in subscriptions:
        if it.asked_since is not None:
            yield (
                it.id,
                Question(
                    since=it.asked_since,
                    last=it.asked_at or it.asked_since,
                    read=shared.live.get(_subject_of_read(it)),
                    failing=_lane_of(it) in shared.failing,
                ),
            )


def _lane_of(it: Subscription) -> str:
    return lane_of_account(it.provider, it.account)


def _subject_of_read(it: Subscription) -> str:
    return subject_of_object(it.provider, it.account, it.reference)


def lane_of_account(provider: Provider, account: str) -> str:
    """Calls for one account share a breaker."""
    return f"{provider.value}:{account}"


def subject_of_object(provider: Provider, account: str, object_id: str) -> str:
    """Reads of one object are serial."""
    return f"object:{provider.value}:{account}:{object_id}"


def subject_of(access: AccessId) -> str:
    """At most one command of an access is live, so its calls are serial."""
    return f"access:{access}"
