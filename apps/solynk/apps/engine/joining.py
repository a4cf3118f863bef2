"""Measures how members come in: who did, and how long after their payment."""

from solynk.apps.engine.turn import Turn
from solynk.core.access import Access
from solynk.core.facts import Payment, PaymentStatus


async def measure_joining(now: Turn, before: Access, after: Access) -> None:
    """Counts each coming in once, whichever way it was learnt."""
    if before.inside_since is not None or after.inside_since is None:
        return
    now.w.telemetry.count("members_joined")
    facts = await now.tx.facts.of(after.organization, after.customer)
    paid = [
        it.recorded_at
        for it in facts
        if isinstance(it.fact, Payment) and it.fact.status is PaymentStatus.PAID
    ]
    if paid:
        seconds = (now.at - max(paid)).total_seconds()
        now.w.telemetry.observe("payment_to_join_seconds", seconds)
