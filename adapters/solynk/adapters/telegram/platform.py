"""The channel ports over one bot."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, assert_never

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.types import (
    ChatMemberAdministrator,
    ChatMemberBanned,
    ChatMemberLeft,
    ChatMemberMember,
    ChatMemberOwner,
    ChatMemberRestricted,
    LinkPreviewOptions,
    ResultChatMemberUnion,
)
from aiogram.utils.token import TokenValidationError

from solynk.adapters.telegram import words
from solynk.adapters.telegram.errors import (
    VENDOR,
    Forbidden,
    Gone,
    InsideAlready,
    NoRequest,
    NotThere,
    NotWritable,
    RunsTheChat,
    telegram_errors,
)
from solynk.adapters.telegram.polling import Position, poll
from solynk.adapters.telegram.rights import BASIC_GROUP, NO_ADMIN, REMOVED, admin_fault
from solynk.adapters.telegram.updates import meaning
from solynk.core.access import By, Exempt, Inside, Invited, Outside, Seen
from solynk.core.command import Tell
from solynk.core.ids import ChatId, PersonId
from solynk.core.signals import Signal
from solynk.ports.channels import Inspection, Place, RawUpdate
from solynk.ports.errors import NeedsHuman, Refused, Unreachable

LINK_NAME: Final = "Solynk"
"""What the chat's admins see as the name of the join link."""
TIMEOUT: Final = 20.0
"""Seconds for a call; its outcome is unknown after that."""


def connect(token: str, base_url: str | None = None) -> "TelegramPlatform":
    """The platform of the bot with this token; `base_url` is another Bot API server's.

    Close it in the end.

    Raises:
        NeedsHuman: this is not in the form of a token.
    """
    server = PRODUCTION if base_url is None else TelegramAPIServer.from_base(base_url)
    try:
        return TelegramPlatform(Bot(token, session=AiohttpSession(api=server, timeout=TIMEOUT)))
    except TokenValidationError:
        raise NeedsHuman(VENDOR, "a bot's token is a number, a colon and a secret") from None


@dataclass(frozen=True, slots=True)
class TelegramPlatform:
    """One object for each bot: it remembers which of its updates were acknowledged."""

    bot: Bot
    _position: Position = field(default_factory=Position, repr=False, compare=False)

    async def close(self) -> None:
        await self.bot.session.close()

    async def inspect(self, place: Place) -> Inspection:
        try:
            with telegram_errors():
                chat = await self.bot.get_chat(_chat(place))
        except Gone as gone:
            return _absent(place, "", gone.reason)
        if chat.type not in {"supergroup", "channel"}:
            raise Refused(VENDOR, BASIC_GROUP if chat.type == "group" else "this is no group")
        return await self._inspected(place, chat.title or "")

    async def _inspected(self, place: Place, title: str) -> Inspection:
        me = await self._member(place, PersonId(self.account))
        if me is None or isinstance(seen(me), Outside):
            return _absent(place, title, REMOVED)
        return Inspection(
            title=title,
            present=True,
            fault=_fault(me),
            join_link=place.join_link or await self._join_link(place, me),
            members=await self._count(place),
        )

    async def _join_link(self, place: Place, me: ResultChatMemberUnion) -> str | None:
        if not (isinstance(me, ChatMemberAdministrator) and me.can_invite_users):
            return None
        with telegram_errors():
            link = await self.bot.create_chat_invite_link(
                _chat(place), name=LINK_NAME, creates_join_request=True
            )
        return link.invite_link

    async def _count(self, place: Place) -> int:
        with telegram_errors():
            return await self.bot.get_chat_member_count(_chat(place))

    async def admit(
        self, place: Place, person: PersonId, until: datetime, *, lift_ban: bool
    ) -> Seen:
        if lift_ban:
            await self._unban(place, person)
        if await self._approve(place, person):
            return Inside()
        now = await self.state_of(place, person)
        return Invited(until) if now == Outside(By.THEMSELVES) else now

    async def expel(self, place: Place, person: PersonId) -> Seen:
        if isinstance(await self.state_of(place, person), Exempt):
            return Exempt()
        # The bot may turn nobody down and still may expel: whoever must go does go.
        with suppress(NeedsHuman, Refused):
            await self.decline(place, person)
        try:
            await self._ban(place, person)
        except RunsTheChat:
            return Exempt()
        await self._unban(place, person)
        return Outside(By.US)

    async def decline(self, place: Place, person: PersonId) -> None:
        try:
            with telegram_errors():
                await self.bot.decline_chat_join_request(_chat(place), _person(person))
        except (NoRequest, InsideAlready, NotThere):
            pass

    async def state_of(self, place: Place, person: PersonId) -> Seen:
        member = await self._member(place, person)
        return Outside(By.THEMSELVES) if member is None else seen(member)

    async def _member(self, place: Place, person: PersonId) -> ResultChatMemberUnion | None:
        """None for someone whom Telegram has never seen there."""
        try:
            with telegram_errors():
                return await self.bot.get_chat_member(_chat(place), _person(person))
        except NotThere:
            return None

    async def _approve(self, place: Place, person: PersonId) -> bool:
        """Whether there was a request of this person."""
        try:
            with telegram_errors():
                return await self.bot.approve_chat_join_request(_chat(place), _person(person))
        except (NoRequest, InsideAlready, NotThere):
            return False

    async def _ban(self, place: Place, person: PersonId) -> None:
        try:
            with telegram_errors():
                await self.bot.ban_chat_member(_chat(place), _person(person))
        except NotThere:
            pass

    async def _unban(self, place: Place, person: PersonId) -> None:
        """`only_if_banned`, since else Telegram would take out a member who is inside."""
        try:
            with telegram_errors():
                await self.bot.unban_chat_member(_chat(place), _person(person), only_if_banned=True)
        except NotThere:
            pass

    async def tell(self, message: Tell, title: str) -> None:
        try:
            with telegram_errors():
                await self.bot.send_message(
                    _person(message.person),
                    words.text(message, title),
                    parse_mode="HTML",
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                )
        except (Forbidden, Gone, NotThere, NotWritable) as error:
            raise Unreachable(VENDOR, "the person cannot be written to") from error

    @property
    def account(self) -> str:
        return str(self.bot.id)

    async def receive(self, wait: timedelta) -> Sequence[RawUpdate]:
        updates = await poll(self.bot, self._position.offset, wait)
        self._position.received(int(update.external_id) for update in updates)
        return updates

    async def acknowledge(self, updates: Sequence[RawUpdate]) -> None:
        """Telegram itself learns of it with the next `receive`."""
        self._position.acknowledged(int(update.external_id) for update in updates)

    async def start_link(self, token: str) -> str:
        with telegram_errors():
            me = await self.bot.me()  # aiogram remembers the answer
        return f"https://t.me/{me.username}?start={token}"

    def decode_update(self, body: bytes) -> tuple[Signal, ...]:
        return meaning(body, self.account)


def seen(member: ResultChatMemberUnion) -> Seen:
    """What a status means for access (https://core.telegram.org/bots/api#chatmember).

    `left` does not say who ended it, so it counts as their own doing; whoever asks after our own
    expulsion knows better. `kicked` is a ban that lasts: ours are lifted at once, hence an admin's.
    """
    match member:
        case ChatMemberOwner() | ChatMemberAdministrator():
            return Exempt()
        case ChatMemberMember():
            return Inside()
        case ChatMemberRestricted():
            return Inside() if member.is_member else Outside(By.THEMSELVES)
        case ChatMemberLeft():
            return Outside(By.THEMSELVES)
        case ChatMemberBanned():
            return Outside(By.AN_ADMIN)
        case _:
            assert_never(member)


def _fault(me: ResultChatMemberUnion) -> str | None:
    if not isinstance(me, ChatMemberAdministrator):
        return NO_ADMIN
    return admin_fault(invites=me.can_invite_users, restricts=me.can_restrict_members)


def _absent(place: Place, title: str, fault: str) -> Inspection:
    return Inspection(title=title, present=False, fault=fault, join_link=place.join_link, members=0)


def _chat(place: Place) -> int:
    return _number(place.chat)


def _person(person: PersonId) -> int:
    return _number(person)


def _number(id_: ChatId | PersonId) -> int:
    try:
        return int(id_)
    except ValueError as error:
        raise Refused(VENDOR, "Telegram's ids are whole numbers") from error
