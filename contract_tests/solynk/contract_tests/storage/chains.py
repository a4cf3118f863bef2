"""The contracts of `AuditChains`, `SealedLog` and `Checkpoints`."""

from collections.abc import Sequence
from typing import final

import pytest

from solynk.contract_tests.storage.rows import (
    MINUTE,
    NOON,
    OURS,
    THEIRS,
    a_checkpoint,
    an_entry,
)
from solynk.contract_tests.storage.store import NeedsStore
from solynk.core.audit import AuditEntry
from solynk.core.chain import Head, SealedEntry, extend, head_of, start
from solynk.core.checkpoint import CheckpointKind
from solynk.core.ids import OrganizationId
from solynk.ports.errors import Lost
from solynk.ports.storage import Store

OWNERS = pytest.mark.parametrize("owner", [OURS, None], ids=["owned", "owned by nobody"])


def entries(owner: OrganizationId | None, count: int = 3) -> list[AuditEntry]:
    """One a minute, by id."""
    return [an_entry(organization=owner, at=NOON + n * MINUTE) for n in range(count)]


async def append(store: Store, told: Sequence[AuditEntry]) -> None:
    async with store.begin() as unit:
        for it in told:
            await unit.audit.append(it)


async def seal(store: Store, told: Sequence[AuditEntry]) -> Head:
    """Seal these entries of one chain; answers its end."""
    async with store.begin() as unit:
        owner = told[0].organization
        seals = extend((await unit.chains.heads([owner]))[owner], told)
        await unit.chains.extend(seals)
    return head_of(seals[-1])


class AuditChainsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    @OWNERS
    async def test_what_was_appended_waits_by_id_until_it_is_sealed(
        self, store: Store, owner: OrganizationId | None
    ) -> None:
        first, second, third = entries(owner)
        await append(store, [third, first, second])
        async with store.begin() as unit:
            assert list(await unit.chains.waiting(10)) == [first, second, third]
            assert list(await unit.chains.waiting(2)) == [first, second]

        await seal(store, [first, second])

        async with store.begin() as unit:
            assert list(await unit.chains.waiting(10)) == [third]

    @final
    @pytest.mark.anyio
    async def test_every_chain_has_an_end_of_its_own(self, store: Store) -> None:
        ours, nobodys = entries(OURS), entries(None, 2)
        await append(store, [*ours, *nobodys])

        end, other = await seal(store, ours), await seal(store, nobodys)

        async with store.begin() as unit:
            heads = await unit.chains.heads([OURS, None, THEIRS])
            assert heads == {OURS: end, None: other, THEIRS: start(THEIRS)}
            assert sorted(await unit.sealed.chains(), key=lambda it: it.seq) == [other, end]

    @final
    @pytest.mark.anyio
    @OWNERS
    async def test_no_entry_and_no_place_is_sealed_twice(
        self, store: Store, owner: OrganizationId | None
    ) -> None:
        first, second, _ = entries(owner)
        await append(store, [first, second])
        end = await seal(store, [first])

        for head, entry in ((end, first), (start(owner), second)):
            with pytest.raises(Lost):
                async with store.begin() as unit:
                    await unit.chains.extend(extend(head, [entry]))

        async with store.begin() as unit:
            assert await unit.chains.heads([owner]) == {owner: end}
            assert list(await unit.chains.waiting(10)) == [second]

    @final
    @pytest.mark.anyio
    async def test_to_seal_nothing_changes_nothing(self, store: Store) -> None:
        async with store.begin() as unit:
            await unit.chains.extend([])
            assert list(await unit.sealed.chains()) == []


class SealedLogContract(NeedsStore):
    @final
    @pytest.mark.anyio
    @OWNERS
    async def test_a_chain_is_read_in_order_a_page_at_a_time(
        self, store: Store, owner: OrganizationId | None
    ) -> None:
        told, foreign = entries(owner), entries(THEIRS)
        await append(store, [*told, *foreign])
        await seal(store, foreign)
        await seal(store, told)

        async with store.begin() as unit:
            first = await unit.sealed.page(owner, after=0, limit=2)
            rest = await unit.sealed.page(owner, after=2, limit=2)

        seals = extend(start(owner), told)
        whole = [SealedEntry(s, it) for s, it in zip(seals, told, strict=True)]
        assert [*first, *rest] == whole

    @final
    @pytest.mark.anyio
    async def test_what_was_appended_is_no_stray(self, store: Store) -> None:
        told = entries(OURS)
        await append(store, told)
        await seal(store, told[:1])

        async with store.begin() as unit:
            found = await unit.sealed.strays(None, 100)

        assert found.entries == ()
        assert found.last is None


class CheckpointsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    @OWNERS
    async def test_a_checkpoint_is_due_where_a_chain_grew_and_the_last_one_is_old(
        self, store: Store, owner: OrganizationId | None
    ) -> None:
        told = entries(owner)
        await append(store, told)
        head = await seal(store, told[:2])
        async with store.begin() as unit:
            assert list(await unit.checkpoints.due(NOON, 10)) == [head]
            await unit.checkpoints.put([a_checkpoint(head, at=NOON)])
            assert list(await unit.checkpoints.due(NOON + MINUTE, 10)) == []

        grown = await seal(store, told[2:])

        async with store.begin() as unit:
            assert list(await unit.checkpoints.due(NOON - MINUTE, 10)) == []
            assert list(await unit.checkpoints.due(NOON, 10)) == [grown]
            assert list(await unit.checkpoints.due(NOON, 0)) == []

    @final
    @pytest.mark.anyio
    @OWNERS
    async def test_checkpoints_of_a_chain_are_read_in_its_order(
        self, store: Store, owner: OrganizationId | None
    ) -> None:
        first, second = (a_checkpoint(Head(owner, n, bytes([n]) * 32)) for n in (1, 2))
        foreign = a_checkpoint(Head(THEIRS, 1, bytes(32)))

        async with store.begin() as unit:
            await unit.checkpoints.put([second, foreign, first])

        async with store.begin() as unit:
            assert list(await unit.checkpoints.of(owner)) == [first, second]

    @final
    @pytest.mark.anyio
    @OWNERS
    async def test_the_newest_checkpoint_is_that_of_the_chain_that_was_signed_last(
        self, store: Store, owner: OrganizationId | None
    ) -> None:
        ours, theirs = an_entry(organization=owner), an_entry(organization=THEIRS)

        async with store.begin() as unit:
            nothing = await unit.checkpoints.newest()
            for it in (ours, theirs):
                await unit.audit.append(it)
                await unit.chains.extend(extend(start(it.organization), [it]))
            heads = await unit.chains.heads([owner, THEIRS])
            first = a_checkpoint(heads[THEIRS], at=NOON)
            last = a_checkpoint(heads[owner], at=NOON + MINUTE)
            await unit.checkpoints.put([last, first])

        async with store.begin() as unit:
            assert await unit.checkpoints.newest() == last
        assert nothing is None

    @final
    @pytest.mark.anyio
    @OWNERS
    async def test_the_last_checkpoint_of_a_head_up_to_a_place_is_found(
        self, store: Store, owner: OrganizationId | None
    ) -> None:
        first, third = (a_checkpoint(Head(owner, n, bytes([n]) * 32)) for n in (1, 3))
        cut = a_checkpoint(Head(owner, 2, bytes(32)), kind=CheckpointKind.CUT)
        foreign = a_checkpoint(Head(THEIRS, 2, bytes(32)))

        async with store.begin() as unit:
            await unit.checkpoints.put([first, cut, third, foreign])

        async with store.begin() as unit:
            found = [await unit.checkpoints.last(owner, n) for n in range(5)]
        assert found == [None, first, first, third, third]

    @final
    @pytest.mark.anyio
    async def test_a_checkpoint_is_kept_as_it_was_and_a_cut_stands_beside_it(
        self, store: Store
    ) -> None:
        head = Head(OURS, 1, bytes(32))
        first, cut = a_checkpoint(head), a_checkpoint(head, kind=CheckpointKind.CUT)

        async with store.begin() as unit:
            await unit.checkpoints.put([first])
            await unit.checkpoints.put([a_checkpoint(head, at=NOON + MINUTE), cut])

        async with store.begin() as unit:
            kept = await unit.checkpoints.of(OURS)
        assert sorted(kept, key=lambda it: it.kind) == [cut, first]
