"""P7: from a payment to the call that grants, with a platform that takes its time to answer."""

import asyncio
import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from solynk.adapters.stripe.signature import sign
from solynk.apps.engine import new_id
from solynk.core.catalog import Channel, Platform
from solynk.core.customer import BoundIdentity, Customer
from solynk.core.ids import CustomerId, PersonId, PlanId
from tests.benchmarks.engines import Engine, an_engine
from tests.benchmarks.floor import SECRET
from tests.benchmarks.ground import STARTS_WITHIN, Ground, Program, answers, free_port
from tests.benchmarks.measuring import Contender, Figures, Outcome, Target, measured
from tests.benchmarks.platform import Call
from tests.benchmarks.scale import Scale
from tests.benchmarks.sweeping import shop_of

RATE: Final = 20
"""Payments a second."""
SECONDS: Final = 10
WARM: Final = 20
"""Payments before the clock runs: a worker loads what it needs with the first of them."""
PATIENCE: Final = 600.0
GRANT, INVITE = "approveChatJoinRequest", "sendMessage"
TARGETS: Final = (
    Target("P7", "payment to grant call, p95 in ms", "p95", "grant", most=250),
    Target("P7", "payment to grant call, p99 in ms", "p99", "grant", most=1000),
    Target("P7", "payment to invitation sent, p95 in ms", "p95", "invitation", most=2000),
)
SAMPLE: Final = (
    Path(__file__).parents[1]
    / "adapters/stripe/samples/checkout.session.completed.payment.endive.json"
)


def granting(ground: Ground, scale: Scale) -> Outcome:
    database, redis = ground.database(), ground.redis()
    engine = an_engine(ground, database.url, redis)
    shop = engine.run(shop_of(engine))
    platform = _platform(ground)
    world = {
        "TELEGRAM_BOT_TOKEN": "7000000001:of-the-benchmark",
        "SOLYNK_TELEGRAM_API_BASE": f"http://127.0.0.1:{platform.port}",
    }
    api = ground.api(database.url, REDIS_URL=redis)
    ground.solynk("worker", DATABASE_URL=database.url, REDIS_URL=redis, **world)
    town = Town(engine, shop, engine.run(_plan(engine, shop)), api.port, platform.port)
    town.opens()
    town.sell(WARM)
    told: list[dict[str, Figures]] = []

    def grant() -> Figures:
        told.append(town.sell(RATE * SECONDS))
        return told[-1][GRANT]

    contenders = [
        Contender("grant", grant, f"{RATE} payments a second, {SECONDS} seconds; each call takes 50 ms"),
        Contender("invitation", lambda: told[-1][INVITE], "the same payments, to the message"),
    ]  # fmt: skip
    rounds = min(3, scale.rounds)
    return measured("granting", "From payment to access", contenders, TARGETS, rounds)


def _platform(ground: Ground) -> Program:
    port = free_port()
    program = ground.program(["-m", "tests.benchmarks.platform", str(port)], {})
    answers(program.process, port)
    return Program(program.process, port)


async def _plan(engine: Engine, shop: Channel) -> PlanId:
    async with engine.wiring.store.begin() as tx:
        [plan] = await tx.plans.all(shop.organization)
    return plan.id


@dataclass(frozen=True, slots=True)
class Town:
    engine: Engine
    shop: Channel
    plan: PlanId
    api: int
    platform: int

    def opens(self) -> None:
        """Wait for the worker: it asks the platform for news as soon as it works."""
        ends = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < ends:
            if self._told():
                return
            time.sleep(0.2)
        raise RuntimeError("the worker does not begin")

    def _told(self) -> list[Call]:
        """All calls that came to the platform."""
        answer = httpx.get(f"http://127.0.0.1:{self.platform}/calls", trust_env=False)
        return msgspec.json.decode(answer.content, type=list[Call])

    def sell(self, many: int) -> dict[str, Figures]:
        """How long after each payment the calls about the buyer came."""
        return self.engine.run(self._sold(many))

    async def _sold(self, many: int) -> dict[str, Figures]:
        buyers = await self._buyers(many)
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            paid = await self._paid(http, buyers)
            calls = await self._calls(paid)
        return {
            method: _parts([calls[method, person] - at for person, at in paid.items()])
            for method in (GRANT, INVITE)
        }

    async def _buyers(self, many: int) -> dict[PersonId, CustomerId]:
        """Who can be written to; each buys once."""
        at = await self.engine.wiring.clock.now()
        owner, made = self.shop.organization, dict[PersonId, CustomerId]()
        async with self.engine.wiring.store.begin() as tx:
            for _ in range(many):
                customer = CustomerId(new_id(at))
                person = PersonId(str(10**9 + secrets.randbelow(10**9)))
                await tx.customers.put(Customer(customer, owner))
                await tx.identities.put(
                    BoundIdentity(owner, customer, Platform.TELEGRAM, person, at)
                )
                made[person] = customer
        return made

    async def _paid(
        self, http: httpx.AsyncClient, buyers: dict[PersonId, CustomerId]
    ) -> dict[PersonId, float]:
        """An open loop: each is sent when its time has come. When each was."""
        began, sending, paid = time.monotonic(), list[asyncio.Task[None]](), dict[PersonId, float]()
        for number, (person, customer) in enumerate(buyers.items()):
            await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
            paid[person] = time.monotonic()
            sending.append(asyncio.create_task(self._pay(http, customer)))
        await asyncio.gather(*sending)
        return paid

    async def _pay(self, http: httpx.AsyncClient, customer: CustomerId) -> None:
        at = datetime.now(UTC)  # noqa: TID251 -- the tolerance of a signature is about real time
        body = _session(self.shop, self.plan, customer, at)
        headers = {"Stripe-Signature": sign(body, SECRET, at), "Content-Type": "application/json"}
        url = f"http://127.0.0.1:{self.api}/webhooks/stripe"
        (await http.post(url, content=body, headers=headers)).raise_for_status()

    async def _calls(self, paid: dict[PersonId, float]) -> dict[tuple[str, str], float]:
        """The first of each kind about each person, once nobody waits any more."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            calls = await asyncio.to_thread(self._told)
            first = {(it.method, it.person): it.at for it in reversed(calls)}
            if all((INVITE, person) in first for person in paid):
                return first
            await asyncio.sleep(1)
        raise RuntimeError("not everybody who paid was invited")


def _session(shop: Channel, plan: PlanId, customer: CustomerId, at: datetime) -> bytes:
    """A checkout of this shop that ended with a payment."""
    event: dict[str, Any] = json.loads(SAMPLE.read_text())
    name = secrets.token_hex(10)
    event |= {"id": f"evt_{name}", "account": "acct_us", "created": int(at.timestamp())}
    event["data"]["object"] |= {
        "id": f"cs_test_{name}",
        "payment_intent": f"pi_{name}",
        "metadata": {
            "solynk_organization": shop.organization,
            "solynk_customer": customer,
            "solynk_plan": plan,
            "solynk_access_days": "7",
        },
    }
    return json.dumps(event).encode()


def _parts(waits: Sequence[float]) -> Figures:
    order = sorted(1000 * it for it in waits)
    parts = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return {name: order[int(len(order) * part)] for name, part in parts.items()}
