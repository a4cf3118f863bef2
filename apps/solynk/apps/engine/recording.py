"""Records what one payment event of one organization tells, and derives its customers anew."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from solynk.apps.engine import queueing
from solynk.apps.engine.derive import derive
from solynk.apps.engine.matching import Foreign, Match, Matched, Waits, match
from solynk.apps.engine.turn import Turn
from solynk.core.alert import AlertKind
from solynk.core.catalog import Organization, Provider
from solynk.core.customer import CheckoutStatus, Subscription
from solynk.core.event import Event, EventStatus
from solynk.core.facts import Fact, Observed, Payment, ProviderStatus
from solynk.core.ledger import Ledger
from solynk.ports.payments import Facts, Finding
from solynk.ports.storage import StoredFact
from solynk.ports.wake import Work, WorkKind


class Outcome(Struct, frozen=True):
    """What could not be recorded, if anything."""

    waits_for: str | None = None
    """The provider's object that must become known first."""
    foreign: str | None = None
    """Why the event's metadata was not believed."""


async def record_facts(now: Turn, owner: Organization, event: Event, facts: Facts) -> Outcome:
    provider = Provider(event.source)
    matches = [
        await _record(now, owner, event, finding) for finding in _in_lock_order(facts.findings)
    ]
    await queueing.fetch(now, owner.id, provider, event.account, *facts.fetch)
    if facts.closed_checkout is not None:
        await _close_checkout(now, owner, facts.closed_checkout)
    if facts.disconnected:
        # Sales stop and members stay: an account that refuses us is no evidence against anyone.
        message = "the payment account was disconnected"
        await now.alert(owner.id, AlertKind.PROVIDER_REFUSES, event.account, message)
    concerned = {it.subscription.customer for it in matches if isinstance(it, Matched)}
    await derive(now, owner.id, *concerned)
    return _outcome(matches)


def _outcome(matches: Iterable[Match]) -> Outcome:
    known = list(matches)
    foreign = next((it.message for it in known if isinstance(it, Foreign)), None)
    waits_for = next((it.reference for it in known if isinstance(it, Waits)), None)
    return Outcome(waits_for, foreign)


def _in_lock_order(findings: Iterable[Finding]) -> list[Finding]:
    """Two events about the same customers lock them in the same order."""
    return sorted(findings, key=lambda it: it.subject.customer_id or "")


async def _record(now: Turn, owner: Organization, event: Event, finding: Finding) -> Match:
    found = await match(now, owner, event, finding.subject)
    if isinstance(found, Matched):
        subscription = found.subscription
        await now.tx.customers.lock(owner.id, subscription.customer)
        if found.appeared:
            await _redrive(now, owner, event, subscription.reference)
        for fact in finding.facts:
            await _add(now, owner, event, subscription, fact)
        if any(isinstance(fact, Observed) for fact in finding.facts):
            await _let_go(now, subscription)
    return found


async def _let_go(now: Turn, subscription: Subscription) -> None:
    """Drop the reads that say nothing the newer ones do not: the provider is asked for years.

    What the provider answered stays with the payment event, as long as those are kept.
    """
    known = await now.tx.facts.of(subscription.organization, subscription.customer)
    rows = {it.fact: it for it in known if it.subscription == subscription.id}
    for fact in Ledger().join_all(rows).superfluous(rows):
        await now.tx.facts.let_go(rows[fact])


async def _add(
    now: Turn, owner: Organization, event: Event, subscription: Subscription, fact: Fact
) -> None:
    row = StoredFact(owner.id, subscription.customer, subscription.id, fact, event.id, now.at)
    new = await now.tx.facts.add(row)
    if new and isinstance(fact, Payment):
        await _redrive(now, owner, event, fact.id)
        await _hope_again(now, subscription)
    if isinstance(fact, Observed) and fact.status is ProviderStatus.UNKNOWN:
        message = "the provider named a status that this version does not know"
        await now.alert(owner.id, AlertKind.UNKNOWN_STATUS, subscription.id, message)


async def _hope_again(now: Turn, subscription: Subscription) -> None:
    """Who pays again is tried again, whatever became a dead letter before."""
    for access in await now.tx.accesses.of(subscription.organization, subscription.customer):
        if access.given_up is not None:
            await now.tx.accesses.put(replace(access, given_up=None))


async def _redrive(now: Turn, owner: Organization, event: Event, reference: str) -> None:
    """What waited for this object can be applied once this transaction is committed.

    One that is being applied at this moment is left alone, since who applies it waits for our
    customer: it is looked at again in a minute.
    """
    for event_id in await now.tx.event_lists.unmatched(owner.id, reference):
        waiting = await now.tx.events.lock(event_id)
        if waiting is not None and waiting.id != event.id:
            again = replace(waiting, status=EventStatus.RECEIVED, due_at=now.at)
            await now.tx.events.put(again)
            now.work.append(Work(WorkKind.EVENT, event_id))


async def _close_checkout(now: Turn, owner: Organization, reference: str) -> None:
    checkout = await now.tx.checkouts.named(owner.id, reference)
    if checkout is not None and checkout.status is CheckoutStatus.OPEN:
        await now.tx.checkouts.put(replace(checkout, status=CheckoutStatus.CLOSED))
