"""The channel side: who is in, letting in, taking out, telling. Telegram and Discord side by side."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from solynk.core.access import Seen
from solynk.core.command import Tell
from solynk.core.ids import ChatId, PersonId
from solynk.core.signals import Signal


class Place(Struct, frozen=True):
    """A chat, and the permanent link by which people ask to join it."""

    chat: ChatId
    join_link: str | None


class Inspection(Struct, frozen=True):
    """What the bot may do in a chat; `fault` is None where it can do all of its work."""

    title: str
    present: bool
    fault: str | None
    join_link: str | None
    """The link that asks to join, made by the inspection where there was none."""
    members: int
    """How many people are inside, the bot included: for the brake."""


class ChannelInspector(Protocol):
    async def inspect(self, place: Place) -> Inspection:
        """Look at the chat and at our rights in it; make the join link where it is missing.

        Raises:
            Unavailable: no answer.
            NeedsHuman: the bot's token is not valid any more.
            Refused: this kind of chat can not be used (a basic group), and why.
            Moved: the chat has a new id.
        """
        ...


class Membership(Protocol):
    async def admit(
        self, place: Place, person: PersonId, until: datetime, *, lift_ban: bool
    ) -> Seen:
        """Let this person in, or leave them free to come in by the join link.

        `lift_ban` says that an expulsion of ours may have left a ban, which is lifted first. Any
        other ban is an admin's, and stays.

        Answers `Inside` where they are in now, `Outside(By.AN_ADMIN)` where they stay banned, else
        `Invited(until)`. Repeating it converges. If this is cancelled, nobody knows whether it
        worked: call again.

        Raises:
            Unavailable: no answer, or a limit; the call may have had its effect.
            NeedsHuman: the bot lost its rights, or was removed.
            Refused: never for this person, and why.
            Moved: the chat has a new id.
        """
        ...

    async def expel(self, place: Place, person: PersonId) -> Seen:
        """Turn down their request, take them out if they are in, and leave no lasting ban.

        Answers `Outside(By.US)`, also for someone who was not in, or `Exempt` for owners and
        admins, who are never touched. Repeating it converges.

        Raises: as `admit`.
        """
        ...

    async def decline(self, place: Place, person: PersonId) -> None:
        """Turn down a request to join; do nothing where there is none.

        Raises: as `admit`.
        """
        ...

    async def state_of(self, place: Place, person: PersonId) -> Seen:
        """What the platform says about this person now: `Inside`, `Outside` or `Exempt`.

        Raises: as `admit`.
        """
        ...


class Messenger(Protocol):
    async def tell(self, message: Tell, title: str) -> None:
        """Write to the person in their language; `title` names the channel. At least once.

        Raises:
            Unavailable: no answer, or a limit; the message may have been delivered.
            Unreachable: the person cannot be written to.
            Refused: this message can never be sent, and why.
            NeedsHuman: the bot's token is not valid any more.
        """
        ...


class RawUpdate(Struct, frozen=True):
    """One update as it came, to be stored before it is acknowledged."""

    external_id: str
    kind: str
    body: bytes


class UpdateFeed(Protocol):
    @property
    def account(self) -> str:
        """The bot that the updates are for: part of what makes an update unique."""
        ...

    async def receive(self, wait: timedelta) -> Sequence[RawUpdate]:
        """Updates that were not acknowledged yet, oldest first; waits up to `wait` for one.

        Raises:
            Unavailable: no answer.
            NeedsHuman: the token is not valid any more, or somebody else is polling.
        """
        ...

    async def acknowledge(self, updates: Sequence[RawUpdate]) -> None:
        """They are stored, and need not come again. Not acknowledging delivers them again."""
        ...

    async def start_link(self, token: str) -> str:
        """A link that opens the bot with this token, by which a person claims a purchase.

        Raises: as `receive`.
        """
        ...


class SignalDecoder(Protocol):
    def decode_update(self, body: bytes) -> tuple[Signal, ...]:
        """What an update means; none for kinds that do not matter. Pure.

        Raises:
            Malformed: these bytes are no update.
        """
        ...


class ChannelPlatform(ChannelInspector, Membership, Messenger, UpdateFeed, SignalDecoder, Protocol):
    """All the channel ports that this version of the engine asks of a platform."""
