"""I15: a worker that was frozen for longer than its lease does no harm when it wakes."""

import contextlib

import anyio
import pytest

from solynk.apps.demo.cast import Member, Stage
from tests.chaos.arena import Arena
from tests.chaos.members import a_member, cancels
from tests.chaos.runs import OVER_SERVERS, Run
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON, let_in

FROZEN, OTHER = "worker-1", "worker-2"
OVER_THE_LEASE = 90.0
STALE_AT_MOST = 1


def where_it_freezes(run: Run) -> list[tuple[str, int, str]]:
    """Within the very call that puts the member out; and anywhere between the claim and that."""
    anywhere = [("database", number, "") for number in range(1, 60)]
    others = [("vendor", 1, "getChatMember"), *anywhere]
    chosen = run.chance("i15").sample(others, run.size(1, len(others)))
    return [("vendor", 1, "banChatMember"), *chosen]


async def puts_out(arena: Arena, shop: Stage, since: int) -> list[str]:
    """Calls of the bot that put somebody out of this chat."""
    calls = (await arena.town.ledger(path="banChatMember"))[since:]
    return [it["at"] for it in calls if str(it["params"]["chat_id"]) == str(shop.world.chat)]


@pytest.mark.anyio
@OVER_SERVERS
async def test_i15_a_worker_that_slept_through_a_gift_puts_nobody_out_for_good(
    arena: Arena, run: Run
) -> None:
    shop = await arena.town.open_shop()

    for door, number, like in where_it_freezes(run):
        ann = await a_member(shop)
        await arena.calm()
        since = len(await arena.town.ledger(path="banChatMember"))
        arena.program(OTHER).kill()
        arena.leases_lapse()
        arena.tell(FROZEN, "freeze", door=door, number=number, like=like, slept=OVER_THE_LEASE)

        await cancels(shop, ann)

        async def fell_asleep() -> bool:
            return arena.obeyed(FROZEN)

        await eventually(fell_asleep, f"{FROZEN} froze at {door} {number} {like}", SOON)
        arena.leases_lapse()
        arena.start(OTHER)
        await has_a_right_again(shop, ann)
        arena.thaw(FROZEN)

        await anyio.sleep(1)
        await back_inside(arena, shop, ann)
        assert len(await puts_out(arena, shop, since)) <= STALE_AT_MOST
        assert await shop.inside(ann)
        assert await shop.state(ann) == "granted"
        # Its clock is ahead from here on, by more than a lease: a new one goes by the right time.
        arena.program(FROZEN).kill()
        arena.leases_lapse(3)
        arena.start(FROZEN)


async def has_a_right_again(shop: Stage, member: Member) -> None:
    """The other worker acts upon it, unless the sleeper holds the lock that this needs."""

    async def given() -> bool:
        with contextlib.suppress(RuntimeError):  # 503: whoever sleeps holds the lock
            path = f"/customers/{member.customer}/grants"
            await shop.api.call("POST", path, {"reason": "a gift"})
            return True
        return False

    await eventually(given, f"{member.name} has a right again", 3 * SOON)

    async def seen() -> bool:
        return await shop.state(member) == "granted"

    with contextlib.suppress(AssertionError):
        await eventually(seen, "the other worker lets them in", 5)


async def back_inside(arena: Arena, shop: Stage, member: Member) -> None:
    """At rest they are in, or were sent the way in and need only follow it."""
    await arena.calm()
    if not await shop.inside(member):
        await let_in(shop, member)
    await arena.calm()
