"""I18: one tenant cannot slow another: whoever floods the queue waits in it, and nobody else does.

A bot is shared by all tenants of an installation. What a tenant has for itself is its account at
the provider: that one does not answer for a while, then slowly.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anyio
import pytest

from solynk.apps.demo.cast import Member, Stage
from tests.chaos.arena import Arena
from tests.chaos.courier import LOST, Courier, Event
from tests.chaos.figures import Figures
from tests.chaos.runs import Run
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON, pay

AT_ONCE = 16
NOISY = 10
"""Buyers of the noisy tenant."""
MOST = 0.75
"""Of the flood that waits before the others: whoever goes by age alone makes them wait for all of it."""
HANGS, SLOW = 10.0, 0.5
"""Seconds. Every worker has calls in flight while the flood comes in; then it goes on, slowly."""
TELLING = {"checkout.session.completed", "customer.subscription.created", "invoice.paid"}


def slow(stage: Stage, seconds: float) -> Mapping[str, object]:
    its = {"vendor": "stripe", "method": "GET", "account": stage.world.account}
    return {"kind": "slow", "seconds": seconds, **its}


async def a_flood(courier: Courier, stage: Stage, number: int) -> list[Event]:
    """Events of one account, each about a subscription of its own: each makes a read necessary."""
    for it in range(NOISY):
        await pay(stage, await stage.joins_the_cast(f"Noisy-{it}"))
    events = await courier.events(stage)
    made = [it for it in events if it["type"] == "customer.subscription.created"]
    return [another(made[it % len(made)], it) for it in range(number)]


def another(like: Event, number: int) -> Event:
    """The same event under other ids: its own, and that of what it tells of."""
    text = json.dumps(like)
    for known in (str(like["id"]), str(like["data"]["object"]["id"])):
        text = text.replace(known, f"{known}_{number}")
    found: Event = json.loads(text)
    return found


@dataclass(frozen=True, slots=True)
class Buyer:
    stage: Stage
    member: Member
    news: Sequence[Event]
    """What their payment makes the provider tell, and makes this tenant's jobs."""


async def a_buyer(courier: Courier, stage: Stage, name: str) -> Buyer:
    """Has paid, and nobody has heard of it."""
    member = await stage.joins_the_cast(name)
    known = {it["id"] for it in await courier.events(stage)}
    await pay(stage, member)
    news = [it for it in await courier.events(stage) if it["id"] not in known]
    return Buyer(stage, member, [it for it in news if it["type"] in TELLING])


async def all_are_served(buyers: Sequence[Buyer]) -> list[float]:
    """How long each waits for word of it, in seconds, from now on."""
    began, took = time.perf_counter(), list[float]()

    async def one(it: Buyer) -> None:
        async def told() -> bool:
            return await it.stage.told(it.member, "Welcome") == 1

        await eventually(told, f"{it.member.name} is served", 2 * SOON)
        took.append(time.perf_counter() - began)

    async with anyio.create_task_group() as together:
        for it in buyers:
            together.start_soon(one, it)
    return took


async def reads_of(arena: Arena, stage: Stage) -> list[dict[str, Any]]:
    calls = await arena.town.ledger(vendor="stripe", direction="call", method="GET")
    return [it for it in calls if it["account"] == stage.world.account]


@pytest.mark.anyio
async def test_i18_others_are_served_before_the_flood_of_one_is_done(
    arena: Arena, run: Run, figures: Figures
) -> None:
    noisy, courier = await arena.town.open_shop(), Courier(arena, run.chance("i18"))
    quiet = [await arena.town.open_shop() for _ in range(run.size(4, 50))]
    await arena.town.misbehave(LOST)
    early = [await a_buyer(courier, it, "Early") for it in quiet]
    await courier.carry([event for it in early for event in it.news], at_once=AT_ONCE)
    idle = await all_are_served(early)
    later = [await a_buyer(courier, it, "Later") for it in quiet]
    flood = await a_flood(courier, noisy, run.size(360, 5000))
    await arena.calm()
    await arena.town.misbehave(LOST, slow(noisy, HANGS))
    first = len(await reads_of(arena, noisy))

    await courier.carry(flood, at_once=AT_ONCE)
    await courier.carry([event for it in later for event in it.news], at_once=AT_ONCE)
    since = len(await reads_of(arena, noisy))
    await arena.town.misbehave(LOST, slow(noisy, SLOW))
    flooded = await all_are_served(later)

    before_them = len(flood) - (since - first)
    done = len(await reads_of(arena, noisy)) - since
    assert done < MOST * before_them
    assert await called_off(arena, noisy) + done > MOST * before_them
    figures.add("payment -> invitation, no flood", *idle)
    figures.add("payment -> invitation, another's flood", *flooded)


async def called_off(arena: Arena, stage: Stage) -> int:
    """What is left of the flood, which nobody needs any more; how much it was."""
    account = stage.world.account
    waits = f"lane = 'stripe:{account}' and status in ('ready', 'leased')"
    left = arena.count(f"commands where {waits}")
    arena.rows(f"delete from commands where {waits}")  # noqa: S608 -- our own words
    unread = f"account = '{account}' and status = 'received'"
    left += arena.count(f"events where {unread}")
    arena.rows(f"delete from events where {unread}")  # noqa: S608 -- the same
    return left
