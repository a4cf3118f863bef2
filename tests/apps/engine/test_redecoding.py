"""I33: stored events can be read again, by this version or another one, into this database or none."""

from dataclasses import dataclass
from dataclasses import replace as with_fields
from random import Random

import pytest
from msgspec.structs import replace

from solynk.adapters.memory.store import InMemoryStore
from solynk.apps.engine import Difference, Wiring, advance, reconcile, redecode, touch
from solynk.core.catalog import Provider
from solynk.core.entitlement import Desired
from solynk.core.event import Event, EventStatus
from solynk.core.facts import Fact, Observed, Payment
from solynk.core.ids import CustomerId, EventId
from solynk.core.instants import DAY
from solynk.core.money import Money
from solynk.ports.errors import Malformed
from solynk.ports.payments import Decoded, Facts, Finding, Received
from solynk.ports.storage import Store
from tests.apps.engine.offers import MEETING, US, WEEK_PASS, id_of
from tests.apps.engine.staged import StagedProvider
from tests.apps.engine.stores import on_every_store
from tests.apps.engine.world import World, a_world, an_id

pytestmark = pytest.mark.anyio


async def a_history(world: World) -> None:
    """Everything a provider tells: sales, renewals, failures, passes, refunds, an end, a read."""
    subscription = await world.joins("ann")
    await world.joins("ben", WEEK_PASS)
    await world.pays("ann", MEETING)
    await world.days_pass(20)
    await world.hears(await world.provider.refund("pay_3"))
    await world.days_pass(12)
    await world.hears(await world.provider.renew(subscription))
    await world.days_pass(31)
    await world.hears(await world.provider.fail(subscription))
    await world.days_pass(4)
    await world.hears(await world.provider.cancel(subscription, at_once=True))
    await world.joins("cleo")


@dataclass(slots=True)
class OtherProvider(StagedProvider):
    """The same provider, read by another version of the code."""

    forgets: str | None = None
    """The id of a payment that is overlooked."""
    dearer: str | None = None
    """The id of a payment whose amount is read otherwise."""
    stumbles: bool = False

    @property
    def version(self) -> str:
        return "other"

    def decode(self, event: Received) -> Decoded:
        decoded = StagedProvider.decode(self, event)
        if self.stumbles:
            raise Malformed("memory", "nothing can be read")
        if not isinstance(decoded, Facts):
            return decoded
        return replace(decoded, findings=tuple(self._other(it) for it in decoded.findings))

    def _other(self, finding: Finding) -> Finding:
        return replace(finding, facts=tuple(it for f in finding.facts for it in self._fact(f)))

    def _fact(self, fact: Fact) -> tuple[Fact, ...]:
        if isinstance(fact, Payment) and fact.id == self.forgets:
            return ()
        if isinstance(fact, Payment) and fact.id == self.dearer:
            return (replace(fact, amount=Money(fact.amount.minor + 1, fact.amount.currency)),)
        return (fact,)


async def differences(w: Wiring) -> list[Difference]:
    return [it.difference async for it in redecode(w) if it.difference is not None]


def read_by(world: World, other: OtherProvider) -> Wiring:
    return with_fields(world.w, providers={Provider.MEMORY: other})


@pytest.fixture
async def lived() -> World:
    world = await a_world(InMemoryStore())
    await a_history(world)
    return world


@on_every_store
async def test_the_same_code_reads_every_event_as_it_did(store: Store) -> None:
    world = await a_world(store)
    await a_history(world)

    read = [it async for it in redecode(world.w)]

    events = [it for it in await world.events() if it.source == Provider.MEMORY.value]
    payments = [it for it in events if it.account == "acct_us"]
    assert {it.event for it in read} == {it.id for it in payments}
    assert len(payments) > 8
    assert [it.difference for it in read if it.difference] == []


async def test_a_fact_that_is_told_no_more_is_found(lived: World) -> None:
    found = await differences(read_by(lived, OtherProvider(lived.clock, forgets="pay_1")))

    assert found
    assert {it.id for d in found for it in d.lost if isinstance(it, Payment)} == {"pay_1"}
    assert {it.after for it in found} == {"other"}
    assert all(it.before not in {"", "other"} for it in found)


async def test_a_fact_of_other_content_is_found_as_one_lost_and_one_new(lived: World) -> None:
    found = await differences(read_by(lived, OtherProvider(lived.clock, dearer="pay_1")))

    changed = [it for it in found if it.lost]
    assert changed
    assert all(len(it.lost) == len(it.new) for it in changed)


async def test_an_event_that_can_not_be_read_any_more_is_found(lived: World) -> None:
    found = await differences(read_by(lived, OtherProvider(lived.clock, stumbles=True)))

    assert {it.fault for it in found} == {"nothing can be read"}


async def test_to_read_again_changes_nothing(lived: World) -> None:
    before = await everything(lived.store)

    await differences(read_by(lived, OtherProvider(lived.clock, stumbles=True)))

    assert await everything(lived.store) == before


async def everything(store: Store) -> list[object]:
    async with store.begin() as tx:
        customers = await tx.customers.all(US)
        facts = [f for it in customers for f in await tx.facts.of(US, it.id)]
        events = await tx.event_lists.all(US, limit=1000)
        return [*customers, *facts, *events, *await tx.audit.about(None, limit=10_000)]


async def test_each_difference_has_a_name_of_its_own(lived: World) -> None:
    lost = await differences(read_by(lived, OtherProvider(lived.clock, forgets="pay_1")))
    other = await differences(read_by(lived, OtherProvider(lived.clock, dearer="pay_1")))

    names = {it.name for it in lost}
    assert len(names) == len(lost)
    assert names.isdisjoint(it.name for it in other)


async def test_an_event_that_concerned_no_access_and_now_does_is_found(lived: World) -> None:
    async with lived.store.begin() as tx:
        (first, *_) = [it for it in await tx.event_lists.all(US) if b'"pay_1"' in it.body]
        unread = replace(first, id=EventId(an_id(lived)), external_id="evt_new")
        strange = replace(unread, status=EventStatus.IGNORED, reason="not known yet")
        body = strange.body.replace(b'"pay_1"', b'"pay_99"')
        await tx.events.add(replace(strange, body=body))

    found = await differences(lived.w)

    assert [it.external_id for it in found] == ["evt_new"]
    assert found[0].new
    assert not found[0].lost


async def test_a_read_of_months_ago_that_was_let_go_is_not_told_anew(world: World) -> None:
    await world.joins("ann")
    for _ in range(14):
        world.jumps(10 * DAY)
        await reconcile(world.w)
        await world.settle()

    async with world.store.begin() as tx:
        rows = await tx.facts.of(US, CustomerId(id_of("ann")))
    assert len([it for it in rows if isinstance(it.fact, Observed)]) < 14
    assert await differences(world.w) == []


async def test_what_another_ones_metadata_kept_out_stays_out(lived: World) -> None:
    sale = next(iter(lived.provider.sales.values()))
    sale.order = replace(sale.order, organization_id="01890a5d-ac96-774b-bcce-b302099a8057")
    await lived.hears(await lived.provider.fail(sale.subscription))

    assert [it for it in await lived.events(EventStatus.IGNORED) if "metadata" in str(it.reason)]
    assert await differences(lived.w) == []


async def state(world: World) -> object:
    """What is known and what follows from it, under names that do not depend on the database."""
    async with world.store.begin() as tx:
        customers = await tx.customers.all(US)
        subscriptions = [s for it in customers for s in await tx.subscriptions.of(US, it.id)]
        names: dict[str | None, str] = {it.id: it.reference for it in subscriptions}
        rows = [f for it in customers for f in await tx.facts.of(US, it.id)]
        accesses = [a for it in customers for a in await tx.accesses.of(US, it.id)]
    return (
        sorted((it.customer, it.reference, it.standing) for it in subscriptions),
        {(it.customer, names.get(it.subscription), it.fact) for it in rows if it.event},
        {(it.customer, it.channel, it.desired) for it in accesses if it.desired is not Desired.OUT},
    )


async def replayed(events: list[Event], after: World, chance: Random) -> World:
    """Into an empty database that knows the same offers and customers, at the end of the history."""
    world = await a_world(InMemoryStore())
    for name in ("ann", "ben", "cleo"):
        await world.knows(name)
    world.jumps(after.clock.at - world.clock.at)
    arriving = events * 2
    chance.shuffle(arriving)
    for it in arriving:
        fresh = replace(
            it,
            id=EventId(an_id(world)),
            status=EventStatus.RECEIVED,
            due_at=world.clock.at,
            reference=None,
            attempts=0,
        )
        async with world.store.begin() as tx:
            await tx.events.add(fresh)
        await world.applies()
    while await world.events(EventStatus.RECEIVED):
        await world.applies()
    return world


@pytest.mark.parametrize("seed", range(5))
async def test_all_events_shuffled_and_doubled_give_an_empty_database_the_same_state(
    lived: World, seed: int
) -> None:
    events = [it for it in await lived.events() if it.account == "acct_us"]
    chance = Random(seed)  # noqa: S311 a seed makes the order, and guards nothing

    again = await replayed(events, lived, chance)

    for it in (lived, again):
        await touch(it.w, US)
        await advance(it.w)
    assert await state(again) == await state(lived)
