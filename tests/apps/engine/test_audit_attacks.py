"""I22: whatever is done to the audit log behind our back is found, and the first bad entry named."""

import pytest

from solynk.core.chain import Fault, FaultKind
from solynk.core.checkpoint import Checkpoint, CheckpointKind
from solynk.ports.storage import Store
from tests.apps.engine.offers import US
from tests.apps.engine.sealed import Intruder, Sealed
from tests.apps.engine.world import a_world

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("store", ["sqlite", "postgres"], indirect=True),
]

LONG = 30
"""Entries of our own; the set-up of the world wrote some before them."""
TARGET = 17


@pytest.fixture
async def log(store: Store) -> Sealed:
    log = Sealed.of(await a_world(store))
    await log.seals()
    await log.grows(TARGET)
    await log.grows(LONG - TARGET)
    return log


@pytest.fixture
def intruder(log: Sealed) -> Intruder:
    return Intruder.at(log.w.store)


async def place_of(log: Sealed, number: int) -> int:
    async with log.w.store.begin() as tx:
        page = await tx.sealed.page(US, after=0, limit=1000)
    return next(it.seal.seq for it in page if it.seal.entry == log.entries[number])


async def only(log: Sealed, kept: list[Checkpoint] | None = None) -> Fault:
    (fault,) = await log.faults(kept or [])
    return fault


async def test_a_log_that_nobody_touched_is_in_order(log: Sealed) -> None:
    assert await log.faults() == []
    assert await log.faults(log.witness.kept) == []
    assert len(log.witness.kept) >= 2


async def test_a_byte_that_was_changed(log: Sealed, intruder: Intruder) -> None:
    target = log.entries[TARGET]
    change = "UPDATE audit SET details = replace(details, 'granted', 'granteD') WHERE id = :id"
    place = await place_of(log, TARGET)

    await intruder.does(change, id=target)

    assert await only(log) == Fault(FaultKind.CHANGED, US, place, log.entries[TARGET])


async def test_an_entry_that_was_deleted(log: Sealed, intruder: Intruder) -> None:
    place = await place_of(log, TARGET)

    await intruder.does("DELETE FROM audit WHERE id = :id", id=log.entries[TARGET])

    assert await only(log) == Fault(FaultKind.ENTRY_GONE, US, place, log.entries[TARGET])


async def test_an_entry_that_was_deleted_with_its_seal(log: Sealed, intruder: Intruder) -> None:
    place, target = await place_of(log, TARGET), log.entries[TARGET]

    await intruder.does("DELETE FROM audit WHERE id = :id", id=target)
    await intruder.does("DELETE FROM audit_seals WHERE entry_id = :id", id=target)

    assert await only(log) == Fault(FaultKind.SEAL_GONE, US, place)


async def test_two_entries_that_changed_places(log: Sealed, intruder: Intruder) -> None:
    one, two = (log.entries[it] for it in (TARGET, TARGET + 5))
    place = await place_of(log, TARGET)
    nowhere = "01890a5d-ac96-774b-bcce-b302099a8057"
    rename = "UPDATE audit SET id = :new WHERE id = :old"

    await intruder.does(rename, old=one, new=nowhere)
    await intruder.does(rename, old=two, new=one)
    await intruder.does(rename, old=nowhere, new=two)

    assert await only(log) == Fault(FaultKind.CHANGED, US, place, log.entries[TARGET])


async def test_an_entry_that_was_slipped_in(log: Sealed, intruder: Intruder) -> None:
    new = "01890a5d-ac96-774b-bcce-b302099a8057"
    copy = (
        "INSERT INTO audit (id, organization_id, at, actor, action, resource, correlation, details)"
        " SELECT :new, organization_id, at, actor, action, resource, correlation, details"
        " FROM audit WHERE id = :id"
    )

    await intruder.does(copy, new=new, id=log.entries[TARGET])

    fault = await only(log)
    assert (fault.kind, fault.organization, fault.entry) == (FaultKind.STRAY, US, new)


TAIL = (
    "DELETE FROM audit WHERE id IN (SELECT entry_id FROM audit_seals WHERE seq >= :from)",
    "DELETE FROM audit_seals WHERE seq >= :from",
    "DELETE FROM audit_checkpoints WHERE seq >= :from",
    """
    UPDATE audit_chains SET seq = :from - 1, signed_seq = NULL, hash = (
      SELECT hash FROM audit_seals AS last
      WHERE seq = :from - 1 AND last.organization_id = audit_chains.organization_id
    ) WHERE seq >= :from
    """,
)
"""All that the database knows of the end of the chain, the checkpoints included."""


async def cut_off(intruder: Intruder, place: int) -> None:
    for statement in TAIL:
        await intruder.does(statement.replace(":from", str(place)))


async def test_a_tail_that_was_cut_off_is_missed_by_a_checkpoint_from_elsewhere(
    log: Sealed, intruder: Intruder
) -> None:
    place = await place_of(log, TARGET)

    await cut_off(intruder, place)

    assert await only(log, log.witness.kept) == Fault(FaultKind.TAIL_GONE, US, place)


async def test_a_tail_that_was_cut_off_carelessly_is_missed_by_the_database(
    log: Sealed, intruder: Intruder
) -> None:
    place = await place_of(log, TARGET)

    for statement in TAIL[1:3]:
        await intruder.does(statement.replace(":from", str(place)))

    faults = await log.faults()
    assert faults[0] == Fault(FaultKind.TAIL_GONE, US, place)
    assert {it.kind for it in faults[1:]} == {FaultKind.STRAY}


async def test_an_old_backup_in_which_life_goes_on_disagrees_with_what_was_signed(
    log: Sealed, intruder: Intruder
) -> None:
    """From the place of the backup on, other entries stand where those of before the loss stood."""
    place = await place_of(log, TARGET)
    before = max(it.seq for it in log.witness.kept if it.seq < place)
    end = max(it.seq for it in log.witness.kept)

    await cut_off(intruder, place)
    await log.grows(2 * LONG)

    assert await only(log, log.witness.kept) == Fault(
        FaultKind.REWRITTEN, US, end, since=before + 1
    )


async def test_a_chain_that_was_written_anew_needs_signatures_that_nobody_else_can_make(
    log: Sealed, intruder: Intruder
) -> None:
    place = await place_of(log, TARGET)
    await cut_off(intruder, place)

    await log.strangers().grows(LONG)

    fault = await only(log)
    assert (fault.kind, fault.organization) == (FaultKind.FORGED, US)


EVERYTHING = (
    "DELETE FROM audit",
    "DELETE FROM audit_seals",
    "DELETE FROM audit_chains",
    "DELETE FROM audit_checkpoints",
)


async def test_a_chain_that_is_gone_altogether_is_missed_by_a_checkpoint_from_elsewhere(
    log: Sealed, intruder: Intruder
) -> None:
    for statement in EVERYTHING:
        await intruder.does(statement)

    assert await log.faults() == []
    assert await only(log, log.witness.kept) == Fault(FaultKind.TAIL_GONE, US, 1)


HEAD = (
    "DELETE FROM audit WHERE id IN (SELECT entry_id FROM audit_seals WHERE seq <= :upto)",
    "DELETE FROM audit_seals WHERE seq <= :upto",
)


async def cut_head(intruder: Intruder, upto: int) -> None:
    for statement in HEAD:
        await intruder.does(statement.replace(":upto", str(upto)))


async def test_a_head_may_be_missing_where_a_signed_cut_says_so(
    log: Sealed, intruder: Intruder
) -> None:
    end = await place_of(log, LONG - 1)
    known = next(it for it in log.witness.kept if TARGET <= it.seq < end)

    await cut_head(intruder, known.seq)

    assert await only(log) == Fault(FaultKind.SEAL_GONE, US, 1)
    await log.cuts(known.head)
    assert await log.faults(log.witness.kept) == []
    assert log.witness.kept[-1].kind is CheckpointKind.CUT


async def test_a_cut_that_another_one_signed_excuses_nothing(
    log: Sealed, intruder: Intruder
) -> None:
    known = log.witness.kept[-1]
    await cut_head(intruder, known.seq)

    await log.strangers().cuts(known.head)

    assert await only(log) == Fault(FaultKind.FORGED, US, known.seq)
