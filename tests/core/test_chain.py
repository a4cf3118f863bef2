"""The chain of audit entries: its bytes are fixed for ever, and every change of it is found."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from solynk.core.audit import AuditEntry
from solynk.core.chain import (
    Fault,
    FaultKind,
    Head,
    SealedEntry,
    canonical,
    extend,
    follow,
    head_of,
    start,
)
from solynk.core.checkpoint import CheckpointKind, statement
from solynk.core.ids import AuditId, OrganizationId, uuid7

OURS = OrganizationId("0196d000-0000-7000-8000-000000000001")
AT = datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
LONG = 12

Sealed: TypeAlias = list[SealedEntry]


def an_entry(number: int = 1, *, organization: OrganizationId | None = OURS) -> AuditEntry:
    return AuditEntry(
        id=AuditId(uuid7(AT, number.to_bytes(10, "big"))),
        organization=organization,
        at=AT,
        actor="provider:stripe",
        action="access.changed",
        resource=f"access:{number}",
        correlation="evt_1",
        details={"to": "granted", "from": "pending ü"},
    )


def a_chain(length: int = LONG) -> Sealed:
    entries = [an_entry(n) for n in range(1, length + 1)]
    seals = extend(start(OURS), entries)
    return [SealedEntry(seal, it) for seal, it in zip(seals, entries, strict=True)]


def test_the_canonical_form_never_changes() -> None:
    entry = an_entry()

    assert canonical(7, entry).decode() == (
        '[1,"0196d000-0000-7000-8000-000000000001",7,"019de368-f67b-7000-8000-000000000001",'
        '"2026-05-01T12:00:00.123456Z","provider:stripe","access.changed","access:1","evt_1",'
        '{"from":"pending ü","to":"granted"}]'
    )
    (seal,) = extend(start(OURS), [entry])
    assert seal.hash.hex() == "8bbd8824e3eb6cbd9bf948a7b37b3dda2b5b170b633e7b909a09040b81b7b726"


def test_the_statement_of_a_checkpoint_never_changes() -> None:
    head = Head(None, 7, bytes(range(32)))

    assert statement(CheckpointKind.HEAD, head, AT).decode() == (
        '["solynk audit checkpoint",1,"head",null,7,'
        '"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",'
        '"2026-05-01T12:00:00.123456Z"]'
    )


def test_a_chain_is_followed_to_its_end_from_any_place() -> None:
    chain = a_chain()

    for place in range(LONG):
        begin = head_of(chain[place - 1].seal) if place else start(OURS)
        assert follow(begin, chain[place:]) == head_of(chain[-1].seal)


def test_what_is_sealed_bit_by_bit_is_the_same_chain() -> None:
    entries = [an_entry(n) for n in range(1, 6)]

    first = extend(start(OURS), entries[:2])
    rest = extend(head_of(first[-1]), entries[2:])

    assert [*first, *rest] == extend(start(OURS), entries)


def changed(chain: Sealed, place: int) -> Sealed:
    it = chain[place]
    assert it.entry is not None
    other = replace(it.entry, details={**it.entry.details, "to": "granteD"})
    return [*chain[:place], SealedEntry(it.seal, other), *chain[place + 1 :]]


def without_entry(chain: Sealed, place: int) -> Sealed:
    return [*chain[:place], SealedEntry(chain[place].seal, None), *chain[place + 1 :]]


def without_both(chain: Sealed, place: int) -> Sealed:
    return [*chain[:place], *chain[place + 1 :]]


def swapped(chain: Sealed, place: int) -> Sealed:
    """The contents of this one and the next."""
    one, two = chain[place], chain[place + 1]
    pair = [SealedEntry(one.seal, two.entry), SealedEntry(two.seal, one.entry)]
    return [*chain[:place], *pair, *chain[place + 2 :]]


def inserted(chain: Sealed, place: int) -> Sealed:
    """Another one, sealed by whoever does not seal all that follow anew."""
    before = head_of(chain[place - 1].seal) if place else start(OURS)
    other = an_entry(99)
    (seal,) = extend(before, [other])
    return [*chain[:place], SealedEntry(seal, other), *chain[place:]]


def foreign(chain: Sealed, place: int) -> Sealed:
    it = chain[place]
    assert it.entry is not None
    stolen = replace(it.entry, organization=None)
    return [*chain[:place], SealedEntry(it.seal, stolen), *chain[place + 1 :]]


@pytest.mark.parametrize(
    ("attack", "kind", "later"),
    [
        (changed, FaultKind.CHANGED, 0),
        (foreign, FaultKind.CHANGED, 0),
        (without_entry, FaultKind.ENTRY_GONE, 0),
        (without_both, FaultKind.SEAL_GONE, 0),
        (swapped, FaultKind.CHANGED, 0),
        (inserted, FaultKind.SEAL_GONE, 1),
    ],
)
@given(place=st.integers(min_value=0, max_value=LONG - 2))
def test_the_first_bad_entry_is_named(
    attack: Callable[[Sealed, int], Sealed], kind: FaultKind, later: int, place: int
) -> None:
    """One that was inserted stands where another was: its place is right, and the next is not."""
    found = follow(start(OURS), attack(a_chain(), place))

    assert isinstance(found, Fault)
    assert (found.kind, found.seq) == (kind, place + 1 + later)


@given(place=st.integers(min_value=0, max_value=LONG - 1), bit=st.integers(0, 255))
def test_one_bit_of_a_seal_is_enough(place: int, bit: int) -> None:
    chain = a_chain()
    it = chain[place].seal
    flipped = (int.from_bytes(it.hash, "big") ^ 1 << bit).to_bytes(32, "big")
    chain[place] = SealedEntry(replace(it, hash=flipped), chain[place].entry)

    found = follow(start(OURS), chain)

    assert isinstance(found, Fault)
    assert found.seq == place + 1


@pytest.mark.parametrize("kind", FaultKind)
def test_a_fault_has_words_that_name_it(kind: FaultKind) -> None:
    fault = Fault(kind, OURS, 7, AuditId("an entry"), since=5)

    assert "one of 5 to 7 (an entry)" in fault.sentence
    assert OURS in fault.sentence
