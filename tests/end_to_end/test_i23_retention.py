"""I23: `solynk maintain` is killed at one call to the database after another, and comes through.

To the millisecond, in virtual time and at every commit: tests/apps/engine/test_i23_retention.py.
"""

import json
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text

from solynk.adapters.clock.system import SystemClock
from solynk.adapters.ed25519 import Ed25519Signer
from solynk.adapters.sqlalchemy.engine import connect
from solynk.adapters.sqlalchemy.store import SqlStore
from solynk.apps import engine
from solynk.apps.data_folder import with_signing_key
from solynk.apps.settings import Settings
from solynk.core.audit import AuditEntry
from solynk.core.chain import extend
from solynk.core.event import Event, EventStatus
from solynk.core.ids import AuditId, EventId
from solynk.core.instants import DAY, HOUR
from solynk.ports.signing import Signer
from tests.chaos.arena import ORDERS
from tests.end_to_end.programs import Program

pytestmark = pytest.mark.anyio

KILLED = 137
FIRST, STEP = 25, 40
"""At which call to the database a run dies, and how much later the next one does."""
RUNS_WITHIN = 120.0
EVENTS, AUDIT = 730, 400
DAYS, EVERY = 900, 3


@dataclass
class Place:
    """A database, and programs that work on it."""

    url: str
    folder: Path

    @asynccontextmanager
    async def store(self) -> AsyncGenerator[SqlStore]:
        database = connect(self.url)
        yield SqlStore(database)
        await database.dispose()

    async def runs(self, *words: str, dies_at: int | None = None) -> int:
        order = self.folder / "order"
        if dies_at is not None:
            what = {
                "door": "database",
                "like": "",
                "number": dies_at,
                "when": "after",
                "then": "die",
            }
            order.write_text(json.dumps(what))
        path = os.pathsep.join(filter(None, [str(ORDERS), os.environ.get("PYTHONPATH")]))
        known = {
            "DATABASE_URL": self.url,
            "SOLYNK_DATA_DIR": str(self.folder),
            "AUDIT_CHECKPOINT_DIR": str(self.folder),
            "PYTHONPATH": path,
            "CHAOS_ORDER": str(order),
        }
        program = Program(words[0], words, known, self.folder)
        program.start()
        code = await program.ended(RUNS_WITHIN)
        order.unlink(missing_ok=True)
        return code

    def signer(self) -> Signer:
        settings = Settings.from_env({"SOLYNK_DATA_DIR": str(self.folder)}, self.folder / "none")
        return Ed25519Signer.of(with_signing_key(settings).audit_signing_keys)

    async def lease_ends(self) -> None:
        """A minute passes."""
        async with self.store() as store, store.engine.begin() as connection:
            await connection.execute(text("DELETE FROM leases"))


@pytest.fixture(params=["sqlite", "postgresql"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    url = f"sqlite:///{tmp_path / 'solynk.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    found = Place(url, tmp_path)
    assert await found.runs("migrate") == 0
    return found


def an_event(at: datetime) -> Event:
    id_ = EventId(engine.new_id(at))
    return Event(
        id=id_,
        source="stripe",
        account="acct_1",
        livemode=False,
        external_id=f"evt_{id_}",
        kind="invoice.paid",
        body=b"{}",
        received_at=at,
        status=EventStatus.APPLIED,
        correlation="the tests",
    )


def an_entry(at: datetime) -> AuditEntry:
    name = AuditId(engine.new_id(at))
    return AuditEntry(name, None, at, "the tests", "event.applied", "event:1", "the tests", {})


async def every_third_day(store: SqlStore, now: datetime) -> None:
    """An event and an entry of every third day, sealed, for longer than any is kept."""
    times = [now + HOUR - day * DAY for day in range(DAYS, 0, -EVERY)]
    entries = [an_entry(it) for it in times]
    async with store.begin() as tx:
        for at, entry in zip(times, entries, strict=True):
            await tx.events.add(an_event(at))
            await tx.audit.append(entry)
        head = (await tx.chains.heads([None]))[None]
        await tx.chains.extend(extend(head, entries))


async def ages(store: SqlStore, now: datetime) -> tuple[list[int], list[int]]:
    """Of each event and each entry that is there, in days."""
    async with store.begin() as tx:
        events = await tx.event_lists.all(None, limit=DAYS)
        entries = await tx.audit.about(None, limit=DAYS)
    told = [it.at for it in entries if it.actor == "the tests"]
    return [_days(now - it.received_at) for it in events], [_days(now - it) for it in told]


def kept_for(days: int) -> list[int]:
    return list(range(EVERY, days + 1, EVERY))


def _days(age: timedelta) -> int:
    return (age + HOUR) // DAY


async def test_it_may_be_killed_anywhere(place: Place) -> None:
    now = await SystemClock().now()
    async with place.store() as store:
        await every_third_day(store, now)
    deaths = 0
    events: list[int] = []
    entries: list[int] = []

    for number in count(FIRST, STEP):
        code = await place.runs("maintain", "--apply", dies_at=number)
        async with place.store() as store:
            events, entries = await ages(store, now)
            checked = engine.verify_chains(store, place.signer(), (), engine.Everything())
            assert [it async for it in checked if it.fault is not None] == []
        assert set(kept_for(EVENTS)) <= set(events)
        assert set(kept_for(AUDIT)) <= set(entries)
        if code == 0:
            break
        assert code == KILLED
        deaths += 1
        await place.lease_ends()

    assert (events, entries) == (kept_for(EVENTS), kept_for(AUDIT))
    assert await place.runs("verify-audit") == 0
    assert deaths > 1
