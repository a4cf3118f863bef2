"""Asks of the running system, every minute, what the tests ask of the code.

Each answer that is wrong is an alert with the ids that it is about. It closes by itself once the
answer is right. Customers about whom something was written down lately are looked at, those of
open alerts, and a page of all the others in turn: a small installation is seen whole each minute.
"""

import logging
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from msgspec import Struct

from solynk.apps.engine.decide import decide
from solynk.apps.engine.snapshot import Snapshot, read_snapshot
from solynk.apps.engine.turn import Turn, turn_of
from solynk.apps.engine.wiring import Wiring
from solynk.apps.engine.wishes import Place, keeps
from solynk.core.access import Access
from solynk.core.alert import Alert, AlertKind
from solynk.core.command import Admit, Command, CommandStatus
from solynk.core.entitlement import Desired
from solynk.core.ids import AccessId, CustomerId, OrganizationId

log = logging.getLogger(__name__)

LATE_AFTER: Final = timedelta(minutes=5)
UNSEALED_AFTER: Final = timedelta(minutes=1)
LATELY: Final = timedelta(minutes=10)
ENTRIES: Final = 5_000
"""Written down lately, and looked at; in a flood the rest comes in its turn."""
PAGE: Final = 200
MANY: Final = 100
"""Nobody reads more alerts of one kind."""
KINDS: Final = frozenset(
    {
        AlertKind.SHUT_OUT,
        AlertKind.STILL_INSIDE,
        AlertKind.UNEXPLAINED,
        AlertKind.LATE,
        AlertKind.UNSEALED,
    }
)

Who: TypeAlias = tuple[OrganizationId, CustomerId]
Key: TypeAlias = tuple[OrganizationId | None, AlertKind, str]


class Trouble(Struct, frozen=True):
    organization: OrganizationId | None
    kind: AlertKind
    subject: str
    message: str

    @property
    def key(self) -> Key:
        return self.organization, self.kind, self.subject


@dataclass(slots=True)
class Watch:
    """Remembers whose turn it is; one for each process."""

    _after: Who | None = None

    async def look(self, w: Wiring) -> list[Trouble]:
        """Open an alert for each trouble, and close those that have gone.

        Raises:
            Unavailable, Lost: the storage failed; the next look makes up for it.
        """
        async with turn_of(w, "watch", "watch") as now:
            opened = await now.tx.alerts.all(None, limit=10 * MANY)
            watched = [it for it in opened if it.kind in KINDS]
            lately = await _lately(now)
            of_alerts = await _customers(now, watched)
            found = [it async for it in _work(now)]
        for who in dict.fromkeys([*lately, *of_alerts, *await self._page(w)]):
            async with turn_of(w, "watch", "watch") as now:
                found += await _troubles(now, who)
        await _tell(w, found, watched)
        w.telemetry.count("watches")
        return found

    async def _page(self, w: Wiring) -> list[Who]:
        """The next customers in their order, from the beginning again after the last one."""
        page: list[Who] = []
        async with w.store.begin() as tx:
            owners = sorted(it.id for it in await tx.organizations.all())
            begin = self._after
            for owner in owners:
                if begin is not None and owner < begin[0]:
                    continue
                after = begin[1] if begin is not None and owner == begin[0] else None
                left = PAGE - len(page)
                page += [
                    (owner, it.id) for it in await tx.customers.all(owner, after=after, limit=left)
                ]
                if len(page) == PAGE:
                    break
        self._after = page[-1] if len(page) == PAGE else None
        return page


async def _tell(w: Wiring, found: Iterable[Trouble], watched: Iterable[Alert]) -> None:
    known = {(it.organization, it.kind, it.subject) for it in watched}
    troubles = {it.key: it for it in found}
    async with turn_of(w, "watch", "watch") as now:
        for key, it in troubles.items():
            if key not in known:
                await now.alert(it.organization, it.kind, it.subject, it.message)
                w.telemetry.count("invariants_broken", kind=it.kind.value)
                log.error("%s: %s", it.kind.value, it.message)
        for organization, kind, subject in known.difference(troubles):
            await now.settled(organization, kind, subject)


async def _lately(now: Turn) -> list[Who]:
    entries = await now.tx.audit.since(now.at - LATELY, ENTRIES)
    accesses = {
        (it.organization, it.resource.removeprefix("access:"))
        for it in entries
        if it.organization is not None and it.resource.startswith("access:")
    }
    return [it for o, a in accesses if (it := await _whose(now, o, AccessId(a))) is not None]


async def _customers(now: Turn, alerts: Iterable[Alert]) -> list[Who]:
    found = [
        await _named(now, it.organization, it.subject)
        for it in alerts
        if it.organization is not None
    ]
    return [it for it in found if it is not None]


async def _named(now: Turn, owner: OrganizationId, subject: str) -> Who | None:
    """Whom a subject is about; see `_subject`."""
    customer, colon, _ = subject.partition(":")
    return (owner, CustomerId(customer)) if colon else await _whose(now, owner, AccessId(subject))


async def _whose(now: Turn, owner: OrganizationId, access: AccessId) -> Who | None:
    known = await now.tx.accesses.get(owner, access)
    return None if known is None else (owner, known.customer)


# What waits too long


async def _work(now: Turn) -> AsyncGenerator[Trouble]:
    before = now.at - LATE_AFTER
    wall = await now.w.wall.now()
    for command in await now.tx.late.commands(before, wall - LATE_AFTER, MANY):
        if not await _is_held_up(now, command):
            words = f"command {command.id} ({command.subject}) has been due since {command.due_at}"
            yield Trouble(command.organization, AlertKind.LATE, f"command:{command.id}", words)
    for event in await now.tx.event_lists.due(before, MANY):
        words = f"event {event.id} has waited for over {LATE_AFTER} to be applied"
        yield Trouble(None, AlertKind.LATE, f"event:{event.id}", words)
    for it in await now.tx.due_customers.due(before, MANY):
        words = f"customer {it.id} has been due since {it.due_at}"
        yield Trouble(it.organization, AlertKind.LATE, f"customer:{it.id}", words)
    for entry in await now.tx.chains.waiting(1):
        if entry.at < now.at - UNSEALED_AFTER:
            words = f"audit entry {entry.id} of {entry.at} and those after it wait for their seals"
            yield Trouble(None, AlertKind.UNSEALED, "audit", words)


async def _is_held_up(now: Turn, command: Command) -> bool:
    """While its vendor does not answer, that is told already."""
    lane = await now.tx.lanes.get(command.lane)
    return lane.open_until is not None and lane.open_until > now.at - LATE_AFTER


# What is not as it should be


async def _troubles(now: Turn, who: Who) -> list[Trouble]:
    snapshot = await read_snapshot(now.tx, *who, now.at)
    if snapshot is None:
        return []
    found = [*_gaps(snapshot, now.at)]
    for access in snapshot.accesses.values():
        told = await _told(now, access)
        if told is not None and told is not access.desired:
            words = f"access {access.id} of {access.customer} is {access.desired}, told is {told}"
            found.append(Trouble(who[0], AlertKind.UNEXPLAINED, access.id, words))
    return found


async def _told(now: Turn, access: Access) -> Desired | None:
    """What the audit log says is desired; None where its words are too old to be kept."""
    resource = f"access:{access.id}"
    entries = await now.tx.audit.about(access.organization, resource=resource, limit=MANY)
    wishes = (it.details["to"] for it in entries if it.action == "access.desired")
    last = next(wishes, None)
    return None if last is None else Desired(last)


def _gaps(snapshot: Snapshot, at: datetime) -> Iterable[Trouble]:
    """What should have been done minutes ago, should still be done, and nothing does."""
    before = _undone(snapshot, at - LATE_AFTER)
    for access, trouble in _undone(snapshot, at).items():
        known = before.get(access)
        if known is not None and known.kind is trouble.kind:
            yield trouble


def _undone(snapshot: Snapshot, at: datetime) -> dict[AccessId, Trouble]:
    decision = decide(snapshot, at)
    wanted = {it.id: it for it in (*snapshot.accesses.values(), *decision.accesses)}
    found: dict[AccessId, Trouble] = {}
    for id_, wish in decision.wishes.items():
        access, live = wanted.get(id_), snapshot.live.get(id_)
        if access is None or not isinstance(wish, Place) or wish.hold is not None:
            continue
        # What is parked waits for a person, who was told; what is leased is being done.
        if live is None or (live.status is CommandStatus.READY and not keeps(live, wish)):
            found[id_] = _trouble(snapshot, access, admits=isinstance(wish.order, Admit))
    return found


def _trouble(snapshot: Snapshot, access: Access, *, admits: bool) -> Trouble:
    subject = _subject(snapshot, access)
    whom = f"{access.customer} in channel {access.channel} (access {subject})"
    if admits:
        words = f"{whom} has a right and is outside"
        return Trouble(access.organization, AlertKind.SHUT_OUT, subject, words)
    words = f"{whom} has no right and may be inside"
    return Trouble(access.organization, AlertKind.STILL_INSIDE, subject, words)


def _subject(snapshot: Snapshot, access: Access) -> str:
    """The access; where there is none in the database, whose it should be, and where."""
    known = access.channel in snapshot.accesses
    return access.id if known else f"{access.customer}:{access.channel}"
