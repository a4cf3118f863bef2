"""What a channel platform tells us: who asked, came and went, and what became of the bot."""

from typing import TypeAlias

from msgspec import Struct

from solynk.core.access import By
from solynk.core.ids import ChatId, PersonId


class AskedToJoin(Struct, frozen=True, tag="asked_to_join"):
    chat: ChatId
    person: PersonId
    locale: str = "en"


class Joined(Struct, frozen=True, tag="joined"):
    chat: ChatId
    person: PersonId


class Departed(Struct, frozen=True, tag="departed"):
    chat: ChatId
    person: PersonId
    by: By


class Ranked(Struct, frozen=True, tag="ranked"):
    """The person was made owner or admin, or is a plain member again."""

    chat: ChatId
    person: PersonId
    exempt: bool


class BotRightsChanged(Struct, frozen=True, tag="bot_rights_changed"):
    """`fault` is None where the bot can do its work, else what is missing, in a sentence."""

    chat: ChatId
    present: bool
    fault: str | None


class Migrated(Struct, frozen=True, tag="migrated"):
    """A group became a supergroup: the same place with another id."""

    old: ChatId
    new: ChatId


class Started(Struct, frozen=True, tag="started"):
    """The person opened the bot, perhaps with a claim token."""

    person: PersonId
    payload: str
    locale: str = "en"


class Silenced(Struct, frozen=True, tag="silenced"):
    """The person blocked the bot: messages end, access does not."""

    person: PersonId


Signal: TypeAlias = (
    AskedToJoin | Joined | Departed | Ranked | BotRightsChanged | Migrated | Started | Silenced
)
