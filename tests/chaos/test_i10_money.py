"""I10: what became of the money decides. The table of all cases is docs/reference/decisions, which
tests/core reads; here a sample of it goes through both vendors and every process there is."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from solynk.apps.demo.cast import Member, Stage
from tests.chaos.arena import Arena
from tests.chaos.members import Eager, cancels, declines, subscriptions_of
from tests.end_to_end.town import checkout

Deed = Callable[[Stage, Member], Awaitable[None]]


async def charge_of(stage: Stage, member: Member) -> str:
    payers = {it["customer"] for it in await subscriptions_of(stage, member)}
    charges = await stage.world.charges()
    return next(str(it["id"]) for it in charges if it["customer"] in payers)


async def nothing(stage: Stage, member: Member) -> None:
    del stage, member


async def part_is_given_back(stage: Stage, member: Member) -> None:
    await stage.world.act("refund", await charge_of(stage, member), amount=100)


async def all_is_given_back(stage: Stage, member: Member) -> None:
    await stage.world.act("refund", await charge_of(stage, member))


async def it_is_disputed(stage: Stage, member: Member) -> None:
    await stage.world.act("dispute", await charge_of(stage, member))


async def it_is_asked_about(stage: Stage, member: Member) -> None:
    await stage.world.act("dispute", await charge_of(stage, member), inquiry=True)


def the_dispute_ends(how: str) -> Deed:
    async def deed(stage: Stage, member: Member) -> None:
        charge = await charge_of(stage, member)
        made = await stage.world.http.post(
            f"{stage.world.base_url}/sandbox/stripe/{stage.world.account}/act/dispute/{charge}",
            json={},
        )
        await stage.world.act("close_dispute", made.json()["id"], status=how)

    return deed


async def the_end_is_booked(stage: Stage, member: Member) -> None:
    await cancels(stage, member, "cancel_at_period_end")


CASES: dict[str, tuple[str, Deed, bool]] = {
    "paid": ("pay", nothing, True),
    "declined at first": ("decline", nothing, False),
    "on its way": ("delayed", nothing, False),
    "a part given back": ("pay", part_is_given_back, True),
    "all given back": ("pay", all_is_given_back, False),
    "disputed": ("pay", it_is_disputed, True),
    "asked about": ("pay", it_is_asked_about, True),
    "dispute lost": ("pay", the_dispute_ends("lost"), False),
    "dispute won": ("pay", the_dispute_ends("won"), True),
    "cancelled at the end": ("pay", the_end_is_booked, True),
    "cancelled at once": ("pay", cancels, False),
}
"""How they pay, what becomes of it, and whether they are in after it."""


async def pays_by(stage: Stage, member: Member, way: str) -> None:
    page = await checkout(stage, member)
    await stage.world.http.get(page)
    await stage.world.http.post(page, data={"way": way, "email": "buyer@example.com"})


@pytest.mark.anyio
async def test_i10_what_became_of_the_money_decides_who_is_in(arena: Arena, shop: Stage) -> None:
    members = {name: await shop.joins_the_cast(name.replace(" ", "-")) for name in CASES}
    for name, (way, _, _) in CASES.items():
        await pays_by(shop, members[name], way)
    await arena.calm()
    eager = Eager(shop, list(members.values()))
    await eager.follow()
    await arena.calm()
    inside = await shop.world.inside()
    assert {name for name, it in members.items() if it.person in inside} == {
        name for name, (way, _, _) in CASES.items() if way == "pay"
    }

    for name, (_, deed, _) in CASES.items():
        await deed(shop, members[name])
    await arena.calm()
    await eager.follow()
    await arena.calm()

    inside = await shop.world.inside()
    assert {name for name, it in members.items() if it.person in inside} == {
        name for name, (_, _, is_in) in CASES.items() if is_in
    }


@pytest.mark.anyio
async def test_i10_a_debit_that_arrives_opens_and_a_renewal_left_unpaid_closes(
    arena: Arena, shop: Stage
) -> None:
    ann, bob = await shop.joins_the_cast("Debit"), await shop.joins_the_cast("Unpaid")
    account = shop.world.account
    await arena.town.tell(f"stripe/{account}/settings", **{"finally": "unpaid"})
    await pays_by(shop, ann, "delayed")
    await pays_by(shop, bob, "pay")
    await arena.calm()
    eager = Eager(shop, [ann, bob])
    await eager.follow()
    await arena.calm()
    assert not await shop.inside(ann)
    await declines(shop, bob)

    for _ in range(6):
        await arena.town.time_passes(seconds=timedelta(days=8).total_seconds())
        await arena.calm()
        await eager.follow()
    await arena.calm()

    assert await shop.inside(ann)
    assert not await shop.inside(bob)
    assert {it["status"] for it in await subscriptions_of(shop, bob)} == {"unpaid"}
