"""The contract of `CommandQueue`."""

from collections.abc import Sequence
from typing import final

import anyio
import anyio.lowlevel
import pytest
from msgspec.structs import replace

from solynk.contract_tests.storage.rows import MINUTE, NOON, OURS, THEIRS, a_command, new_id
from solynk.contract_tests.storage.store import NeedsStore
from solynk.core.command import Command, CommandStatus
from solynk.core.ids import CommandId, OrganizationId
from solynk.core.instants import HOUR
from solynk.ports.storage import Lane, Store


def an_organization_id() -> OrganizationId:
    return OrganizationId(new_id())


class CommandQueueContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_a_claimed_command_is_leased_and_its_attempts_are_raised_by_one(
        self, store: Store
    ) -> None:
        command = a_command()
        async with store.begin() as unit:
            await unit.commands.add(command)

        async with store.begin() as unit:
            (claimed,) = await unit.queue.claim(NOON, NOON, NOON + MINUTE, "mine", 10)

        leased = replace(
            command,
            status=CommandStatus.LEASED,
            lease="mine",
            lease_until=NOON + MINUTE,
            attempts=1,
        )
        async with store.begin() as unit:
            assert claimed == leased
            assert await unit.commands.get(command.id) == leased

    @final
    @pytest.mark.anyio
    async def test_only_what_is_ready_and_due_is_claimed_the_oldest_due_first(
        self, store: Store
    ) -> None:
        due = [a_command(due_at=NOON - n * MINUTE) for n in range(3)]
        statuses = (CommandStatus.PARKED, CommandStatus.DONE, CommandStatus.DEAD)
        others = [a_command(status=it, due_at=NOON - HOUR) for it in statuses]
        async with store.begin() as unit:
            for it in (*due, *others, a_command(due_at=NOON + MINUTE)):
                await unit.commands.add(it)

        async with store.begin() as unit:
            claimed = await unit.queue.claim(NOON, NOON, NOON + MINUTE, "mine", 2)
            rest = await unit.queue.claim(NOON, NOON, NOON + MINUTE, "mine", 10)

        assert [it.id for it in (*claimed, *rest)] == [it.id for it in due[::-1]]
        assert len(claimed) == 2

    @final
    @pytest.mark.anyio
    async def test_an_organization_with_much_to_do_holds_up_no_other(self, store: Store) -> None:
        flood = [a_command(due_at=NOON - HOUR + n * MINUTE) for n in range(50)]
        others = [a_command(organization=an_organization_id()) for _ in range(10)]
        async with store.begin() as unit:
            for it in (*flood, *others):
                await unit.commands.add(it)

        claims: list[Sequence[Command]] = []
        for _ in range(4):
            async with store.begin() as unit:
                claims.append(await unit.queue.claim(NOON, NOON, NOON + MINUTE, "mine", 8))

        reached = {it.id for claimed in claims for it in claimed}
        assert {it.id for it in others} <= reached
        assert [len(it) for it in claims] == [8, 8, 8, 8]
        assert flood[0].id in {it.id for it in claims[0]}

    @final
    @pytest.mark.anyio
    async def test_a_claim_is_shared_out_and_of_each_organization_the_longest_due_come_first(
        self, store: Store
    ) -> None:
        ours = [a_command(due_at=NOON - HOUR + n * MINUTE) for n in range(9)]
        theirs = [
            a_command(organization=THEIRS, due_at=NOON - n * MINUTE) for n in reversed(range(9))
        ]
        async with store.begin() as unit:
            for it in (*reversed(ours), *theirs):
                await unit.commands.add(it)

        async with store.begin() as unit:
            first = await unit.queue.claim(NOON, NOON, NOON + MINUTE, "mine", 7)
            second = await unit.queue.claim(NOON, NOON, NOON + MINUTE, "mine", 7)

        for claimed in (first, second):
            assert [it.due_at for it in claimed] == sorted(it.due_at for it in claimed)
        for owner, queue in ((OURS, ours), (THEIRS, theirs)):
            taken = [it.id for it in (*first, *second) if it.organization == owner]
            assert taken == [it.id for it in queue[: len(taken)]]
            assert len(taken) >= 6

    @final
    @pytest.mark.anyio
    async def test_what_belongs_to_no_organization_is_not_passed_over(self, store: Store) -> None:
        nobodys = a_command(organization=None, due_at=NOON - HOUR)
        async with store.begin() as unit:
            await unit.commands.add(nobodys)
            for _ in range(9):
                await unit.commands.add(a_command(organization=an_organization_id()))

        async with store.begin() as unit:
            claimed = await unit.queue.claim(NOON, NOON, NOON + MINUTE, "mine", 3)

        assert nobodys.id in {it.id for it in claimed}

    @final
    @pytest.mark.anyio
    async def test_organizations_whose_time_has_not_come_or_whose_lane_is_open_take_no_turn(
        self, store: Store
    ) -> None:
        later = [a_command(organization=an_organization_id(), due_at=NOON + HOUR) for _ in range(9)]
        held = [a_command(organization=an_organization_id(), lane="bot:2") for _ in range(9)]
        due = [a_command(organization=an_organization_id()) for _ in range(4)]
        async with store.begin() as unit:
            await unit.lanes.put(Lane("bot:2", 5, NOON + HOUR))
            for it in (*later, *held, *due):
                await unit.commands.add(it)

        async with store.begin() as unit:
            claimed = await unit.queue.claim(NOON, NOON, NOON + MINUTE, "mine", 4)

        assert {it.id for it in claimed} == {it.id for it in due}

    @final
    @pytest.mark.anyio
    async def test_two_claimants_at_once_never_get_the_same_row(self, store: Store) -> None:
        async with store.begin() as unit:
            for _ in range(30):
                await unit.commands.add(a_command())
        claimed: list[tuple[str, Command]] = []

        async def claim(lease: str) -> None:
            for _ in range(5):
                async with store.begin() as unit:
                    rows = await unit.queue.claim(NOON, NOON, NOON + MINUTE, lease, 3)
                    await anyio.lowlevel.checkpoint()
                claimed.extend((lease, it) for it in rows)

        async with anyio.create_task_group() as tasks:
            for number in range(6):
                tasks.start_soon(claim, f"lease {number}")

        assert len({it.id for _, it in claimed}) == len(claimed) == 30
        assert all((it.lease, it.attempts) == (lease, 1) for lease, it in claimed)

    @final
    @pytest.mark.anyio
    async def test_a_lease_that_ended_by_the_wall_clock_is_claimed_again(
        self, store: Store
    ) -> None:
        async with store.begin() as unit:
            await unit.commands.add(a_command())
            await unit.queue.claim(NOON, NOON, NOON + MINUTE, "first", 1)

        async with store.begin() as unit:
            early = await unit.queue.claim(NOON + HOUR, NOON, NOON + HOUR, "second", 1)
            (late,) = await unit.queue.claim(NOON, NOON + MINUTE, NOON + HOUR, "third", 1)

        assert list(early) == []
        assert (late.lease, late.lease_until, late.attempts) == ("third", NOON + HOUR, 2)

    @final
    @pytest.mark.anyio
    async def test_one_named_command_is_claimed_as_the_others_are(self, store: Store) -> None:
        command = a_command()
        async with store.begin() as unit:
            await unit.commands.add(command)
            await unit.commands.add(a_command(due_at=NOON - MINUTE))

        async with store.begin() as unit:
            claimed = await unit.queue.claim_one(command.id, NOON, NOON, NOON + MINUTE, "mine")
            again = await unit.queue.claim_one(command.id, NOON, NOON, NOON + MINUTE, "yours")
            taken_over = await unit.queue.claim_one(
                command.id, NOON, NOON + MINUTE, NOON + HOUR, "yours"
            )

        assert claimed is not None
        assert (claimed.id, claimed.lease, claimed.attempts) == (command.id, "mine", 1)
        assert again is None
        assert taken_over is not None
        assert (taken_over.lease, taken_over.attempts) == ("yours", 2)

    @final
    @pytest.mark.anyio
    async def test_a_named_command_that_is_not_to_be_done_now_is_none(self, store: Store) -> None:
        commands = [
            a_command(due_at=NOON + MINUTE),
            a_command(status=CommandStatus.PARKED),
            a_command(status=CommandStatus.DROPPED),
        ]
        async with store.begin() as unit:
            for it in commands:
                await unit.commands.add(it)

        async with store.begin() as unit:
            for named in (*(it.id for it in commands), CommandId(new_id())):
                one = await unit.queue.claim_one(named, NOON, NOON, NOON + MINUTE, "mine")
                assert one is None

    @final
    @pytest.mark.anyio
    async def test_hastening_makes_due_what_waits_in_the_lane_to_be_tried_again(
        self, store: Store
    ) -> None:
        waiting = [replace(a_command(due_at=NOON + n * HOUR), attempts=1) for n in (1, 2)]
        others = [
            replace(a_command(due_at=NOON + HOUR, lane="bot:2"), attempts=1),
            replace(a_command(due_at=NOON + HOUR, status=CommandStatus.PARKED), attempts=1),
            a_command(due_at=NOON + HOUR),
        ]
        async with store.begin() as unit:
            for it in (*waiting, *others):
                await unit.commands.add(it)

        async with store.begin() as unit:
            hastened = await unit.queue.hasten("bot:1", NOON)

        async with store.begin() as unit:
            assert hastened == 2
            assert [await unit.commands.get(it.id) for it in waiting] == [
                replace(it, due_at=NOON) for it in waiting
            ]
            assert [await unit.commands.get(it.id) for it in others] == others

    @final
    @pytest.mark.anyio
    async def test_commands_are_listed_newest_first_and_none_is_for_every_organization(
        self, store: Store
    ) -> None:
        old = a_command(created_at=NOON)
        dead = a_command(created_at=NOON + MINUTE, status=CommandStatus.DEAD)
        theirs = a_command(created_at=NOON + 2 * MINUTE, organization=THEIRS)
        nobodys = a_command(created_at=NOON + 3 * MINUTE, organization=None)
        async with store.begin() as unit:
            for it in (dead, nobodys, old, theirs):
                await unit.commands.add(it)

        async with store.begin() as unit:
            assert list(await unit.queue.all(OURS)) == [dead, old]
            assert list(await unit.queue.all(OURS, limit=1)) == [dead]
            assert list(await unit.queue.all(OURS, before=dead.id)) == [old]
            assert list(await unit.queue.all(None, before=theirs.id, limit=1)) == [dead]
            assert list(await unit.queue.all(OURS, status=CommandStatus.READY)) == [old]
            assert list(await unit.queue.all(None)) == [nobodys, theirs, dead, old]
