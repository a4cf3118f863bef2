from collections.abc import AsyncGenerator

import httpx
import pytest
from stripe import HTTPXClient, StripeClient

from solynk.apps.sandbox import World, start_in_process
from tests.sandbox.receiver import listening_receiver
from tests.sandbox.stripe.play import SECRET, START, Play


@pytest.fixture
async def play() -> AsyncGenerator[Play, None]:
    """A creator's account, with a Connect endpoint that hears all of it."""
    world = World(seed=7, start=START)
    transport = HTTPXClient(timeout=5)
    async with (
        listening_receiver() as receiver,
        start_in_process(world=world) as sandbox,
        httpx.AsyncClient(base_url=sandbox.base_url, trust_env=False, timeout=30) as http,
    ):
        client = StripeClient(
            "sk_test_sandbox", base_addresses={"api": sandbox.base_url}, http_client=transport
        )
        account = (await http.post("/sandbox/stripe/accounts", json={})).json()["id"]
        await http.post("/sandbox/stripe/endpoints", json={"url": receiver.url, "secret": SECRET})
        yield Play(world, http, client, receiver, account)
        await transport.close_async()  # type: ignore[no-untyped-call]  # the SDK says nothing of it
