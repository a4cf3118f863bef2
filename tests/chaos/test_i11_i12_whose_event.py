"""I11: an event of the other mode has no effect. I12: an account binds its tenant, metadata never."""

import json
from collections.abc import Callable, Iterable

import pytest

from solynk.apps.demo.cast import Member, Stage
from tests.chaos.arena import Arena
from tests.chaos.courier import Courier, Event
from tests.chaos.members import a_member, cancels
from tests.chaos.runs import Run
from tests.end_to_end.town import alerts, pay


async def one_of_each_kind(arena: Arena, stage: Stage, run: Run) -> list[Event]:
    """What this account has had to tell, one event of each type."""
    found = await Courier(arena, run.chance("i11")).events(stage)
    return list({it["type"]: it for it in found}.values())


def under_another_id(event: Event, change: Callable[[Event], Event], number: int) -> Event:
    return {**change(event), "id": f"evt_{event['id']}_{number}"}


async def a_whole_life(stage: Stage) -> Member:
    """One who paid, was given back a part, then all, and went: most types of events."""
    member = await a_member(stage, "Thief")
    charge = (await stage.world.charges())[0]["id"]
    await stage.world.act("refund", charge, amount=100)
    await stage.world.act("dispute", charge)
    await cancels(stage, member)
    await stage.settles()
    await pay(stage, member)
    await stage.settles()
    return member


TABLES = (
    "customers products plans channels identities subscriptions facts accesses commands checkouts"
).split()


def belongings(arena: Arena, stage: Stage) -> dict[str, list[str]]:
    """Every row of one organization."""
    owner = stage.api.organization
    return {
        table: sorted(map(repr, arena.rows(
            f"select * from {table} where replace(cast(organization_id as text), '-', '') = '{owner.replace('-', '')}'"  # noqa: S608 -- our own words
        )))
        for table in TABLES
    }  # fmt: skip


async def offered(arena: Arena, events: Iterable[Event], run: Run) -> None:
    courier = Courier(arena, run.chance("i12 doors"))
    await courier.carry(list(events))
    await arena.rest()


@pytest.mark.anyio
async def test_i11_an_event_of_the_other_mode_has_no_effect(
    arena: Arena, shop: Stage, run: Run
) -> None:
    ann = await a_member(shop)
    await cancels(shop, ann, "cancel_at_period_end")
    await arena.rest()
    events = await one_of_each_kind(arena, shop, run)
    before = belongings(arena, shop)
    live = [under_another_id(it, lambda event: {**event, "livemode": True}, 11) for it in events]

    await offered(arena, live, run)

    assert belongings(arena, shop) == before
    ids = {it["id"] for it in live}
    kept = arena.rows("select external_id, status from events where source = 'stripe'")
    assert {status for it, status in kept if it in ids} == {"ignored"}
    assert len([it for it, _ in kept if it in ids]) == len(ids)


@pytest.mark.anyio
async def test_i12_metadata_that_names_another_tenant_touches_nothing_of_it(
    arena: Arena, shop: Stage, run: Run
) -> None:
    ann = await a_member(shop)
    theirs = await arena.town.open_shop()
    thief = await a_whole_life(theirs)
    await arena.rest()
    events = await one_of_each_kind(arena, theirs, run)
    named = {
        str(theirs.api.organization): str(shop.api.organization),
        thief.customer: ann.customer,
        (theirs.plans or {})["monthly"]: (shop.plans or {})["monthly"],
    }

    def renamed(event: Event) -> Event:
        text = json.dumps(event)
        for mine, stolen in named.items():
            text = text.replace(mine, stolen)
        renamed_: Event = json.loads(text)
        return renamed_

    before = belongings(arena, shop)
    await offered(arena, [under_another_id(it, renamed, 12) for it in events], run)

    assert belongings(arena, shop) == before
    assert await shop.inside(ann)
    assert await alerts(shop) == set()
    assert "foreign_metadata" in await alerts(theirs)
