"""The contract of `Commands`."""

from typing import Final, final

import anyio
import pytest
from msgspec.structs import replace

from solynk.contract_tests.storage.rows import (
    ANN,
    LOUNGE,
    MINUTE,
    NOON,
    OURS,
    a_command,
    new_id,
)
from solynk.contract_tests.storage.store import NeedsStore
from solynk.core.command import (
    LIVE,
    Admit,
    CommandStatus,
    Decline,
    Expel,
    Fetch,
    Inspect,
    Order,
    Tell,
    Topic,
)
from solynk.core.evidence import (
    BlockLaid,
    Ended,
    Evidence,
    Suspended,
    VerifiedNonPayment,
    WrongIdentity,
)
from solynk.core.ids import AccessId, CommandId, PersonId
from solynk.core.standing import Reason
from solynk.ports.errors import Conflict
from solynk.ports.storage import Store

BOUND: Final = PersonId("77")
ACCESS: Final = AccessId(new_id())
PROOFS: Final = (
    Ended("sub", NOON, Reason.CANCEL_REQUESTED),
    VerifiedNonPayment("sub", NOON, None),
    Suspended("sub", Reason.PAUSED),
    BlockLaid("b1", NOON, "spam"),
    WrongIdentity(BOUND, None),
)
EVERY_ORDER: Final[tuple[Order, ...]] = (
    Admit(ACCESS, 1, BOUND),
    Expel(ACCESS, 1, BOUND, Evidence(PROOFS)),
    Decline(LOUNGE, BOUND),
    Tell(Topic.ENDED, BOUND, LOUNGE, ANN, NOON, "https://t.example/x", "de"),
    Fetch("stripe", "acct_1", "subscription", "sub_1"),
    Inspect(LOUNGE),
)
ENDED: Final = sorted(set(CommandStatus) - LIVE)


class CommandsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize("order", EVERY_ORDER, ids=lambda it: type(it).__name__)
    async def test_a_command_with_every_order_comes_back_as_it_was_added(
        self, store: Store, order: Order
    ) -> None:
        command = replace(a_command(order=order), caused_at=NOON)

        async with store.begin() as unit:
            assert await unit.commands.add(command)

        async with store.begin() as unit:
            assert await unit.commands.get(command.id) == command
            assert await unit.commands.get(CommandId(new_id())) is None

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize("status", sorted(LIVE))
    async def test_nothing_happens_where_a_command_of_this_subject_is_live(
        self, store: Store, status: CommandStatus
    ) -> None:
        first, second = a_command(subject="s", status=status), a_command(subject="s")
        async with store.begin() as unit:
            assert await unit.commands.add(first)

        async with store.begin() as unit:
            assert not await unit.commands.add(second)

        async with store.begin() as unit:
            assert await unit.commands.live("s") == first
            assert await unit.commands.get(second.id) is None

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize("status", ENDED)
    async def test_a_command_that_has_ended_makes_room_for_another(
        self, store: Store, status: CommandStatus
    ) -> None:
        first, second = a_command(subject="s"), a_command(subject="s")
        async with store.begin() as unit:
            await unit.commands.add(first)

        async with store.begin() as unit:
            assert await unit.commands.put(replace(first, status=status), lease=None)
            assert await unit.commands.live("s") is None
            assert await unit.commands.add(second)

    @final
    @pytest.mark.anyio
    async def test_of_many_that_are_added_at_once_one_of_each_subject_is(
        self, store: Store
    ) -> None:
        live, other = a_command(subject="live"), a_command(subject="live")
        first, second = a_command(subject="s"), a_command(subject="s")
        free = a_command(subject="free")
        async with store.begin() as unit:
            await unit.commands.add(live)

        async with store.begin() as unit:
            added = await unit.commands.add(first, other, second, free)

        async with store.begin() as unit:
            known = await unit.commands.live_among(["live", "s", "free"])
        assert set(added) == {first.id, free.id}
        assert {it.id for it in known} == {live.id, first.id, free.id}

    @final
    @pytest.mark.anyio
    async def test_of_many_who_add_a_command_of_one_subject_at_once_one_is_told_true(
        self, store: Store
    ) -> None:
        answers: list[bool] = []

        async def add() -> None:
            async with store.begin() as unit:
                answers.append(bool(await unit.commands.add(a_command(subject="s"))))

        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(add)

        assert sorted(answers) == [False] * 19 + [True]

    @final
    @pytest.mark.anyio
    async def test_putting_a_command_replaces_it_while_the_lease_is_the_same(
        self, store: Store
    ) -> None:
        command = a_command()
        async with store.begin() as unit:
            await unit.commands.add(command)
            await unit.queue.claim(NOON, NOON, NOON + MINUTE, "mine", 1)
        done = replace(
            command, status=CommandStatus.DONE, attempts=1, reason="joined", finished_at=NOON
        )

        async with store.begin() as unit:
            assert await unit.commands.put(done, lease="mine")

        async with store.begin() as unit:
            assert await unit.commands.get(command.id) == done

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize("lease", ["old", None])
    async def test_putting_with_another_lease_changes_nothing(
        self, store: Store, lease: str | None
    ) -> None:
        command = a_command()
        async with store.begin() as unit:
            await unit.commands.add(command)
            await unit.queue.claim(NOON, NOON, NOON, "old", 1)
            (leased,) = await unit.queue.claim(NOON, NOON, NOON + MINUTE, "new", 1)

        async with store.begin() as unit:
            done = replace(command, status=CommandStatus.DONE)
            assert not await unit.commands.put(done, lease=lease)

        async with store.begin() as unit:
            assert await unit.commands.get(command.id) == leased

    @final
    @pytest.mark.anyio
    async def test_a_command_that_is_not_leased_is_not_put_by_who_held_it(
        self, store: Store
    ) -> None:
        command = a_command()
        async with store.begin() as unit:
            await unit.commands.add(command)

        async with store.begin() as unit:
            assert not await unit.commands.put(command, lease="old")
            assert not await unit.commands.put(a_command(), lease=None)

    @final
    @pytest.mark.anyio
    async def test_reviving_a_command_while_another_of_its_subject_is_live_is_a_conflict(
        self, store: Store
    ) -> None:
        dead = a_command(subject="s", status=CommandStatus.DEAD)
        async with store.begin() as unit:
            await unit.commands.add(dead)
            await unit.commands.add(a_command(subject="s"))

        async with store.begin() as unit:
            with pytest.raises(Conflict):
                await unit.commands.put(replace(dead, status=CommandStatus.READY), lease=None)

        async with store.begin() as unit:
            assert await unit.commands.get(dead.id) == dead

    @final
    @pytest.mark.anyio
    async def test_a_command_may_belong_to_no_organization(self, store: Store) -> None:
        command = a_command(organization=None)

        async with store.begin() as unit:
            await unit.commands.add(command)

        async with store.begin() as unit:
            assert await unit.commands.get(command.id) == command
            assert list(await unit.queue.all(OURS)) == []
