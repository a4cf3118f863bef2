from collections.abc import AsyncGenerator

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from solynk.adapters.telegram import TelegramPlatform
from solynk.apps.sandbox import start_in_process
from tests.adapters.telegram.people import TelegramDriver, Town


@pytest.fixture(scope="session")
async def town(anyio_backend: str) -> AsyncGenerator[Town]:
    """One sandbox and one HTTP session for all tests: starting them takes longer than a test."""
    del anyio_backend
    async with start_in_process() as sandbox:
        session = AiohttpSession(api=TelegramAPIServer.from_base(sandbox.base_url), timeout=5)
        yield Town(sandbox, session)
        await session.close()


@pytest.fixture
async def chat(town: Town) -> TelegramDriver:
    town.clear()
    return TelegramDriver(town)


@pytest.fixture
def platform(chat: TelegramDriver) -> TelegramPlatform:
    return TelegramPlatform(Bot(chat.bot.token, session=chat.town.session))
