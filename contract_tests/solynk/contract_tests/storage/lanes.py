"""The contract of `Lanes`, and of what an open breaker does to the queue."""

from typing import final

import anyio
import pytest
from msgspec.structs import replace

from solynk.contract_tests.storage.rows import MINUTE, NOON, a_command
from solynk.contract_tests.storage.store import NeedsStore
from solynk.core.command import Command, CommandStatus
from solynk.core.instants import HOUR
from solynk.ports.storage import Lane, Store


class LanesContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_a_lane_that_was_never_put_is_closed(self, store: Store) -> None:
        async with store.begin() as unit:
            assert await unit.lanes.get("bot:1") == Lane("bot:1")

    @final
    @pytest.mark.anyio
    async def test_putting_a_lane_inserts_it_or_replaces_the_one_of_this_name(
        self, store: Store
    ) -> None:
        async with store.begin() as unit:
            await unit.lanes.put(Lane("bot:1", 1))
            await unit.lanes.put(Lane("bot:1", 5, NOON))

        async with store.begin() as unit:
            assert await unit.lanes.get("bot:1") == Lane("bot:1", 5, NOON)

    @final
    @pytest.mark.anyio
    async def test_commands_of_an_open_lane_are_left_out(self, store: Store) -> None:
        held, free = a_command(due_at=NOON - MINUTE), a_command(lane="bot:2")
        async with store.begin() as unit:
            await unit.lanes.put(Lane("bot:1", 5, NOON + MINUTE))
            await unit.commands.add(held)
            await unit.commands.add(free)

        async with store.begin() as unit:
            one = await unit.queue.claim_one(held.id, NOON, NOON, NOON + MINUTE, "mine")
            claimed = await unit.queue.claim(NOON, NOON, NOON + MINUTE, "mine", 10)

        assert one is None
        assert [it.id for it in claimed] == [free.id]

    @final
    @pytest.mark.anyio
    async def test_a_lane_that_may_be_tried_gives_one_command_until_that_has_ended(
        self, store: Store
    ) -> None:
        commands = [a_command(due_at=NOON + n * MINUTE) for n in range(3)]
        now = NOON + HOUR
        async with store.begin() as unit:
            await unit.lanes.put(Lane("bot:1", 5, now))
            for it in commands:
                await unit.commands.add(it)

        async with store.begin() as unit:
            (probe,) = await unit.queue.claim(now, now, now + MINUTE, "mine", 10)
            second = await unit.queue.claim(now, now, now + MINUTE, "yours", 10)
            named = await unit.queue.claim_one(commands[1].id, now, now, now + MINUTE, "yours")
            done = replace(probe, status=CommandStatus.DONE, lease=None, lease_until=None)
            await unit.commands.put(done, lease="mine")
            (third,) = await unit.queue.claim(now, now, now + MINUTE, "yours", 10)

        assert probe.id == commands[0].id
        assert list(second) == []
        assert named is None
        assert third.id == commands[1].id

    @final
    @pytest.mark.anyio
    async def test_a_probe_whose_lease_ended_makes_room_for_another(self, store: Store) -> None:
        async with store.begin() as unit:
            await unit.lanes.put(Lane("bot:1", 5, NOON))
            await unit.commands.add(a_command())
            await unit.commands.add(a_command())
            await unit.queue.claim(NOON, NOON, NOON + MINUTE, "mine", 1)

        async with store.begin() as unit:
            later = NOON + MINUTE
            claimed = await unit.queue.claim(later, later, later + MINUTE, "yours", 10)

        assert len(claimed) == 1

    @final
    @pytest.mark.anyio
    async def test_a_named_command_may_be_the_probe(self, store: Store) -> None:
        command = a_command()
        async with store.begin() as unit:
            await unit.lanes.put(Lane("bot:1", 5, NOON))
            await unit.commands.add(command)

        async with store.begin() as unit:
            probe = await unit.queue.claim_one(command.id, NOON, NOON, NOON + MINUTE, "mine")

        assert probe is not None

    @final
    @pytest.mark.anyio
    async def test_a_lane_that_was_closed_flows_again(self, store: Store) -> None:
        async with store.begin() as unit:
            await unit.lanes.put(Lane("bot:1", 5, NOON + HOUR))
            await unit.commands.add(a_command())
            await unit.commands.add(a_command())

        async with store.begin() as unit:
            await unit.lanes.put(Lane("bot:1"))
            claimed = await unit.queue.claim(NOON, NOON, NOON + MINUTE, "mine", 10)

        assert len(claimed) == 2

    @final
    @pytest.mark.anyio
    async def test_of_many_claimants_at_once_one_gets_the_probe(self, store: Store) -> None:
        async with store.begin() as unit:
            await unit.lanes.put(Lane("bot:1", 5, NOON))
            for _ in range(20):
                await unit.commands.add(a_command())
        claimed: list[Command] = []

        async def claim(lease: str) -> None:
            async with store.begin() as unit:
                claimed.extend(await unit.queue.claim(NOON, NOON, NOON + MINUTE, lease, 3))

        async with anyio.create_task_group() as tasks:
            for number in range(10):
                tasks.start_soon(claim, f"lease {number}")

        assert len(claimed) == 1


class LateWorkContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_what_should_have_been_done_or_finished_is_late(self, store: Store) -> None:
        due, later = a_command(due_at=NOON), a_command(due_at=NOON + MINUTE)
        parked = a_command(status=CommandStatus.PARKED)
        leased = replace(
            a_command(due_at=NOON - MINUTE), status=CommandStatus.LEASED, lease_until=NOON
        )
        async with store.begin() as unit:
            for it in (later, due, parked, leased):
                await unit.commands.add(it)

        async with store.begin() as unit:
            late = unit.late.commands
            assert list(await late(NOON + MINUTE, NOON + MINUTE, 10)) == [leased, due]
            assert list(await late(NOON + MINUTE, NOON + MINUTE, 1)) == [leased]
            assert list(await late(NOON + MINUTE, NOON, 10)) == [due]
            assert list(await late(NOON, NOON, 10)) == []
