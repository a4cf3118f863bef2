"""Who a customer is on the platform, and who comes and goes there."""

import pytest

from solynk.apps.engine import (
    ChannelChange,
    bind_person,
    change_channel,
    connect_channel,
    offer_claim,
)
from solynk.core.access import AccessState, Outside
from solynk.core.alert import AlertKind
from solynk.core.catalog import Organization, Platform, RemovalMode
from solynk.core.command import CommandStatus, Topic
from solynk.core.ids import ChannelId, CustomerId, PersonId
from solynk.core.instants import DAY
from solynk.ports.errors import Conflict
from tests.apps.engine.offers import CHAT, LOUNGE, OWNER, THEM, US, a_channel, id_of
from tests.apps.engine.world import World

pytestmark = pytest.mark.anyio


async def test_who_pays_before_being_known_waits_without_a_dead_letter_and_claims_later(
    world: World,
) -> None:
    ann = await world.knows("ann")
    await world.pays("ann")
    await world.days_pass(10)
    assert (await world.access("ann")).claim_offered
    assert not await world.commands(CommandStatus.DEAD)

    link = await offer_claim(world.w, US, ann, Platform.MEMORY, OWNER)
    world.platform.starts("@ann", link.url.partition("start=")[2], locale="fr")
    await world.settle()
    assert [it.locale for it in world.tells("@ann", Topic.INVITED)] == ["fr"]
    await world.asks("@ann")

    assert world.inside("@ann")


async def test_a_claim_works_once(world: World) -> None:
    ann = await world.knows("ann")
    await world.pays("ann")
    link = await offer_claim(world.w, US, ann, Platform.MEMORY, OWNER)
    token = link.url.partition("start=")[2]

    world.platform.starts("@ann", token)
    world.platform.starts("@eve", token)
    await world.settle()
    await world.asks("@eve")
    await world.asks("@ann")

    assert world.inside("@ann")
    assert not world.inside("@eve")


async def test_rebinding_takes_the_old_person_out_and_lets_the_new_one_in(world: World) -> None:
    await world.joins("ann")

    await world.binds("ann", "new")
    await world.settle()
    assert not world.inside("ann")
    assert world.told("new") == [Topic.INVITED]
    await world.asks("new")

    assert world.inside("new")
    assert (await world.access("ann")).state is AccessState.GRANTED


async def test_rebinding_after_the_old_person_left_lets_the_new_one_in(world: World) -> None:
    await world.joins("ann")
    world.platform.leaves(CHAT, "ann")
    await world.settle()

    await world.binds("ann", "new")
    await world.settle()

    assert world.told("new") == [Topic.INVITED]
    await world.asks("new")
    assert world.inside("new")


async def test_rebinding_away_from_a_protected_person_comes_to_rest(world: World) -> None:
    await world.joins("ann")
    await change_channel(world.w, US, LOUNGE, ChannelChange(never_remove=("ann",)), OWNER)
    await world.settle()

    await world.binds("ann", "new")
    await world.settle()

    assert world.inside("ann")
    assert world.told("new") == [Topic.INVITED]


async def test_two_customers_with_one_person_conflict_and_nobody_is_harmed(world: World) -> None:
    await world.joins("ann")
    ben = await world.knows("ben")
    await world.pays("ben")

    with pytest.raises(Conflict) as raised:
        await bind_person(world.w, US, ben, (Platform.MEMORY, PersonId("ann")), OWNER)
    link = await offer_claim(world.w, US, ben, Platform.MEMORY, OWNER)
    world.platform.starts("ann", link.url.partition("start=")[2])
    await world.settle()

    assert raised.value.holder == id_of("ann")
    assert await world.alerts(AlertKind.IDENTITY_TAKEN)
    assert world.inside("ann")


async def test_a_chat_belongs_to_one_organization(world: World) -> None:
    async with world.store.begin() as tx:
        await tx.organizations.put(Organization(THEM, "Them", "them"))
    theirs = a_channel(ChannelId(id_of("theirs")), organization=THEM)

    with pytest.raises(Conflict):
        await connect_channel(world.w, theirs, OWNER)

    assert (await world.channel()).organization == US


async def test_who_leaves_is_left_in_peace_until_they_ask_again(world: World) -> None:
    await world.joins("ann")
    world.platform.leaves(CHAT, "ann")

    await world.days_pass(3)
    assert world.told("ann") == [Topic.INVITED]
    assert isinstance((await world.access("ann")).seen, Outside)
    await world.asks("ann")

    assert world.inside("ann")
    assert (await world.access("ann")).state is AccessState.GRANTED


async def test_who_is_thrown_out_by_an_admin_is_not_let_in_again_without_a_person(
    world: World,
) -> None:
    await world.joins("ann")
    world.platform.is_kicked_by_admin(CHAT, "ann")

    await world.days_pass(1)

    assert not world.inside("ann")
    assert await world.alerts(AlertKind.REMOVED_BY_ADMIN)
    assert world.told("ann") == [Topic.INVITED]


async def test_comings_and_goings_told_in_one_breath_are_believed_in_their_order(
    world: World,
) -> None:
    await world.joins("ann")

    for _ in range(6):
        world.platform.leaves(CHAT, "ann")
        world.platform.is_added_by_admin(CHAT, "ann")
    world.platform.leaves(CHAT, "ann")
    await world.settle()

    assert (await world.access("ann")).state is AccessState.PENDING
    assert ("expel", "ann") not in world.platform.calls


async def test_an_invitation_that_nobody_used_is_sent_again(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    await world.pays("ann")

    await world.days_pass(7.1)

    assert world.told("ann") == [Topic.INVITED, Topic.INVITED]


async def test_a_stranger_inside_is_reported_and_not_touched(world: World) -> None:
    world.platform.is_added_by_admin(CHAT, "eve")
    await world.settle()
    assert await world.alerts(AlertKind.STRANGER_INSIDE)

    world.platform.leaves(CHAT, "eve")
    await world.settle()

    assert not await world.alerts(AlertKind.STRANGER_INSIDE)
    assert ("expel", "eve") not in world.platform.calls


async def test_a_former_member_who_is_added_by_hand_is_taken_out(world: World) -> None:
    subscription = await world.joins("ann")
    await world.hears(await world.provider.cancel(subscription, at_once=True))

    world.platform.is_added_by_admin(CHAT, "ann")
    await world.settle()

    assert not world.inside("ann")


async def test_messages_are_sent_once_however_often_the_rest_is_repeated(world: World) -> None:
    subscription = await world.joins("ann")
    ended = await world.provider.cancel(subscription, at_once=True)

    for _ in range(3):
        await world.hears(ended)
        world.jumps(DAY)

    assert world.told("ann") == [Topic.INVITED, Topic.ENDED]


async def test_a_person_who_can_not_be_written_to_is_let_in_all_the_same(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    await world.settle()
    world.platform.blocks_the_bot("ann")

    await world.pays("ann")
    await world.asks("ann")

    assert world.inside("ann")
    assert not await world.commands(CommandStatus.DEAD)
    assert (await world.access("ann")).channel == LOUNGE
    assert CustomerId(id_of("ann")) == (await world.access("ann")).customer


async def test_a_person_who_is_another_members_now_is_not_expelled_for_the_old_one(
    world: World,
) -> None:
    await world.joins("ann")
    await change_channel(world.w, US, LOUNGE, ChannelChange(removals=RemovalMode.STOPPED), OWNER)
    await world.binds("ann", "@second")
    await world.settle()
    await world.knows("bob")
    await world.binds("bob", "ann")
    await world.pays("bob")
    await world.settle()

    await change_channel(world.w, US, LOUNGE, ChannelChange(removals=RemovalMode.ENFORCED), OWNER)
    await world.settle()

    assert ("expel", "ann") not in world.platform.calls
    assert world.inside("ann")
