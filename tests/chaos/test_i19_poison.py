"""I19: poison does not block: others are served, and the poison is kept where a person finds it."""

import anyio
import pytest

from solynk.apps.demo.cast import Stage
from tests.chaos.arena import Arena
from tests.chaos.courier import LOST, Courier, Event
from tests.chaos.members import Eager, buyers
from tests.chaos.runs import Run
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON

NOT_JSON = [b"", b"not json", b"[" * 50_000, b"\xff\xfe{}", b'{"id": 7, "type": []}', b'"text"']
LARGE = b'{"id": "evt_large", "x": "' + b"x" * (10 << 20) + b'"}'
TWISTED: list[object] = [7, [], {}, "x" * 5000, {"lines": 7}, {"id": None}, {"id": {"deep": [[]]}}]


def poison(like: Event) -> list[Event]:
    """Events in the form of one, with an object that is none; every kind that means something."""
    kinds = ("invoice.paid", "charge.refunded", "customer.subscription.updated",
             "checkout.session.completed", "charge.dispute.closed", "refund.updated")  # fmt: skip
    return [
        {**like, "id": f"evt_twisted_{kind}_{number}", "type": kind, "data": {"object": twisted}}
        for kind in kinds
        for number, twisted in enumerate(TWISTED)
    ]


@pytest.mark.anyio
async def test_i19_poison_is_kept_and_told_of_and_holds_up_nobody(
    arena: Arena, shop: Stage, run: Run
) -> None:
    courier = Courier(arena, run.chance("i19"))
    await arena.town.misbehave(LOST)
    members = await buyers(shop, run.size(4, 100))
    events = await courier.events(shop)
    twisted = [{**it, "account": shop.world.account} for it in poison(events[-1])]
    mixed = [*events, *twisted]
    courier.chance.shuffle(mixed)

    async with anyio.create_task_group() as together:
        together.start_soon(courier.carry, mixed)
        for body in NOT_JSON:
            together.start_soon(arena.town.webhook, body, arena.town.signed(body))
    large = await arena.town.webhook(LARGE, arena.town.signed(LARGE))
    await arena.town.behave()
    eager = Eager(shop, members)

    async def all_are_in() -> bool:
        await eager.follow()
        return {it.person for it in members} <= await shop.world.inside()

    await eventually(all_are_in, "all buyers are in", 2 * SOON)
    await arena.calm()
    assert large.status_code == 413
    kept = dict(arena.rows("select external_id, status from events where source = 'stripe'"))
    assert {it["id"] for it in mixed} <= set(kept)
    assert {kept[it["id"]] for it in twisted} <= {"dead", "ignored", "applied", "unmatched"}
    bodies = {bytes(it) for (it,) in arena.rows("select body from events where status = 'dead'")}
    assert set(NOT_JSON) <= bodies
    dead = [it["id"] for it in twisted if kept[it["id"]] == "dead"]
    told = arena.rows("select message from alerts where kind = 'dead_letter'")
    assert all(any(it in message for (message,) in told) for it in dead)
