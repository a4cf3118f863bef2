"""Outages, lost rights, floods and poison: nothing is swallowed, and nobody else is held up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from solynk.apps.engine import (
    Target,
    block,
    grant,
    inspect_channel,
    release_brake,
    replay_command,
    replay_event,
)
from solynk.core.access import AccessState
from solynk.core.alert import AlertKind
from solynk.core.catalog import ChannelHealth
from solynk.core.command import Admit, CommandStatus, Expel, Fetch, Topic
from solynk.core.facts import Everywhere
from solynk.core.ids import CustomerId
from solynk.core.instants import DAY, HOUR
from solynk.ports.errors import NeedsHuman
from tests.apps.engine.offers import CHAT, LOUNGE, OWNER, US, WEEK_PASS, id_of
from tests.apps.engine.world import World

pytestmark = pytest.mark.anyio

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


async def invites(world: World, *names: str) -> None:
    for it in names:
        await world.knows(it)
        await world.binds(it)
        await world.receives(await world.bought(it))
    await world.applies()


async def test_a_command_is_tried_until_its_deadline_then_replayed_and_audited(
    world: World,
) -> None:
    await world.knows("ann")
    await world.binds("ann")
    world.platform.is_unavailable("admit", times=10_000)

    await world.pays("ann")
    await world.days_pass(2.9)
    assert not await world.commands(CommandStatus.DEAD)
    await world.days_pass(0.5)
    (dead,) = await world.commands(CommandStatus.DEAD)
    assert [it.subject for it in await world.alerts(AlertKind.DEAD_LETTER)] == [dead.id]
    await world.days_pass(5)
    assert len(await world.commands(CommandStatus.DEAD)) == 1
    world.platform.faults.clear()
    await replay_command(world.w, US, dead.id, OWNER)
    await world.settle()

    assert world.told("ann") == [Topic.INVITED]
    assert not await world.alerts(AlertKind.DEAD_LETTER)
    assert [it.actor for it in await world.audit("command.replayed")] == [OWNER.actor]


async def test_a_wish_to_wait_is_honoured(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    world.platform.is_unavailable("admit", retry_after=HOUR)

    await world.pays("ann")
    await world.passes(HOUR - SECOND)
    assert len(world.platform.calls) == 1
    await world.passes(2 * SECOND)

    assert world.told("ann") == [Topic.INVITED]


async def test_the_longest_wish_to_wait_is_honoured(world: World) -> None:
    await invites(world, "ann", "ben")
    world.platform.is_unavailable("admit", retry_after=HOUR)
    world.platform.is_unavailable("admit", retry_after=MINUTE)

    await world.settle()
    await world.passes(HOUR - SECOND)
    assert len(world.platform.calls) == 2
    await world.passes(10 * SECOND)

    assert [*world.told("ann"), *world.told("ben")] == [Topic.INVITED] * 2


async def test_the_breaker_opens_and_one_success_hastens_all_that_wait(world: World) -> None:
    names = [f"member {it}" for it in range(8)]
    await invites(world, *names)
    world.platform.is_unavailable("admit", times=10_000)

    await world.settle()
    assert len(world.platform.calls) == 8
    await world.passes(30 * MINUTE)
    probes = len(world.platform.calls) - 8
    assert 1 <= probes <= 62
    world.platform.faults.clear()
    await world.passes(HOUR)

    assert all(world.told(it) == [Topic.INVITED] for it in names)
    finished = {it.finished_at for it in await world.commands() if isinstance(it.order, Admit)}
    assert len(finished) == 1


async def test_a_channel_without_rights_waits_and_goes_on_when_inspect_passes(
    world: World,
) -> None:
    world.chat.bot_has_rights = False
    await world.knows("ann")
    await world.binds("ann")
    await world.pays("ann")
    await world.days_pass(5)
    assert not await world.commands(CommandStatus.DEAD)
    assert (await world.channel()).health is ChannelHealth.NO_RIGHTS
    assert len(await world.alerts(AlertKind.LOST_RIGHTS)) == 1

    world.chat.bot_has_rights = True
    await inspect_channel(world.w, US, LOUNGE, OWNER)
    await world.settle()

    assert world.told("ann") == [Topic.INVITED]
    assert not await world.alerts(AlertKind.LOST_RIGHTS)


async def test_an_inspection_that_waits_for_a_person_is_made_again_when_asked_for(
    world: World,
) -> None:
    world.platform.fails("inspect", error=NeedsHuman("memory", "the token is not valid"))
    await inspect_channel(world.w, US, LOUNGE, OWNER)
    await world.settle()
    assert (await world.channel()).health is ChannelHealth.NO_RIGHTS

    await inspect_channel(world.w, US, LOUNGE, OWNER)
    await world.settle()

    assert (await world.channel()).health is ChannelHealth.READY
    assert await world.alerts() == []


async def test_who_was_invited_while_the_token_was_revoked_is_told_when_it_is_mended(
    world: World,
) -> None:
    world.platform.after["admit"] = [lambda: the_token_is_revoked(world)]
    await world.knows("ann")
    await world.binds("ann")
    await world.pays("ann")
    await inspect_channel(world.w, US, LOUNGE, OWNER)
    await world.days_pass(5)
    assert world.told("ann") == []
    assert len(await world.alerts(AlertKind.BOT_REVOKED)) == 1

    world.platform.faults.clear()
    await world.days_pass(1)
    assert world.told("ann") == []
    await inspect_channel(world.w, US, LOUNGE, OWNER)
    await world.settle()

    assert world.told("ann") == [Topic.INVITED]
    assert await world.alerts() == []


async def test_an_invitation_that_ended_before_it_could_be_told_is_not_told(world: World) -> None:
    world.platform.after["admit"] = [lambda: the_token_is_revoked(world)]
    await world.knows("ann")
    await world.binds("ann")
    await world.pays("ann")
    await world.days_pass(8)

    world.platform.faults.clear()
    await inspect_channel(world.w, US, LOUNGE, OWNER)
    await world.settle()

    (invitation,) = world.tells("ann", Topic.INVITED)
    assert invitation.until is not None
    assert invitation.until > world.clock.at
    assert not await world.commands(CommandStatus.PARKED)


async def the_token_is_revoked(world: World) -> None:
    error = NeedsHuman("memory", "the token is not valid")
    world.platform.fails("admit", "tell", "inspect", "state_of", error=error, times=10_000)


async def test_a_chat_that_moves_is_followed_with_a_link_of_its_own(world: World) -> None:
    await world.joins("ann")
    world.platform.moves(CHAT, "chat-9")
    await world.settle()
    old = world.tells("ann", Topic.INVITED)[0].link

    await world.knows("ben")
    await world.binds("ben")
    await world.pays("ben")
    await world.asks("ben", "chat-9")

    assert world.inside("ben", "chat-9")
    assert world.tells("ben", Topic.INVITED)[0].link not in {None, old}


async def test_a_move_that_was_not_told_is_found_by_the_next_call(world: World) -> None:
    subscription = await world.joins("ann")
    world.platform.moves(CHAT, "chat-9")
    world.platform.updates.clear()

    await world.hears(await world.provider.cancel(subscription, at_once=True))
    await world.passes(MINUTE)

    assert not world.inside("ann", "chat-9")
    assert (await world.access("ann")).state is AccessState.REVOKED


async def test_a_disconnected_account_takes_nobody_out(world: World) -> None:
    await world.joins("ann")

    await world.hears(await world.provider.disconnect("acct_us"))
    await world.days_pass(2)

    assert world.inside("ann")
    assert await world.alerts(AlertKind.PROVIDER_REFUSES)


async def test_an_account_that_is_connected_again_is_asked_again(world: World) -> None:
    await world.joins("ann")
    await world.days_pass(31.1)
    await world.provider.renew("sub_1")
    await world.hears(await world.provider.disconnect("acct_us"))
    await world.days_pass(6)

    world.provider.disconnected.clear()
    await world.hears(await world.provider.keep("sub_1"))
    await world.days_pass(3)

    assert world.inside("ann")
    assert not await world.alerts(AlertKind.PROVIDER_REFUSES)


async def test_a_flood_without_the_providers_word_is_stopped_until_a_person_has_looked(
    big_world: World,
) -> None:
    names = [f"member {it}" for it in range(25)]
    for it in names:
        await big_world.joins(it)
    big_world.provider.down = True

    await big_world.days_pass(45)
    assert all(big_world.inside(it) for it in names)
    assert len(await big_world.alerts(AlertKind.BRAKE)) == 1
    released = await release_brake(big_world.w, US, LOUNGE, OWNER)
    await big_world.passes(MINUTE)

    assert released == 25
    assert not any(big_world.inside(it) for it in names)
    assert not await big_world.alerts(AlertKind.BRAKE)


async def test_former_members_do_not_weaken_the_brake(big_world: World) -> None:
    former = [f"former {it}" for it in range(300)]
    for it in former:
        await big_world.knows(it)
        await big_world.binds(it)
        await grant(big_world.w, _everywhere(it), OWNER)
        await block(big_world.w, _everywhere(it), OWNER)
    await big_world.settle()
    names = [f"member {it}" for it in range(25)]
    for it in names:
        await big_world.joins(it)
    big_world.provider.down = True

    await big_world.days_pass(45)

    assert all(big_world.inside(it) for it in names)


def _everywhere(customer: str) -> Target:
    return Target(US, CustomerId(id_of(customer)), Everywhere())


async def test_a_braked_expulsion_goes_on_when_the_provider_has_spoken(big_world: World) -> None:
    names = [f"member {it}" for it in range(22)]
    for it in names:
        await big_world.joins(it)
    big_world.provider.down = True
    await big_world.days_pass(45)
    assert big_world.inside(names[0])

    big_world.provider.down = False
    await big_world.hears(await big_world.provider.cancel("sub_1", at_once=True))
    await big_world.passes(HOUR)

    assert not big_world.inside(names[0])
    assert big_world.inside(names[1])


async def test_an_expulsion_that_waits_for_others_to_be_seen_goes_at_once_when_it_is_certain(
    world: World,
) -> None:
    await world.joins("ann")
    world.provider.down = True
    await world.passes(38 * DAY + 23 * HOUR)
    for _ in range(120):
        if any(isinstance(it.order, Expel) for it in await world.commands()):
            break
        await world.passes(MINUTE)
    assert world.inside("ann")
    (waiting,) = [it for it in await world.commands() if isinstance(it.order, Expel)]
    assert waiting.status is CommandStatus.READY

    await world.hears(await world.provider.refund("pay_1"))

    assert not world.inside("ann")


async def test_poison_ends_as_a_dead_letter_and_blocks_nothing(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    poison = world.provider.sign(b'{"not": "an event"', world.wall.at)
    lacking = b'{"id":"evt_9","kind":"payment.paid","account":"acct_us","livemode":false}'

    await world.hears(poison, world.provider.sign(lacking, world.wall.at))
    await world.pays("ann")

    assert world.told("ann") == [Topic.INVITED]
    dead = [it for it in await world.events() if it.status == "dead"]
    assert len(dead) == 2


async def test_an_event_that_is_replayed_changes_nothing_and_is_audited(world: World) -> None:
    await world.joins("ann")
    applied = [it for it in await world.events() if it.kind == "payment.paid"]

    replayed = await replay_event(world.w, US, applied[0].id, OWNER)
    await world.settle()

    assert world.told("ann") == [Topic.INVITED]
    assert len(await world.audit("event.replayed")) == 1
    assert replayed.received_at == applied[0].received_at
    assert replayed.tried_since == world.clock.at


async def test_an_unforeseen_fault_of_one_command_holds_up_no_other(world: World) -> None:
    await invites(world, "ann", "ben")
    world.platform.before["admit"] = [_breaks]

    await world.settle()
    await world.passes(5 * MINUTE)

    assert world.told("ann") == world.told("ben") == [Topic.INVITED]


async def _breaks() -> None:
    raise RuntimeError("a fault of the adapter")


async def test_a_provider_that_is_not_set_up_any_more_holds_up_nobody(world: World) -> None:
    await world.joins("ann", WEEK_PASS)
    await world.knows("ben")
    await world.binds("ben")
    await world.receives(await world.bought("ben"))
    await world.applies()
    fetches = [it for it in await world.commands() if isinstance(it.order, Fetch)]
    assert fetches

    world.w = replace(world.w, providers={})
    await world.settle()

    assert world.told("ben") == [Topic.INVITED]
