import os
from pathlib import Path

import pytest

from solynk.adapters.memory.platform import InMemoryPlatform
from solynk.apps.cli import main
from solynk.apps.cli.examination import examine
from solynk.apps.container import Container, container_of, put
from solynk.apps.settings import Settings
from solynk.core.catalog import Platform
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
