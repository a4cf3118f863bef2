"""A store that hangs fills the room for webhooks; what is more is turned away at once."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import httpx
import pytest

from solynk.adapters.memory.store import InMemoryStore
from solynk.apps.api import create_app
from solynk.apps.container import put
from solynk.core.event import Event
from solynk.ports.payments import RawEvent
from tests.apps.api.stage import KEY, Answer, Stage, a_settings, a_stage
from tests.apps.api.test_numbers import webhooks

pytestmark = pytest.mark.anyio

PATH = "/webhooks/stripe"
PLACES = 2


class HungStore(InMemoryStore):
    """Keeps nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = asyncio.Event()
        self.waiting = asyncio.Semaphore(0)

    async def keep(self, event: Event) -> bool:
        self.waiting.release()
        await self.goes_on.wait()
        return await super().keep(event)


@dataclass
class Crowd:
    stage: Stage
    store: HungStore
    app: Answer
    http: httpx.AsyncClient
    """The stage's own client waits for each answer before it sends anything else."""
    inside: list[asyncio.Task[Answer]] = field(default_factory=list[asyncio.Task[Answer]])

    async def enters(self, name: str) -> None:
        """A genuine event waits for the store."""
        self.inside.append(asyncio.create_task(self.sends(name)))
        await self.store.waiting.acquire()

    async def sends(self, name: str) -> Answer:
        raw = await self.stage.provider.disconnect(name)
        return await self.http.post(PATH, content=raw.body, headers=dict(raw.headers))

    async def fills(self) -> None:
        for number in range(PLACES):
            await self.enters(f"acct_{number}")

    async def one_more(self) -> Answer:
        return await self.sends("acct_more")

    async def statuses(self) -> list[int]:
        """Of those inside, once the store goes on."""
        self.store.goes_on.set()
        return [it.status_code for it in await asyncio.gather(*self.inside)]


@pytest.fixture
async def crowd() -> AsyncGenerator[Crowd]:
    async with a_stage(a_settings(webhooks_at_once=PLACES)) as stage:
        store = HungStore()
        put(stage.container.store, store)
        stage.container.wiring.reset()
        stage.wiring = stage.container.wiring()
        app: Answer = create_app(stage.container)  # the two name ASGI's types differently
        inside = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=inside, base_url="http://here") as http:
            yield Crowd(stage, store, app, http)


async def test_what_finds_no_place_is_to_be_sent_again_and_is_counted(crowd: Crowd) -> None:
    await crowd.fills()

    answer = await crowd.one_more()

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == answer.json()["correlation"]
    assert await crowd.statuses() == [200] * PLACES
    assert await webhooks(crowd.stage) == {"stored": PLACES, "refused": 1}


async def test_nothing_of_what_was_turned_away_is_stored_and_all_of_the_rest_is(
    crowd: Crowd,
) -> None:
    await crowd.fills()
    await crowd.one_more()
    await crowd.statuses()

    async with crowd.stage.wiring.store.begin() as tx:
        stored = await tx.event_lists.all(None)

    assert {it.account for it in stored} == {f"acct_{number}" for number in range(PLACES)}


async def test_places_are_free_again_once_the_store_answers(crowd: Crowd) -> None:
    await crowd.fills()
    await crowd.one_more()
    await crowd.statuses()

    again = [(await crowd.one_more()).status_code for _ in range(2 * PLACES)]

    assert again == [200] * (2 * PLACES)


async def test_all_else_is_answered_while_the_room_is_full(crowd: Crowd) -> None:
    await crowd.fills()

    alive = await crowd.http.get("/healthz")
    read = await crowd.http.get("/v1/organizations", headers={"Authorization": f"Bearer {KEY}"})

    assert (alive.status_code, read.status_code) == (200, 200)
    await crowd.statuses()


async def test_a_forged_one_takes_no_place(crowd: Crowd) -> None:
    for _ in range(2 * PLACES):
        await crowd.http.post(PATH, content=b"{}")

    await crowd.fills()

    assert await crowd.statuses() == [200] * PLACES


async def test_whoever_sends_slowly_takes_no_place_and_finds_none_left(crowd: Crowd) -> None:
    slow = Slowly(await crowd.stage.provider.disconnect("acct_slow"))
    sending = asyncio.create_task(slow.sent_to(crowd.app))
    await slow.begun.wait()
    await crowd.fills()

    slow.ends.set()

    async with asyncio.timeout(10):
        assert await sending == 503
    assert await crowd.statuses() == [200] * PLACES


@dataclass
class Slowly:
    """A request whose body comes when it is let."""

    raw: RawEvent
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    ends: asyncio.Event = field(default_factory=asyncio.Event)
    status: int = 0

    async def sent_to(self, app: Answer) -> int:
        headers = [(name.encode(), value.encode()) for name, value in self.raw.headers.items()]
        scope: Answer = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "path": PATH,
            "raw_path": PATH.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "state": {},
        }
        await app(scope, self._receive, self._send)
        return self.status

    async def _receive(self) -> Answer:
        self.begun.set()
        await self.ends.wait()
        return {"type": "http.request", "body": self.raw.body, "more_body": False}

    async def _send(self, message: Answer) -> None:
        self.status = message.get("status", self.status)
