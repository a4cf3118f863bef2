"""A member's life, from the sale to the door and out of it, through every process there is."""

import pytest

from solynk.apps.demo.cast import Stage
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON, Town, checkout, expelled, let_in


async def live(stage: Stage) -> None:
    ann, bob = await stage.joins_the_cast("Ann"), await stage.joins_the_cast("Bob", "fr")
    for it in (ann, bob):
        await stage.world.pays(await checkout(stage, it))
        await let_in(stage, it)
    [payer] = [
        it["customer"]
        for it in await stage.world.subscriptions()
        if it["metadata"]["solynk_customer"] == bob.customer
    ]
    await stage.world.card(payer, "decline")

    await stage.passes(32)

    assert await stage.state(ann) == "granted"
    assert await stage.state(bob) == "revoke_pending"
    assert await stage.inside(bob)

    await stage.passes(6)

    async def outside() -> bool:
        return not await stage.inside(bob)

    await eventually(outside, "Bob is out", SOON)
    assert await stage.inside(ann)
    assert await expelled(stage) == {str(bob.person)}
    assert await stage.told(bob, "Votre") > 0
    dead = await stage.api.call("GET", "/dead-letters")
    assert dead == {"events": [], "commands": []}


@pytest.mark.anyio
async def test_a_member_comes_and_goes_over_postgresql_redis_and_separate_processes(
    shop: Stage,
) -> None:
    await live(shop)


@pytest.mark.anyio
async def test_a_member_comes_and_goes_over_sqlite_in_one_process(village: Town) -> None:
    await live(await village.open_shop())


@pytest.mark.anyio
async def test_doctor_finds_a_living_shop_in_order_and_one_without_rights_not(
    village: Town,
) -> None:
    shop = await village.open_shop()
    rights = f"telegram/chats/{shop.world.chat}/bot-rights"
    await shop.api.quiet()

    well, in_order = await village.finish("doctor")
    await village.tell(rights, bot=village.bot, rights=["can_manage_chat"])
    ill, told = await village.finish("doctor")
    await village.tell(rights, bot=village.bot)

    assert (well, ill) == (0, 1), in_order + told
    assert "everything is in order" in in_order
    assert "fix: make the bot an admin with that right" in told
