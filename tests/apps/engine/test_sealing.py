"""What was written down is sealed within a second, once, by one sealer at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from solynk.adapters.memory.signing import InMemoryWitness
from solynk.adapters.memory.telemetry import InMemoryTelemetry
from solynk.apps.engine import Everything, Notary, Sealer, checkpoint, verify_chains
from solynk.apps.engine.sealing import HOLD, SIGN_EVERY
from solynk.core.checkpoint import Checkpoint
from solynk.core.ids import OrganizationId
from solynk.ports.errors import Refused, Unavailable
from solynk.ports.storage import Store
from tests.apps.engine.offers import US
from tests.apps.engine.sealed import MINUTE, Sealed
from tests.apps.engine.stores import CrashingStore, on_every_store
from tests.apps.engine.world import World, a_world

pytestmark = pytest.mark.anyio

THEM = OrganizationId("01890a5d-ac96-774b-bcce-b302099a8057")


@pytest.fixture
def log(world: World) -> Sealed:
    return Sealed.of(world)


async def waiting(log: Sealed) -> int:
    async with log.w.store.begin() as tx:
        return len(await tx.chains.waiting(10_000))


async def test_every_organization_has_its_own_chain_and_nobody_has_one(log: Sealed) -> None:
    await log.writes(3, US)
    await log.writes(2, THEM)
    await log.writes(1, None)

    await log.seals()

    async with log.w.store.begin() as tx:
        ends = {it.organization: it.seq for it in await tx.sealed.chains()}
    assert ends[US] >= 3
    assert (ends[THEM], ends[None]) == (2, 1)
    assert await log.faults() == []


async def test_what_is_sealed_is_not_sealed_again(log: Sealed) -> None:
    await log.writes(3)
    before = await waiting(log)

    assert [await log.seals(), await log.seals()] == [before, 0]
    assert before >= 3


async def test_more_than_a_batch_is_sealed_at_once(
    log: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solynk.apps.engine.sealing.BATCH", 4)
    monkeypatch.setattr("solynk.apps.engine.verifying.BATCH", 3)
    await log.writes(10)

    await log.grows(0)

    assert await waiting(log) == 0
    assert await log.faults(log.witness.kept) == []


async def test_while_one_sealer_holds_the_lease_the_others_leave_it_alone(log: Sealed) -> None:
    await log.writes(1)
    await log.seals("one")
    await log.writes(1)
    log.clock.advance(HOLD)
    log.wall.at = log.wall.at - MINUTE

    assert await log.seals("another") == 0
    log.wall.advance(MINUTE + HOLD)
    assert await log.seals("another") == 1


@on_every_store
async def test_of_many_sealers_at_once_each_entry_is_sealed_by_one(store: Store) -> None:
    log = Sealed.of(await a_world(store))
    await log.writes(20)
    before = await waiting(log)

    done = await asyncio.gather(*(log.seals(f"sealer {n}") for n in range(5)))

    assert sorted(done) == [0, 0, 0, 0, before]
    assert await log.faults() == []


@on_every_store
@pytest.mark.parametrize("after_commit", [False, True])
async def test_a_sealer_may_die_at_any_commit(
    store: Store,
    after_commit: bool,  # noqa: FBT001 a parameter of the story
) -> None:
    log = Sealed.of(await a_world(store))
    died = 0
    for commits in range(6):
        await log.writes(2)
        dying = replace(log, w=replace(log.w, store=CrashingStore(store, commits, after_commit)))
        try:
            await dying.seals()
            await dying.signs()
        except Unavailable:
            died += 1
        log.passes(2 * MINUTE)

    await log.grows(1)

    assert 3 <= died < 6
    assert await waiting(log) == 0
    assert await log.faults(log.witness.kept) == []


async def test_a_chain_that_grew_is_signed_once_a_minute_and_remembered_elsewhere(
    log: Sealed,
) -> None:
    await log.writes(1)
    await log.seals()
    first = await log.signs()
    await log.writes(1)
    await log.seals()
    log.clock.at = log.clock.at - MINUTE

    too_soon = await log.signs()
    log.passes(SIGN_EVERY)

    assert (first, too_soon, await log.signs(), await log.signs()) == (1, 0, 1, 0)
    async with log.w.store.begin() as tx:
        assert list(await tx.checkpoints.of(US)) == log.witness.kept


async def test_how_far_a_chain_is_signed_is_told(log: Sealed) -> None:
    await log.grows(3)
    await log.writes(2)
    await log.seals()

    store = log.w.store
    (checked,) = [it async for it in verify_chains(store, log.signer, [], Everything())]
    (unsigned,) = [it async for it in verify_chains(store, None, [], US)]

    assert checked.signed == checked.entries - 2
    assert (unsigned.signed, unsigned.entries) == (0, checked.entries)


class Deaf(InMemoryWitness):
    """Can not be reached."""

    async def keep(self, checkpoints: Sequence[Checkpoint]) -> None:
        raise Unavailable("files", f"no space for {len(checkpoints)}")


@dataclass(frozen=True, slots=True)
class Loud(InMemoryWitness):
    """Says when something was brought."""

    brought: asyncio.Event = field(default_factory=asyncio.Event)

    async def keep(self, checkpoints: Sequence[Checkpoint]) -> None:
        self.kept.extend(checkpoints)
        self.brought.set()


@dataclass(frozen=True, slots=True)
class Failing(InMemoryTelemetry):
    """Says when something has failed a second time."""

    again: asyncio.Event = field(default_factory=asyncio.Event)

    def count(self, name: str, **labels: str) -> None:
        if self.counted(name, **labels):
            self.again.set()
        InMemoryTelemetry.count(self, name, **labels)


async def test_a_checkpoint_that_nobody_remembers_is_made_again(log: Sealed) -> None:
    await log.writes(1)
    await log.seals()
    deaf = replace(log, witness=Deaf())

    with pytest.raises(Unavailable):
        await deaf.signs()

    assert await log.signs() == 1


async def test_a_key_that_nobody_chose_does_not_go_on_where_another_one_signed(log: Sealed) -> None:
    await log.writes(1)
    await log.seals()
    await log.signs()
    await log.writes(1)
    await log.seals()
    log.passes(MINUTE)
    made = Notary(log.strangers().signer, chosen=False)

    with pytest.raises(Refused, match="AUDIT_SIGNING_KEY"):
        await checkpoint(log.w, made, "a second folder")

    assert await checkpoint(log.w, Notary(log.signer, chosen=False), "the first one") == 1


async def test_the_sealer_goes_on_sealing_where_another_key_signs(
    log: Sealed, caplog: pytest.LogCaptureFixture
) -> None:
    await log.writes(1)
    await log.seals()
    await log.signs()
    await log.writes(1)
    log.passes(MINUTE)
    made, failing = Notary(log.strangers().signer, chosen=False), Failing()
    sealer = Sealer(replace(log.w, telemetry=failing), made, timedelta(milliseconds=1))

    running = asyncio.create_task(sealer.run())
    async with asyncio.timeout(10):
        await failing.again.wait()
    sealer.stop()
    await running

    assert await waiting(log) == 0
    assert caplog.text.count("AUDIT_SIGNING_KEY") == 1


async def test_the_sealer_seals_by_itself_and_waits_out_an_outage(log: Sealed) -> None:
    await log.writes(3)
    crashing, witness = replace(log.w, store=CrashingStore(log.w.store, 0)), Loud()
    sealer = Sealer(crashing, Notary(log.signer, witness), timedelta(milliseconds=1))

    running = asyncio.create_task(sealer.run())
    async with asyncio.timeout(10):
        await witness.brought.wait()
    sealer.stop()
    await running

    assert await waiting(log) == 0
    assert log.telemetry.counted("seals_failed") == 1
