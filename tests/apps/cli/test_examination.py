import os
from pathlib import Path

import pytest

from solynk.adapters.memory.platform import InMemoryPlatform
from solynk.apps import engine
from solynk.apps.cli import main
from solynk.apps.cli.examination import examine
from solynk.apps.container import Container, container_of, put
from solynk.apps.lifetime import running
from solynk.apps.settings import Settings
from solynk.core.alert import Alert, AlertKind
from solynk.core.catalog import Platform, Provider
from solynk.core.event import Event, EventStatus
from solynk.core.ids import AlertId, EventId
from tests.apps.cli.seed import seeded


@pytest.fixture
def platform() -> InMemoryPlatform:
    platform = InMemoryPlatform()
    platform.opens("-1001", owner="zoe")
    return platform


@pytest.fixture
def container(platform: InMemoryPlatform) -> Container:
    assert main(["migrate"]) == 0
    seeded()
    container = container_of(Settings.from_env(os.environ, Path("no-such-file")))
    put(container.platforms, {Platform.TELEGRAM: platform})
    return container


@pytest.mark.anyio
async def test_to_look_at_a_channel_makes_no_link(
    container: Container, platform: InMemoryPlatform
) -> None:
    found = [it.words async for it in examine(container)]

    assert "VIP: the bot can do its work" in found
    assert platform.chats["-1001"].links_made == 0


async def recorded(container: Container) -> tuple[str, str]:
    """Alerts about the channel and a dead event that nobody owns: the event, and whose channel."""
    async with running(container) as w:
        at = await w.clock.now()
        event = EventId(engine.new_id(at))
        async with w.store.begin() as tx:
            [owner] = await tx.organizations.all()
            [channel] = await tx.channels.all(owner.id)
            for kind in (AlertKind.CHANNEL_GONE, AlertKind.BRAKE):
                alert = AlertId(engine.new_id(at))
                await tx.alerts.open(Alert(alert, owner.id, kind, channel.id, "it is so", at))
            await tx.events.add(
                Event(
                    id=event,
                    source=Provider.STRIPE.value,
                    account="",
                    livemode=False,
                    external_id="evt_1",
                    kind="invoice.paid",
                    body=b"{}",
                    received_at=at,
                    status=EventStatus.DEAD,
                    correlation="the tests",
                    reason="it is poison",
                )
            )
        return event, owner.id


@pytest.mark.anyio
async def test_what_is_told_of_once_names_what_to_do_and_whose_it_is(
    container: Container, platform: InMemoryPlatform
) -> None:
    event, owner = await recorded(container)
    platform.chats["-1001"].bot_present = False

    found = [it async for it in examine(container)]

    told = {it.words: it.fix or "" for it in found}
    [gone] = [fix for words, fix in told.items() if words.startswith("VIP: ")]
    assert gone.startswith("Add the bot to the channel again")
    assert not [it for it in told if it.startswith("channel_gone")]
    assert [it for it in told if it.startswith("brake (") and f"organization {owner}" in it]
    dead = f"dead event {event} that no organization owns: it is poison"
    assert f"solynk replay event {event} --reason WHY" in told[dead]
    assert f"/v1/organizations/{owner}" in told["Atelier: no payment account"]
