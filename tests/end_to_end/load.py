"""Webhooks that come in all the while, and what became of each."""

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import anyio
import httpx
import msgspec

from tests.end_to_end.town import City, Town

SENDERS = 4
PAUSE = 0.04
ACCOUNT = "acct_under_load"


@dataclass(slots=True)
class Sending:
    """Senders that deliver one webhook after the other, each over a connection that it keeps."""

    town: Town
    outcomes: Counter[str] = field(default_factory=Counter[str])
    acknowledged: set[str] = field(default_factory=set[str])
    stopped: bool = False

    async def run(self) -> None:
        async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
            while not self.stopped:
                await self._send(http)
                await anyio.sleep(PAUSE)

    async def _send(self, http: httpx.AsyncClient) -> None:
        name = f"evt_{uuid4().hex}"
        body = _an_event(name)
        headers = {"Stripe-Signature": self.town.signed(body)}
        try:
            url = f"{self.town.app_url}/webhooks/stripe"
            answer = await http.post(url, content=body, headers=headers)
        except httpx.ConnectError:
            self.outcomes["refused"] += 1
        except httpx.TransportError as fault:
            self.outcomes[type(fault).__name__] += 1
        else:
            self.outcomes[str(answer.status_code)] += 1
            self.acknowledged |= {name} if answer.is_success else set()

    def lost(self, city: City) -> set[str]:
        """What was acknowledged and is not in the inbox."""
        rows = city.rows("select external_id from events where account = %s", ACCOUNT)
        return self.acknowledged - {name for (name,) in rows}


def _an_event(name: str) -> bytes:
    customer = {"id": "cus_1", "object": "customer"}
    return msgspec.json.encode(
        {
            "id": name,
            "object": "event",
            "type": "customer.updated",
            "account": ACCOUNT,
            "livemode": False,
            "created": 1,
            "data": {"object": customer},
        }
    )


@asynccontextmanager
async def under_load(town: Town) -> AsyncGenerator[Sending]:
    sending = Sending(town)
    async with anyio.create_task_group() as senders:
        for _ in range(SENDERS):
            senders.start_soon(sending.run)
        yield sending
        sending.stopped = True
