"""Random histories: what happens in what order is drawn, and an oracle of its own judges the end.

The oracle knows what was paid, ended and refunded at the provider; it knows nothing of the core.
SOLYNK_HISTORIES=m tries m histories, from SOLYNK_SEED=n on.
"""

import asyncio
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random

import pytest

from solynk.adapters.memory.sales import Sale
from solynk.adapters.memory.store import InMemoryStore
from solynk.apps.engine import drain, reconcile
from solynk.apps.engine.execute import carry_out
from solynk.apps.engine.wiring import LEASE
from solynk.core.command import Command, CommandStatus
from solynk.core.ids import PlanId
from solynk.core.instants import DAY, HOUR
from solynk.ports.errors import Refused, Unavailable
from solynk.ports.payments import RawEvent
from tests.apps.engine.offers import CHAT, MEETING, MONTHLY, WEEK_PASS
from tests.apps.engine.stores import CrashingStore, WatchedStore
from tests.apps.engine.world import World, a_world, an_id

pytestmark = pytest.mark.anyio

FIRST = int(os.environ.get("SOLYNK_SEED", "0"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("SOLYNK_HISTORIES", "60")))
NAMES = ("ann", "ben", "cleo")
EPOCHS, DEEDS = 3, 18
UNCLEAR = 9 * DAY
"""After an unpaid end: window, grace and outage allowance, in which both answers may be right."""


@dataclass
class Cover:
    plan: PlanId
    start: datetime
    end: datetime
    payment: str
    renews: bool
    known: bool = False
    """Whether the event about it has been delivered and applied."""


@dataclass
class Truth:
    """What one customer has at the provider."""

    covers: list[Cover] = field(default_factory=list[Cover])
    ended: dict[PlanId, datetime] = field(default_factory=dict[PlanId, datetime])
    refunded: set[str] = field(default_factory=set[str])

    def entitled(self, at: datetime, *, known: bool = False) -> bool | None:
        """None is 'perhaps': a period is over, and nobody has paid for the next one yet."""
        kept = [it for it in self.covers if it.payment not in self.refunded]
        kept = [it for it in kept if it.known or not known]
        if any(it.start <= at < min(it.end, self.ended.get(it.plan, it.end)) for it in kept):
            return True
        waiting = (it for it in kept if it.renews and it.plan not in self.ended)
        return None if any(it.end <= at < it.end + UNCLEAR for it in waiting) else False


@dataclass
class History:
    world: World
    chance: Random
    loses: bool
    """Whether events are lost; only then the comparison with the provider and platform helps."""
    truths: dict[str, Truth] = field(default_factory=dict[str, Truth])
    subscriptions: dict[tuple[str, PlanId], str] = field(
        default_factory=dict[tuple[str, PlanId], str]
    )
    late: list[tuple[RawEvent, Cover | None]] = field(
        default_factory=list[tuple[RawEvent, Cover | None]]
    )
    dawdling: list[Command] = field(default_factory=list[Command])
    wrongs: list[str] = field(default_factory=list[str])

    def judge_call(self, call: str, person: str) -> None:
        truth = self.truths.get(person)
        if call == "expel" and truth and truth.entitled(self.world.clock.at, known=True):
            self.wrongs.append(f"{person} was expelled with a right at {self.world.clock.at}")

    # What may happen

    async def pays(self, name: str) -> None:
        plan = self.chance.choice((MONTHLY, MEETING, WEEK_PASS))
        if (name, plan) in self.subscriptions:
            await self._renews(name, plan)
            return
        if self.world.provider.down or plan in self.truths[name].ended:
            return
        try:
            event = await self.world.bought(name, plan)
        except Refused:  # paid already, on a page of which we have not heard yet
            return
        sale = list(self.world.provider.sales.values())[-1]
        assert sale.latest is not None
        start, end = self.world.clock.at, self.world.clock.at + 7 * DAY
        if sale.period is not None:
            self.subscriptions[name, plan] = sale.subscription
            end = sale.period.end
        else:
            passes = (it.end for it in self.truths[name].covers if it.plan == plan)
            start = max((start, *passes))
            end = start + 7 * DAY
        cover = Cover(plan, start, end, sale.latest.id, renews=sale.period is not None)
        self.truths[name].covers.append(cover)
        await self._sends(event, cover, may_be_lost=cover.renews)

    async def _renews(self, name: str, plan: PlanId) -> None:
        """Once the period is over; otherwise the charge fails, or nothing is due."""
        subscription = self.subscriptions[name, plan]
        sale = self._sale(subscription)
        assert sale.period is not None
        if plan in self.truths[name].ended or (
            self.world.clock.at < sale.period.end and not sale.owes
        ):
            return
        if self.chance.random() < 0.4:
            await self._sends(await self.world.provider.fail(subscription), None)
            return
        event = await self.world.provider.renew(subscription)
        assert sale.latest is not None
        cover = Cover(plan, sale.period.start, sale.period.end, sale.latest.id, renews=True)
        self.truths[name].covers.append(cover)
        await self._sends(event, cover)

    def _sale(self, subscription: str) -> Sale:
        return next(
            it for it in self.world.provider.sales.values() if it.subscription == subscription
        )

    async def ends(self, name: str) -> None:
        mine = [plan for who, plan in self.subscriptions if who == name]
        running = [it for it in mine if it not in self.truths[name].ended]
        if running:
            plan = self.chance.choice(running)
            self.truths[name].ended[plan] = self.world.clock.at
            event = await self.world.provider.cancel(self.subscriptions[name, plan], at_once=True)
            await self._sends(event, None)

    async def is_refunded(self, name: str) -> None:
        renewing = [it for it in self.truths[name].covers if it.renews]
        kept = [it for it in renewing if it.payment not in self.truths[name].refunded]
        if kept:
            payment = self.chance.choice(kept).payment
            self.truths[name].refunded.add(payment)
            await self._sends(await self.world.provider.refund(payment), None, may_be_lost=False)

    async def asks(self, name: str) -> None:
        self.world.platform.asks_to_join(CHAT, name)

    async def leaves(self, name: str) -> None:
        self.world.platform.leaves(CHAT, name)

    async def is_added(self, name: str) -> None:
        """A former member; complete strangers are reported, and not touched."""
        if ("admit", name) in self.world.platform.calls:
            self.world.platform.is_added_by_admin(CHAT, name)

    async def meets_trouble(self, _name: str) -> None:
        call, after = self.chance.choice(("admit", "expel")), self.chance.random() < 0.5
        self.world.platform.is_unavailable(call, after_effect=after)

    async def turns_the_provider_off_or_on(self, _name: str) -> None:
        self.world.provider.down = not self.world.provider.down

    async def waits(self, _name: str) -> None:
        time = self.chance.choice((HOUR, DAY, 3 * DAY, 8 * DAY))
        if self.chance.random() < 0.5:
            self.world.jumps(time)
        else:
            await self.world.passes(time)

    async def works(self, _name: str) -> None:
        """Two workers at once, one of which may die."""
        world = self.world
        dies = CrashingStore(world.w.store, self.chance.randrange(25), self.chance.random() < 0.5)
        frail = replace(world.w, store=dies) if self.chance.random() < 0.5 else world.w
        await world.feeds()
        ended = await asyncio.gather(drain(frail), drain(world.w), return_exceptions=True)
        for it in ended:
            if isinstance(it, BaseException) and not isinstance(it, Unavailable):
                raise it

    async def a_worker_dawdles(self, name: str) -> None:
        """It has leased what is due, and looks at it when other things have happened."""
        at, wall = self.world.clock.at, self.world.wall.at
        await self.world.applies()
        async with self.world.w.store.begin() as tx:
            leased = await tx.queue.claim(at, wall, wall + LEASE, an_id(self.world), 10)
        self.dawdling.extend(leased)
        for _ in range(self.chance.randrange(4)):
            await self.chance.choice((self.pays, self.ends, self.asks, self.leaves))(name)
        if self.chance.random() < 0.7:
            await self.the_dawdler_goes_on(name)

    async def the_dawdler_goes_on(self, _name: str) -> None:
        begun, self.dawdling = self.dawdling, []
        for command in begun:
            await carry_out(self.world.w, command)

    async def something_comes_in_between(self, name: str) -> None:
        """In the middle of the next call."""
        deed = self.chance.choice((self.pays, self.ends, self.asks, self.leaves))
        staged = self.chance.choice((self.world.platform.before, self.world.platform.after))
        staged.setdefault(self.chance.choice(("admit", "expel")), []).append(lambda: deed(name))

    # Deliveries

    async def _sends(
        self, event: RawEvent, cover: Cover | None, *, may_be_lost: bool = True
    ) -> None:
        fate = self.chance.random()
        if fate < 0.15 and may_be_lost and self.loses:
            return
        if fate < 0.5:
            self.late.append((event, cover))
            return
        await self._arrives([(event, cover)])

    async def _arrives(self, events: Iterable[tuple[RawEvent, Cover | None]]) -> None:
        known = list(events)
        for event, _ in known:
            for _ in range(self.chance.choice((1, 1, 3))):
                await self.world.receives(event)
        await self.world.applies()
        for _, cover in known:
            if cover is not None:
                cover.known = True

    async def late_ones_arrive(self) -> None:
        self.chance.shuffle(self.late)
        arriving, self.late = self.late, []
        await self._arrives(arriving)

    # The end of an epoch

    async def comes_to_rest(self) -> None:
        world = self.world
        world.provider.down = False
        for it in (world.platform.faults, world.platform.before, world.platform.after):
            it.clear()
        world.jumps(2 * LEASE)
        await self.the_dawdler_goes_on("")
        await self.late_ones_arrive()
        await world.passes(HOUR)
        if self.loses or await world.commands(CommandStatus.DEAD):
            await reconcile(world.w)
        await world.passes(7 * HOUR)
        for name, truth in self.truths.items():
            if truth.entitled(world.clock.at) and not world.inside(name):
                with suppress(ValueError):
                    await world.asks(name)

    def judge(self) -> list[str]:
        at, chat = self.world.clock.at, self.world.chat
        for name, truth in self.truths.items():
            entitled = truth.entitled(at)
            if entitled is True and name not in chat.members:
                self.wrongs.append(f"{name} has a right and is not inside at {at}")
            if entitled is False and name in chat.members | chat.pending:
                self.wrongs.append(f"{name} has no right and is inside at {at}")
        return self.wrongs


@pytest.mark.parametrize("seed", SEEDS)
async def test_at_rest_everyone_with_a_right_is_in_and_nobody_else(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 a seed makes the history, and guards nothing
    world = await a_world(InMemoryStore())
    watched = WatchedStore(world.store)
    world.w = replace(world.w, store=watched)
    history = History(world, chance, seed % 2 == 1, {name: Truth() for name in NAMES})
    world.platform.watches = history.judge_call
    for name in NAMES:
        await world.knows(name)
        await world.binds(name)

    deeds = (
        *(history.pays, history.pays, history.asks, history.asks, history.works, history.works),
        *(history.ends, history.is_refunded, history.leaves, history.is_added, history.waits),
        *(history.meets_trouble, history.turns_the_provider_off_or_on),
        *(history.a_worker_dawdles, history.a_worker_dawdles, history.the_dawdler_goes_on),
        history.something_comes_in_between,
    )
    for _ in range(EPOCHS):
        for _ in range(DEEDS):
            await chance.choice(deeds)(chance.choice(NAMES))
            if chance.random() < 0.1:
                await history.late_ones_arrive()
        await history.comes_to_rest()
        assert history.judge() == [], f"seed {seed}"
    assert watched.unexplained == [], f"seed {seed}"
