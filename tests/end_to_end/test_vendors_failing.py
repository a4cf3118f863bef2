"""Vendors fail, refuse and forget us: whoever paid gets in all the same, and nobody is put out."""

import contextlib
from functools import partial

import pytest

from solynk.apps.demo.cast import Member, Stage
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import (
    PROCESSES,
    SOON,
    City,
    Town,
    alerts,
    checkout,
    expelled,
    invited,
    let_in,
    pay,
)

HARD = [
    {"kind": kind, "vendor": "telegram", "method": "POST", "path": path, "times": 1, **more}
    for path in ("createChatInviteLink", "sendMessage", "approveChatJoinRequest")
    for kind, more in (
        ("rate_limit", {"retry_after": 2}),
        ("error_before", {"status": 502}),
        ("cut_after", {}),
    )
]
FICKLE = [
    {"kind": kind, "vendor": "stripe", "times": 1}
    for kind in ("rate_limit", "error_before", "error_after", "cut_before", "cut_after")
]


async def member_of(stage: Stage, name: str) -> Member:
    member = await stage.joins_the_cast(name)
    await pay(stage, member)
    await let_in(stage, member)
    return member


async def alerted(stage: Stage, *kinds: str) -> None:
    async def rung() -> bool:
        return bool(await alerts(stage) & set(kinds))

    await eventually(rung, f"one of the alerts {kinds}", SOON)


async def settled(stage: Stage, *kinds: str) -> None:
    async def silent() -> bool:
        return not await alerts(stage) & set(kinds)

    await eventually(silent, f"none of the alerts {kinds}", SOON)


@pytest.mark.anyio
async def test_whatever_stripe_answers_the_buyer_gets_to_pay_and_in(
    town: Town, shop: Stage
) -> None:
    ann = await shop.joins_the_cast("Ann")
    await town.misbehave(*FICKLE)

    async def page() -> str:
        with contextlib.suppress(RuntimeError):  # 503: try again
            return await checkout(shop, ann)
        return ""

    await shop.world.pays(await eventually(page, "a page to pay on", SOON))
    await let_in(shop, ann)

    assert len(await shop.world.subscriptions()) == 1


@pytest.mark.anyio
async def test_whatever_telegram_answers_the_buyer_gets_in(town: Town, shop: Stage) -> None:
    ann, bob = await shop.joins_the_cast("Ann"), await shop.joins_the_cast("Bob")
    await town.misbehave(*HARD)

    async def given_time(member: Member) -> bool:
        await town.time_passes(minutes=2)
        return bool(await shop.told(member, "Welcome"))

    async def entered(member: Member) -> bool:
        await town.time_passes(minutes=2)
        return await shop.inside(member)

    for member in (ann, bob):
        await pay(shop, member)
    for member in (ann, bob):
        await eventually(partial(given_time, member), f"{member.name} is welcomed", SOON)
        await invited(shop, member)
        await shop.world.asks_to_join(member.person, member.link)
        await eventually(partial(entered, member), f"{member.name} is in", SOON)

    assert not await expelled(shop)


@pytest.mark.anyio
async def test_a_channel_without_rights_is_told_of_and_goes_on_when_they_return(
    town: Town, shop: Stage
) -> None:
    ann = await member_of(shop, "Ann")
    bob = await shop.joins_the_cast("Bob")
    rights = f"telegram/chats/{shop.world.chat}/bot-rights"
    await town.tell(rights, bot=town.bot, rights=["can_manage_chat"])
    await alerted(shop, "lost_rights")

    await pay(shop, bob)

    await shop.api.quiet()
    assert await shop.told(bob, "Welcome") == 0
    await town.tell(rights, bot=town.bot)
    await let_in(shop, bob)
    await settled(shop, "lost_rights")
    assert await shop.inside(ann)
    assert not await expelled(shop)


@pytest.mark.anyio
async def test_a_revoked_token_is_told_of_and_a_restart_with_a_new_one_heals_it(
    city: City, shop: Stage
) -> None:
    town, renewed = city.town, "7000000001:sandbox-renewed"
    ann = await member_of(shop, "Ann")
    bob = await shop.joins_the_cast("Bob")
    known = f"/customers/{bob.customer}/identities/telegram"
    await shop.api.call("PUT", known, {"person": str(bob.person)})
    await town.tell(f"telegram/bots/{town.bot}/revoke-token", token=renewed)

    await pay(shop, bob)

    await alerted(shop, "bot_revoked", "lost_rights", "channel_gone")
    assert await shop.inside(ann)
    town.token = renewed
    assert await city.stop(*PROCESSES) == dict.fromkeys(PROCESSES, 0)
    await city.start(*PROCESSES)
    await let_in(shop, bob)
    await settled(shop, "bot_revoked", "lost_rights", "channel_gone")
    assert await shop.inside(ann)
    assert not await expelled(shop)

    async def nothing_is_open() -> bool:
        return not city.rows(
            "select kind from alerts where resolved_at is null and kind = %s", "bot_revoked"
        )

    await eventually(nothing_is_open, "the operator's alert is settled too", SOON)
