"""`solynk redecode`, on one event of Stripe that an older version read otherwise."""

import asyncio
import os
from pathlib import Path

import pytest

from solynk.adapters.stripe.decode import VERSION
from solynk.apps.cli import main
from solynk.apps.container import container_of
from solynk.apps.engine import new_id
from solynk.apps.lifetime import running
from solynk.apps.settings import Settings
from solynk.core.event import Event, EventStatus
from solynk.core.facts import Forever, Payment, PaymentStatus
from solynk.core.ids import CustomerId, EventId, SubscriptionId
from solynk.core.money import Money
from solynk.ports.storage import StoredFact
from tests.apps.cli.seed import Seed, seeded

KEY = "sk_test_abcdefghijklmnop"


@pytest.fixture
def event(monkeypatch: pytest.MonkeyPatch) -> EventId:
    monkeypatch.setenv("STRIPE_SECRET_KEY", KEY)
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_abcdefghijklmnop")
    assert main(["migrate"]) == 0
    return asyncio.run(_stored(seeded()))


async def _stored(seed: Seed) -> EventId:
    """An event of a type that is not read, of which a payment is said to be known."""
    async with running(container_of(Settings.from_env(os.environ))) as w:
        at = await w.clock.now()
        event = Event(
            id=EventId(new_id(at)),
            source="stripe",
            account="acct_1",
            livemode=False,
            external_id="evt_1",
            kind="topup.created",
            body=b'{"id":"evt_1","type":"topup.created","data":{"object":{}}}',
            received_at=at,
            status=EventStatus.APPLIED,
            correlation="evt_1",
            organization=seed.organization,
            applied_at=at,
            decoder="stripe-0",
        )
        paid = Payment("in_1", Forever(), Money(900, "EUR"), PaymentStatus.PAID, paid_at=at)
        whose = seed.organization, CustomerId(seed.guest), SubscriptionId(new_id(at))
        async with w.store.begin() as tx:
            await tx.events.add(event)
            await tx.facts.add(StoredFact(*whose, paid, event.id, at))
        return event.id


def test_a_difference_is_listed_with_both_versions_and_its_name(
    event: EventId, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()

    code = main(["redecode"])

    said = capsys.readouterr().out
    assert code == 1
    assert f"✗ event {event} (topup.created, evt_1), read by stripe-0, now by {VERSION}" in said
    assert "is told no more: payment in_1" in said
    name = said.partition("approve ")[2].split()[0]
    assert name.startswith(f"{event}:")

    approved = tmp_path / "approved"
    approved.write_text(f"# by two of us\n{name}  # never was a sale\n")
    assert main(["redecode", "--approved", str(approved)]) == 0
    assert "1 events were read again; 1 differ as approved" in capsys.readouterr().out

    approved.write_text(f"{event}:000000000000\n")
    assert main(["redecode", "--approved", str(approved)]) == 1


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["redecode", "--approved", "nowhere"]) == 2
    assert "nowhere" in capsys.readouterr().err
