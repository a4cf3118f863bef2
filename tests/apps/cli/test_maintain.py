"""`solynk maintain`: what is too old is told, and let go when that is asked for."""

import asyncio
import os
from datetime import datetime, timedelta

import pytest

from solynk.apps import engine
from solynk.apps.cli import main
from solynk.apps.container import container_of
from solynk.apps.lifetime import running
from solynk.apps.settings import Settings
from solynk.core.audit import AuditEntry
from solynk.core.event import Event, EventStatus
from solynk.core.ids import AuditId, EventId
from solynk.core.instants import DAY

AGES = (800 * DAY, 401 * DAY, timedelta(0))
"""Of an event and an entry each."""


@pytest.fixture(autouse=True)
def kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    asyncio.run(_written())
    capsys.readouterr()


async def _written() -> None:
    container = container_of(Settings.from_env(os.environ))
    async with running(container) as w:
        for age in AGES:
            at = await w.clock.now() - age
            async with w.store.begin() as tx:
                id_ = EventId(engine.new_id(at))
                await tx.events.add(
                    Event(
                        id=id_,
                        source="stripe",
                        account="acct_1",
                        livemode=False,
                        external_id=f"evt_{age.days}",
                        kind="invoice.paid",
                        body=b"{}",
                        received_at=at,
                        status=EventStatus.APPLIED,
                        correlation="the tests",
                    )
                )
                await tx.audit.append(an_entry(at, f"event:{id_}"))
        await engine.seal(w, "the tests")


def an_entry(at: datetime, resource: str) -> AuditEntry:
    name = AuditId(engine.new_id(at))
    return AuditEntry(name, None, at, "the tests", "event.applied", resource, "the tests", {})


async def _counts() -> tuple[int, int]:
    async with (
        running(container_of(Settings.from_env(os.environ))) as w,
        w.store.begin() as tx,
    ):
        events, entries = await tx.event_lists.all(None), await tx.audit.about(None)
    return len(events), len([it for it in entries if it.actor == "the tests"])


def test_without_apply_it_says_what_would_go_and_changes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["maintain"]) == 0

    said = capsys.readouterr().out
    assert "1 events from before " in said
    assert "2 audit entries from before " in said
    assert "nothing was changed" in said
    assert asyncio.run(_counts()) == (3, 3)


def test_with_apply_it_goes_and_the_log_is_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["maintain", "--apply"]) == 0

    assert "2 audit entries from before " in capsys.readouterr().out
    assert asyncio.run(_counts()) == (2, 1)
    assert main(["verify-audit"]) == 0
    assert main(["maintain", "--apply"]) == 0
    assert "0 audit entries from before " in capsys.readouterr().out


def test_the_days_are_those_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PAYMENT_EVENT_RETENTION_DAYS", "400")
    monkeypatch.setenv("AUDIT_LOG_RETENTION_DAYS", "900")

    assert main(["maintain"]) == 0

    said = capsys.readouterr().out
    assert "2 events from before " in said
    assert "0 audit entries from before " in said


def test_what_could_not_be_let_go_is_told_with_its_fix(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["maintain", "--apply"]) == 0
    asyncio.run(_written_over())
    capsys.readouterr()
    monkeypatch.setenv("AUDIT_SIGNING_KEY", "7" * 64)

    assert main(["maintain", "--apply"]) == 1

    said = capsys.readouterr().out
    assert "is not signed by a known key" in said
    assert "docs/runbooks/retention.md" in said


async def _written_over() -> None:
    """A further entry that is too old, behind the cut that there is."""
    async with running(container_of(Settings.from_env(os.environ))) as w:
        at = await w.clock.now() - 500 * DAY
        async with w.store.begin() as tx:
            await tx.audit.append(an_entry(at, "event:1"))
        await engine.seal(w, "the tests")
