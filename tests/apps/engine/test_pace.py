"""Nobody waits behind a crowd: payments behind derivations, members behind a slip."""

from datetime import datetime
from importlib import import_module

import pytest

from solynk.apps.engine import ProductChange, advance, change_product, drain, touch
from solynk.apps.engine import derive as deriving
from solynk.apps.engine.advance import BATCH
from solynk.apps.engine.decide import Decision, decide
from solynk.apps.engine.snapshot import Snapshot
from solynk.apps.engine.turn import turn_of
from solynk.apps.engine.wiring import Wiring
from solynk.core.alert import AlertKind
from solynk.core.customer import Customer
from solynk.core.event import EventStatus
from solynk.core.ids import CustomerId, OrganizationId, ProductId
from solynk.core.instants import DAY, HOUR
from tests.apps.engine.offers import MONTHLY, OWNER, US, WEEK_PASS, id_of
from tests.apps.engine.stores import on_every_store
from tests.apps.engine.world import MOMENT, World

pytestmark = pytest.mark.anyio

advancing = import_module("solynk.apps.engine.advance")
"""The module, which its function hides."""

PRODUCT = ProductId(id_of(f"product of {MONTHLY}"))


async def test_all_who_are_due_are_derived_a_batch_at_a_time(big_world: World) -> None:
    for number in range(2 * BATCH + 1):
        await big_world.knows(f"customer {number}")
    await touch(big_world.w, US)

    batches = [await advance(big_world.w) for _ in range(4)]

    assert batches == [BATCH, BATCH, 1, 0]


async def test_a_payment_does_not_wait_until_all_who_are_due_are_derived(big_world: World) -> None:
    for number in range(3 * BATCH):
        await big_world.knows(f"customer {number}")
    await big_world.knows("ann")
    await big_world.receives(await big_world.bought("ann"))
    await touch(big_world.w, US)

    await advance(big_world.w)
    async with big_world.store.begin() as tx:
        due = await tx.event_lists.due(big_world.clock.at, 1)
        waiting = await tx.due_customers.due(big_world.clock.at, 3 * BATCH)
    await drain(big_world.w)

    assert len(due) == 1
    assert len(waiting) > BATCH
    assert not await big_world.events(EventStatus.RECEIVED)


async def test_a_slip_is_counted_whole_before_its_first_member_is_gone(big_world: World) -> None:
    """However slowly the members are decided about, nobody is out before the brake engages."""
    names = [f"member {number}" for number in range(25)]
    for name in names:
        await big_world.joins(name)
    await change_product(big_world.w, US, PRODUCT, ProductChange(opens=()), OWNER)

    for _ in range(2):
        await advance(big_world.w)
        for _ in range(10):
            big_world.jumps(60 * MOMENT)
            claimed = await big_world.commands()
            assert claimed
    await big_world.days_pass(1)

    assert all(big_world.inside(name) for name in names)
    assert await big_world.alerts(AlertKind.BRAKE)


@on_every_store
async def test_a_customer_who_can_not_be_derived_holds_up_nobody_who_is_derived_with_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ann", "ben", "cid"):
        await world.joins(name, WEEK_PASS)
    await touch(world.w, US)
    ben = CustomerId(id_of("ben"))

    def fails(snapshot: Snapshot, at: datetime) -> Decision:
        if snapshot.customer.id == ben:
            raise RuntimeError("a fault of ours")
        return decide(snapshot, at)

    monkeypatch.setattr(deriving, "decide", fails)
    derived = await advance(world.w)

    async with world.store.begin() as tx:
        known = await tx.customers.get(US, ben)
        due = await tx.due_customers.due(world.clock.at + HOUR, 10)
    assert derived == 3
    assert [it.id for it in due] == [ben]
    assert known is not None
    assert known.due_at == world.clock.at + HOUR
    assert world.telemetry.counted("derivations_failed") == 1


async def test_whoever_was_derived_by_somebody_else_meanwhile_is_not_put_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.joins("ben", WEEK_PASS)
    ben, put_off = CustomerId(id_of("ben")), advancing._postpone  # noqa: SLF001 - what comes before it
    ends = (await of_us(world, ben)).due_at
    await touch(world.w, US)

    def fails(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    async def too_late(w: Wiring, organization: OrganizationId, customer: CustomerId) -> None:
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(deriving, "decide", decide)
            async with turn_of(w, "engine", "another process") as now:
                await deriving.derive(now, organization, customer)
        await put_off(w, organization, customer)

    monkeypatch.setattr(deriving, "decide", fails)
    monkeypatch.setattr(advancing, "_postpone", too_late)
    await advance(world.w)

    known = await of_us(world, ben)
    assert (known.due_at, known.failing_since) == (ends, None)


async def of_us(world: World, customer: CustomerId) -> Customer:
    async with world.store.begin() as tx:
        found = await tx.customers.get(US, customer)
    assert found is not None
    return found


@on_every_store
async def test_each_of_those_who_are_derived_together_is_audited_as_themselves(
    world: World,
) -> None:
    for name in ("ann", "ben"):
        await world.joins(name, WEEK_PASS)
    world.jumps(8 * DAY)

    await advance(world.w)

    endings = await world.audit("access.desired")
    told = {it.resource: it.correlation for it in endings if it.details["to"] == "out"}
    assert sorted(told.values()) == sorted(f"customer:{id_of(it)}" for it in ("ann", "ben"))
