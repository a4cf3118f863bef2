"""Whether somebody has access is told from what is kept, and never longer than that is true."""

from datetime import timedelta

import pytest

from solynk.apps.engine import AccessCheck, Target, advance, check_access, grant, withdraw
from solynk.apps.engine.execute import carry_out
from solynk.core.command import Admit
from solynk.core.customer import Customer
from solynk.core.entitlement import Desired
from solynk.core.facts import OnChannel
from solynk.core.ids import CustomerId, PersonId
from solynk.core.instants import DAY
from solynk.core.portfolio import Portfolio
from solynk.ports.checking import OfCustomer, OfPerson
from solynk.ports.errors import NotFound
from tests.apps.engine.offers import LOUNGE, OWNER, THEM, US, id_of
from tests.apps.engine.stores import on_every_store
from tests.apps.engine.world import World

pytestmark = pytest.mark.anyio

ANN = CustomerId(id_of("ann"))
MOMENT = timedelta(microseconds=1)


async def asked(world: World) -> AccessCheck:
    return await check_access(world.w, US, LOUNGE, OfCustomer(ANN))


async def gives_a_day(world: World) -> str:
    await world.knows("ann")
    until = world.clock.at + DAY
    given = await grant(world.w, Target(US, ANN, OnChannel(LOUNGE), until), OWNER)
    await world.settle()
    return given


@on_every_store
async def test_a_right_is_told_until_its_end_and_not_at_it(world: World) -> None:
    await gives_a_day(world)
    ends = world.clock.at + DAY

    world.clock.set(ends - MOMENT)
    before = await asked(world)
    world.clock.set(ends)
    at_the_end = await asked(world)

    assert (before.has_access, before.until) == (True, ends)
    assert (at_the_end.has_access, at_the_end.desired) == (False, Desired.OUT)


@on_every_store
async def test_a_revocation_is_told_as_soon_as_it_is_committed(world: World) -> None:
    given = await gives_a_day(world)
    before = await asked(world)

    await withdraw(world.w, US, ANN, given, OWNER)
    after = await asked(world)

    assert before.has_access
    assert not after.has_access
    assert after.version > before.version


async def test_whoever_can_not_be_derived_keeps_no_right_by_that(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gives_a_day(world)
    world.clock.advance(DAY)

    def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as broke:
        broke.setattr(Portfolio, "verdict", broken)
        await advance(world.w)
    postponed = await customer(world)
    told = await asked(world)
    world.clock.set(postponed.due_at or world.clock.at)
    await advance(world.w)

    assert postponed.failing_since == world.clock.at - timedelta(hours=1)
    assert not told.has_access
    assert (await customer(world)).failing_since is None


async def test_whoever_can_not_be_derived_is_not_let_in_after_the_end_of_the_right(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gives_a_day(world)
    await world.binds("ann")
    world.jumps(DAY)

    def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as broke:
        broke.setattr(Portfolio, "verdict", broken)
        await advance(world.w)
    await carry_out(world.w, await world.claims(Admit))

    assert ("admit", "ann") not in world.platform.calls


async def customer(world: World) -> Customer:
    async with world.store.begin() as tx:
        found = await tx.customers.get(US, ANN)
    assert found is not None
    return found


async def test_whoever_pays_late_has_access_though_nothing_was_derived_since(world: World) -> None:
    await world.joins("ann")
    kept = await asked(world)
    assert kept.until is not None

    world.clock.set(kept.until)
    told = await asked(world)

    assert told.has_access


async def test_another_organization_is_told_nothing(world: World) -> None:
    await gives_a_day(world)
    await world.binds("ann")

    for whose in (OfCustomer(ANN), OfPerson(PersonId("ann"))):
        with pytest.raises(NotFound):
            await check_access(world.w, THEM, LOUNGE, whose)


@on_every_store
async def test_after_our_own_downtime_nobody_is_told_to_be_out_whom_we_would_not_put_out(
    world: World,
) -> None:
    """She paid while we were away, and the webhook came to nobody: the provider is asked first."""
    await world.joins("ann")
    world.jumps(100 * DAY)

    told = await asked(world)
    await advance(world.w)
    derived = await asked(world)

    assert told.has_access
    assert (told.desired, told.version) == (derived.desired, derived.version)
    assert told.until is not None


@on_every_store
async def test_what_is_derived_on_the_spot_has_the_version_that_it_is_about_to_have(
    world: World,
) -> None:
    await gives_a_day(world)
    before = await asked(world)
    world.clock.advance(DAY)

    told = await asked(world)
    await advance(world.w)
    derived = await asked(world)

    assert before.version < told.version == derived.version
