"""Reads every stored event again with the code that runs, and changes nothing.

Before a release: what was told once must still be told. Facts are compared by their whole content.
Updates of channel platforms are left out: they are signals, of which no fact is kept.
"""

import hashlib
from collections.abc import AsyncGenerator, Container, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from solynk.apps.engine.matching import FOREIGN
from solynk.apps.engine.receive import inadmissible
from solynk.apps.engine.wiring import Wiring
from solynk.core.catalog import Provider
from solynk.core.event import Event, EventStatus
from solynk.core.facts import Fact, Observed
from solynk.core.ids import EventId
from solynk.core.ledger import Ledger
from solynk.ports.errors import Malformed
from solynk.ports.payments import EventDecoder, Facts, Finding, Received, Subject
from solynk.ports.storage import UnitOfWork

BATCH: Final = 200
_READ: Final = frozenset({EventStatus.APPLIED, EventStatus.IGNORED, EventStatus.DEAD})
"""Of the others nobody knows yet all that they tell, or of whom."""


class Difference(Struct, frozen=True):
    """What one event tells, and told."""

    event: EventId
    external_id: str
    kind: str
    before: str
    """The version of the decoder that read it; empty where none did."""
    after: str
    lost: tuple[Fact, ...] = ()
    new: tuple[Fact, ...] = ()
    fault: str | None = None
    """Why it can not be read any more."""

    @property
    def name(self) -> str:
        """Of this very difference: another one of the same event has another name."""
        told = msgspec.json.encode((self.lost, self.new, self.fault))
        return f"{self.event}:{hashlib.sha256(told).hexdigest()[:12]}"


class Reread(Struct, frozen=True):
    event: EventId
    difference: Difference | None


async def redecode(w: Wiring) -> AsyncGenerator[Reread]:
    """Every payment event that was read once, the newest of each organization first."""
    async with w.store.begin() as tx:
        owners = [None, *(it.id for it in await tx.organizations.all())]
    for owner in owners:
        before: EventId | None = None
        while True:
            async with w.store.begin() as tx:
                page = await tx.event_lists.all(owner, before=before, limit=BATCH)
                found = [await _reread(w, tx, it) for it in page if _concerns(w, it)]
            for it in found:
                yield it
            if len(page) < BATCH:
                break
            before = page[-1].id


def _concerns(w: Wiring, event: Event) -> bool:
    known = any(it.value == event.source for it in w.providers)
    refused = inadmissible(w, event.account, livemode=event.livemode) is not None
    return known and not refused and event.status is not EventStatus.RECEIVED


async def _reread(w: Wiring, tx: UnitOfWork, event: Event) -> Reread:
    decoder = w.providers[Provider(event.source)]
    told = [it.fact for it in await tx.event_facts.of(event.id)]
    try:
        findings, fault = _findings(decoder, event), None
    except Malformed as malformed:
        findings, fault = (), malformed.reason
    facts = [fact for finding in findings for fact in finding.facts]
    lost = tuple(it for it in told if it not in facts)
    new = await _new(tx, event, findings, told)
    if event.status is EventStatus.DEAD:
        fault = None  # It could not be read before either.
    if not (lost or new or fault):
        return Reread(event.id, None)
    id_, kind, before = event.external_id, event.kind, event.decoder
    known = Difference(event.id, id_, kind, before, decoder.version, lost, new, fault)
    return Reread(event.id, known)


def _findings(decoder: EventDecoder, event: Event) -> tuple[Finding, ...]:
    received = Received(event.kind, event.body, event.account, event.livemode)
    decoded = decoder.decode(received)
    return decoded.findings if isinstance(decoded, Facts) else ()


async def _new(
    tx: UnitOfWork, event: Event, findings: Sequence[Finding], told: Container[Fact]
) -> tuple[Fact, ...]:
    """Those that nobody has told: not this event in its time, and no other one either."""
    owner = event.organization
    if owner is None or event.status not in _READ or event.reason in FOREIGN:
        return ()
    found = [(it.subject, fact) for it in findings for fact in it.facts if fact not in told]
    unknown = [it for it in found if not await tx.event_facts.known(owner, it[1])]
    return tuple([fact for whose, fact in unknown if not await _let_go(tx, event, whose, fact)])


async def _let_go(tx: UnitOfWork, event: Event, subject: Subject, fact: Fact) -> bool:
    """Whether this is a read that was dropped, for its ledger is the same without it."""
    if event.organization is None or subject.subscription is None or not isinstance(fact, Observed):
        return False
    named = (event.organization, Provider(event.source), event.account, subject.subscription)
    subscription = await tx.subscriptions.find(*named)
    if subscription is None:
        return False
    rows = await tx.facts.of(subscription.organization, subscription.customer)
    facts = [it.fact for it in rows if it.subscription == subscription.id]
    return fact in Ledger().join_all([*facts, fact]).superfluous([fact])
