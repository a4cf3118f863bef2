import pytest

from solynk.adapters.telegram import TelegramPlatform, connect
from solynk.apps.sandbox.faults import FaultKind
from solynk.apps.sandbox.telegram import doings
from solynk.apps.sandbox.telegram.memberships import Restricted
from solynk.contract_tests.channels import ChannelPlatformContract
from solynk.contract_tests.channels.scenes import (
    UNTIL,
    a_member,
    asking,
    joinable,
    listened,
    signals,
)
from solynk.core.access import By, Exempt, Inside, Invited, Outside
from solynk.core.command import Tell, Topic
from solynk.core.ids import ChatId, PersonId
from solynk.core.signals import Migrated
from solynk.ports.channels import ChannelPlatform, Place
from solynk.ports.errors import NeedsHuman, Refused, Unavailable, Unreachable
from tests.adapters.telegram.people import TOKEN, TelegramDriver, Town


class TestTelegramSupergroup(ChannelPlatformContract):
    @pytest.fixture
    def platform(self, platform: TelegramPlatform) -> TelegramPlatform:
        return platform

    @pytest.fixture
    def chat(self, chat: TelegramDriver) -> TelegramDriver:
        return chat


class TestTelegramChannel(ChannelPlatformContract):
    @pytest.fixture
    def platform(self, platform: TelegramPlatform) -> TelegramPlatform:
        return platform

    @pytest.fixture
    def chat(self, town: Town) -> TelegramDriver:
        town.clear()
        return TelegramDriver(town, "channel")


pytestmark = pytest.mark.anyio


async def test_a_join_link_lets_nobody_in_unasked(
    platform: TelegramPlatform, chat: TelegramDriver
) -> None:
    place = await joinable(platform, chat)

    (link,) = chat.chat.links.values()
    assert link.url == place.join_link
    assert link.creates_join_request
    assert link.name == "Solynk"


async def test_a_crash_between_ban_and_unban_is_healed_by_expelling_again(
    platform: TelegramPlatform, chat: TelegramDriver, town: Town
) -> None:
    person = await a_member(chat)
    town.breaks(FaultKind.CUT_AFTER, "banChatMember")
    with pytest.raises(Unavailable):
        await platform.expel(chat.place, person)
    assert await chat.is_banned(person)

    await platform.expel(chat.place, person)

    assert not await chat.is_banned(person)


async def test_a_crash_between_ban_and_unban_is_healed_by_admitting(
    platform: TelegramPlatform, chat: TelegramDriver, town: Town
) -> None:
    person = await a_member(chat)
    town.breaks(FaultKind.CUT_BEFORE, "unbanChatMember")
    with pytest.raises(Unavailable):
        await platform.expel(chat.place, person)

    seen = await platform.admit(chat.place, person, UNTIL, lift_ban=True)

    assert seen == Invited(UNTIL)
    assert not await chat.is_banned(person)


@pytest.mark.parametrize(
    "method", ["getChatMember", "declineChatJoinRequest", "banChatMember", "unbanChatMember"]
)
@pytest.mark.parametrize("kind", [FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER])
async def test_an_expulsion_that_breaks_off_anywhere_converges_when_repeated(
    platform: TelegramPlatform, chat: TelegramDriver, town: Town, method: str, kind: FaultKind
) -> None:
    person = await a_member(chat)
    town.breaks(kind, method)

    with pytest.raises(Unavailable):
        await platform.expel(chat.place, person)
    seen = await platform.expel(chat.place, person)

    assert seen == Outside(By.US)
    assert not await chat.is_inside(person)
    assert not await chat.is_banned(person)


@pytest.mark.parametrize("method", ["unbanChatMember", "approveChatJoinRequest"])
@pytest.mark.parametrize("kind", [FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER])
async def test_an_admission_that_breaks_off_anywhere_converges_when_repeated(
    platform: TelegramPlatform, chat: TelegramDriver, town: Town, method: str, kind: FaultKind
) -> None:
    person = await asking(chat, await joinable(platform, chat))
    town.breaks(kind, method)

    with pytest.raises(Unavailable):
        await platform.admit(chat.place, person, UNTIL, lift_ban=True)
    seen = await platform.admit(chat.place, person, UNTIL, lift_ban=True)

    assert seen == Inside()
    assert await chat.is_inside(person)


async def test_admitting_a_member_who_is_inside_does_not_take_them_out(
    platform: TelegramPlatform, chat: TelegramDriver
) -> None:
    person = await a_member(chat)

    assert await platform.admit(chat.place, person, UNTIL, lift_ban=True) == Inside()
    assert await chat.is_inside(person)


async def test_owners_and_admins_are_looked_up_and_never_touched(
    platform: TelegramPlatform, chat: TelegramDriver, town: Town
) -> None:
    await platform.expel(chat.place, chat.owner)
    await platform.expel(chat.place, chat.admin)

    assert town.calls() == ["getChatMember", "getChatMember"]


@pytest.mark.parametrize(
    "text",
    ["user is an administrator of the chat", "can't remove chat owner", "USER_ADMIN_INVALID"],
)
async def test_whoever_became_an_admin_meanwhile_is_exempt(
    platform: TelegramPlatform, chat: TelegramDriver, town: Town, text: str
) -> None:
    person = await a_member(chat)
    town.breaks(FaultKind.REFUSE, "banChatMember", message=text)

    assert await platform.expel(chat.place, person) == Exempt()


@pytest.mark.parametrize("text", ["USER_NOT_PARTICIPANT", "PARTICIPANT_ID_INVALID"])
async def test_taking_out_someone_who_left_meanwhile_is_done(
    platform: TelegramPlatform, chat: TelegramDriver, town: Town, text: str
) -> None:
    person = await a_member(chat)
    await chat.leaves(person)
    town.breaks(FaultKind.REFUSE, "banChatMember", message=text)

    assert await platform.expel(chat.place, person) == Outside(By.US)


@pytest.mark.parametrize(
    "text",
    ["not enough rights to restrict/unrestrict chat member", "CHAT_ADMIN_REQUIRED"],
)
@pytest.mark.parametrize("method", ["getChatMember", "banChatMember"])
async def test_a_missing_right_is_never_taken_for_an_absent_member(
    platform: TelegramPlatform, chat: TelegramDriver, town: Town, text: str, method: str
) -> None:
    person = await a_member(chat)
    town.breaks(FaultKind.REFUSE, method, message=text)

    with pytest.raises(NeedsHuman):
        await platform.expel(chat.place, person)

    assert await chat.is_inside(person)


async def test_a_bot_that_may_turn_nobody_down_still_takes_out_whom_it_must(
    platform: TelegramPlatform, chat: TelegramDriver, town: Town
) -> None:
    person = await a_member(chat)
    text = "not enough rights to manage chat join requests"
    town.breaks(FaultKind.REFUSE, "declineChatJoinRequest", message=text)

    assert await platform.expel(chat.place, person) == Outside(By.US)

    assert not await chat.is_inside(person)


async def test_an_unknown_refusal_is_never_taken_for_an_absent_member(
    platform: TelegramPlatform, chat: TelegramDriver, town: Town
) -> None:
    person = await a_member(chat)
    town.breaks(FaultKind.REFUSE, "banChatMember", message="SOMETHING_OF_2031")

    with pytest.raises(Refused, match="SOMETHING_OF_2031"):
        await platform.expel(chat.place, person)


async def test_a_person_in_too_many_chats_is_refused_with_the_reason(
    platform: TelegramPlatform, chat: TelegramDriver
) -> None:
    person = await asking(chat, await joinable(platform, chat))
    chat.of(person).in_too_many_chats = True

    with pytest.raises(Refused, match="too many chats"):
        await platform.admit(chat.place, person, UNTIL, lift_ban=False)


async def test_a_limit_says_when_to_come_back(
    platform: TelegramPlatform, chat: TelegramDriver, town: Town
) -> None:
    town.breaks(FaultKind.RATE_LIMIT)

    with pytest.raises(Unavailable) as caught:
        await platform.state_of(chat.place, chat.owner)

    assert caught.value.retry_after is not None
    assert caught.value.retry_after.total_seconds() == 2


async def test_a_revoked_token_needs_a_human_everywhere(
    platform: TelegramPlatform, chat: TelegramDriver
) -> None:
    chat.bot.token = "700:another"
    message = Tell(Topic.ENDED, chat.owner)

    for call in (
        platform.inspect(chat.place),
        platform.admit(chat.place, chat.owner, UNTIL, lift_ban=False),
        platform.tell(message, "Lounge"),
        platform.start_link("token"),
    ):
        with pytest.raises(NeedsHuman, match="token is not valid") as caught:
            await call
        assert TOKEN not in str(caught.value)


async def test_someone_whom_telegram_restricts_is_inside_until_they_leave(
    platform: TelegramPlatform, chat: TelegramDriver
) -> None:
    person = await chat.newcomer()
    memberships = chat.chat.memberships

    memberships[int(person)] = Restricted(frozenset(), inside=True)
    within = await platform.state_of(chat.place, person)
    memberships[int(person)] = Restricted(frozenset(), inside=False)
    without = await platform.state_of(chat.place, person)

    assert (within, without) == (Inside(), Outside(By.THEMSELVES))


async def test_a_lasting_ban_is_an_admins(platform: TelegramPlatform, chat: TelegramDriver) -> None:
    person = await a_member(chat)
    await chat.is_kicked_by_admin(person)

    assert await platform.state_of(chat.place, person) == Outside(By.AN_ADMIN)


@pytest.mark.parametrize(
    ("right", "fault"),
    [("can_invite_users", "may not ban users"), ("can_restrict_members", "may not invite users")],
)
async def test_inspect_names_the_missing_right(
    platform: TelegramPlatform, chat: TelegramDriver, right: str, fault: str
) -> None:
    chat.allow(frozenset({right}))

    found = await platform.inspect(chat.place)

    assert found.fault is not None
    assert fault in found.fault


async def test_inspect_finds_a_bot_that_is_no_admin(
    platform: TelegramPlatform, chat: TelegramDriver
) -> None:
    doings.demote(chat.world, chat.chat, chat.bot.account, chat.of(chat.owner))

    found = await platform.inspect(chat.place)

    assert found.present
    assert found.fault is not None
    assert "no admin" in found.fault
    assert found.join_link is None


async def test_inspect_finds_that_there_is_no_such_chat(platform: TelegramPlatform) -> None:
    found = await platform.inspect(Place(ChatId("-1001"), "https://t.me/+old"))

    assert not found.present
    assert found.join_link == "https://t.me/+old"


async def test_a_basic_group_is_refused_with_the_way_out(
    platform: TelegramPlatform, chat: TelegramDriver
) -> None:
    group = Place(ChatId(str(chat.a_group().id)), None)

    with pytest.raises(Refused, match="turn it into a supergroup"):
        await platform.inspect(group)


async def test_a_private_chat_is_refused(platform: TelegramPlatform, chat: TelegramDriver) -> None:
    person = await chat.newcomer()
    await chat.starts(person)

    with pytest.raises(Refused):
        await platform.inspect(Place(ChatId(person), None))


async def test_a_move_is_told_from_both_ends(
    platform: TelegramPlatform, chat: TelegramDriver
) -> None:
    await listened(platform)

    old, new = await chat.moved_chat()

    assert await signals(platform) == [Migrated(old.chat, new), Migrated(old.chat, new)]


async def test_a_title_can_not_break_the_message(
    platform: TelegramPlatform, chat: TelegramDriver
) -> None:
    person = await chat.newcomer()
    await chat.starts(person)

    await platform.tell(Tell(Topic.ENDED, person), "<b>Bob & Ann</i>")

    (text,) = chat.texts_to(person)
    assert "&lt;b&gt;Bob &amp; Ann&lt;/i&gt;" in text


async def test_a_deleted_account_is_unreachable(
    platform: TelegramPlatform, chat: TelegramDriver
) -> None:
    person = await chat.newcomer()
    await chat.starts(person)
    chat.of(person).deactivated = True

    with pytest.raises(Unreachable):
        await platform.tell(Tell(Topic.ENDED, person), "Lounge")


@pytest.mark.parametrize(
    ("kind", "text"), [(FaultKind.REFUSE, "chat not found"), (FaultKind.REFUSE, "PEER_ID_INVALID")]
)
async def test_a_person_the_bot_has_never_met_is_unreachable(
    platform: TelegramPlatform, chat: TelegramDriver, town: Town, kind: FaultKind, text: str
) -> None:
    town.breaks(kind, "sendMessage", message=text)

    with pytest.raises(Unreachable):
        await platform.tell(Tell(Topic.ENDED, chat.owner), "Lounge")


async def test_a_webhook_in_the_way_of_polling_needs_a_human(
    platform: TelegramPlatform, chat: TelegramDriver
) -> None:
    await platform.bot.set_webhook("http://127.0.0.1:9/")

    with pytest.raises(NeedsHuman, match="webhook"):
        await listened(platform)

    await platform.bot.delete_webhook()
    await chat.starts(chat.owner)
    assert await signals(platform)


async def test_the_start_link_asks_for_the_bots_name_once(
    platform: TelegramPlatform, town: Town
) -> None:
    link = await platform.start_link("abc")
    await platform.start_link("def")

    assert link == "https://t.me/solynk_test_bot?start=abc"
    assert town.calls() == ["getMe"]


async def test_ids_that_are_no_numbers_are_refused(
    platform: TelegramPlatform, chat: TelegramDriver
) -> None:
    with pytest.raises(Refused):
        await platform.state_of(chat.place, PersonId("ann"))


async def test_connect_speaks_to_another_server(town: Town, chat: TelegramDriver) -> None:
    connected = connect(TOKEN, town.sandbox.base_url)
    platform: ChannelPlatform = connected

    found = await platform.inspect(chat.place)
    await connected.close()

    assert found.title == "The lounge"
    assert platform.account == "700"


async def test_nobody_there_is_unavailable() -> None:
    platform = connect(TOKEN, "http://127.0.0.1:9")

    with pytest.raises(Unavailable) as caught:
        await platform.start_link("token")
    await platform.close()

    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("token", ["", "abc", "700:", "7 00:abc", "x:abc"])
def test_what_is_no_token_needs_a_human(token: str) -> None:
    with pytest.raises(NeedsHuman, match="a number, a colon and a secret"):
        connect(token)
