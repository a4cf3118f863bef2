"""I18: one tenant cannot slow another: whoever floods the queue waits in it, and nobody else does.

A bot is shared by all tenants of an installation. What a tenant has for itself is its account at
the provider: that one does not answer for a while, then slowly.
"""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import anyio
import pytest

from solynk.apps.demo.cast import Stage
from tests.chaos.arena import Arena
from tests.chaos.courier import LOST, Courier, Event
from tests.chaos.figures import Figures
from tests.chaos.runs import Run
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON, pay

AT_ONCE = 16
NOISY = 10
"""Buyers of the noisy tenant."""
HANGS, SLOW = 5.0, 0.5
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


async def is_served(courier: Courier, stage: Stage, name: str) -> float:
    """From when this tenant's buyer had paid until they have word of it, in seconds."""
    member = await stage.joins_the_cast(name)
    known = {it["id"] for it in await courier.events(stage)}
    await pay(stage, member)
    news = [it for it in await courier.events(stage) if it["id"] not in known]
    began = time.perf_counter()
    await courier.carry([it for it in news if it["type"] in TELLING])

    async def told() -> bool:
        return await stage.told(member, "Welcome") == 1

    await eventually(told, f"{name} is served", 2 * SOON)
    return time.perf_counter() - began


async def all_are_served(courier: Courier, quiet: Sequence[Stage], name: str) -> list[float]:
    took: list[float] = []

    async def one(stage: Stage) -> None:
        took.append(await is_served(courier, stage, name))

    async with anyio.create_task_group() as together:
        for stage in quiet:
            together.start_soon(one, stage)
    return took


async def reads_of(arena: Arena, stage: Stage) -> list[dict[str, Any]]:
    calls = await arena.town.ledger(vendor="stripe", direction="call", method="GET")
    return [it for it in calls if it["account"] == stage.world.account]


@pytest.mark.anyio
async def test_i18_others_are_served_before_the_flood_of_one_is_half_done(
    arena: Arena, run: Run, figures: Figures
) -> None:
    noisy, courier = await arena.town.open_shop(), Courier(arena, run.chance("i18"))
    quiet = [await arena.town.open_shop() for _ in range(run.size(4, 50))]
    await arena.town.misbehave(LOST)
    idle = await all_are_served(courier, quiet, "Early")
    flood = await a_flood(courier, noisy, run.size(360, 5000))
    await arena.calm()
    await arena.town.misbehave(LOST, slow(noisy, HANGS))
    since = len(await reads_of(arena, noisy))

    await courier.carry(flood, at_once=AT_ONCE)
    await arena.town.misbehave(LOST, slow(noisy, SLOW))
    flooded = await all_are_served(courier, quiet, "Later")

    done = len(await reads_of(arena, noisy)) - since
    assert done < len(flood) / 2
    waiting = await called_off(arena, noisy)
    assert done + waiting > len(flood) / 2
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
