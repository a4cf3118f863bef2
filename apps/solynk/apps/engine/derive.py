"""Runs the decision for customers and writes all of it, in the caller's transaction.

As many statements for a hundred customers as for one, but for what is rare in the life of one: a
promise of grace, a question that is put again, an order that is dropped.
"""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from solynk.apps.engine import queueing
from solynk.apps.engine.decide import decide
from solynk.apps.engine.placing import Derived, place
from solynk.apps.engine.snapshot import read_snapshots
from solynk.apps.engine.turn import Turn
from solynk.core.command import Fetch
from solynk.core.customer import Customer
from solynk.core.ids import CustomerId, OrganizationId
from solynk.ports.storage import StoredFact


async def derive(now: Turn, organization: OrganizationId, *customers: CustomerId) -> None:
    """Close the gap between what should be and what was seen, for these customers."""
    locked = [await now.tx.customers.lock(organization, it) for it in sorted(customers)]
    known = [it for it in locked if it is not None]
    await derive_locked(organization, known, {it.id: now for it in known})


async def derive_locked(
    organization: OrganizationId, customers: Sequence[Customer], turns: Mapping[CustomerId, Turn]
) -> None:
    """The same for customers whose locks are held; each has a turn, of one transaction."""
    if not customers:
        return
    now = turns[customers[0].id]
    snapshots = await read_snapshots(now.tx, organization, customers, now.at)
    derived = [Derived(turns[it.customer.id], it, decide(it, now.at)) for it in snapshots]
    await _write_rows(now, derived)
    await _write_reports(now, organization, derived)
    await place(now, derived)
    await _ask(now, derived)


async def _write_rows(now: Turn, derived: Sequence[Derived]) -> None:
    subscriptions = [row for it in derived for row in it.decision.subscriptions]
    if subscriptions:
        await now.tx.subscriptions.put(*subscriptions)
    accesses = [row for it in derived for row in it.decision.accesses]
    if accesses:
        await now.tx.accesses.put(*accesses)
    for it in derived:
        customer = it.snapshot.customer
        for subscription, promise in it.decision.promises:
            owner = customer.organization
            row = StoredFact(owner, customer.id, subscription, promise, None, now.at)
            await now.tx.facts.add(row)
    after = (
        replace(it.snapshot.customer, due_at=it.decision.due_at, failing_since=None)
        for it in derived
    )
    changed = [new for it, new in zip(derived, after, strict=True) if new != it.snapshot.customer]
    if changed:
        await now.tx.customers.put(*changed)


async def _write_reports(
    now: Turn, organization: OrganizationId, derived: Sequence[Derived]
) -> None:
    """Alerts in one order, since several customers may raise one of the same subject."""
    raised = {(alert.kind, alert.subject): alert for it in derived for alert in it.decision.alerts}
    for _, alert in sorted(raised.items()):
        await now.alert(organization, alert.kind, alert.subject, alert.message)
    for kind, subject in sorted(alert for it in derived for alert in it.decision.settled):
        await now.settled(organization, kind, subject)
    for it in derived:
        for note in it.decision.notes:
            it.now.note(organization, note.action, note.resource, **note.details)


async def _ask(now: Turn, derived: Sequence[Derived]) -> None:
    """Nobody is expelled for non-payment on old news: the provider is asked first."""
    reads = [
        queueing.read_of(
            it.now,
            about.organization,
            Fetch(about.provider.value, about.account, "subscription", about.reference),
        )
        for it in derived
        for about in (it.snapshot.subscriptions[key] for key in it.decision.verify)
    ]
    await queueing.fetch_all(now, reads, anew=True)
