"""What Telegram refuses, in the words of the ports: one table, and nothing else leaks out.

Telegram words its refusals loosely (https://core.telegram.org/bots/api#making-requests): the same
one comes as an English sentence or as a code in capitals, so parts of the text are matched,
whatever their case. The reasons are ours; the vendor's text is only shown where nothing is known.
"""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from solynk.adapters.telegram.rights import BASIC_GROUP
from solynk.ports.errors import (
    Moved,
    NeedsHuman,
    PortError,
    Refused,
    Unavailable,
    Unreachable,
)

VENDOR: Final = "telegram"
LONGEST_QUOTE: Final = 200


class NoRequest(Refused):
    """Nobody's request is pending: never made, withdrawn, or answered already."""


class InsideAlready(Refused):
    """A request can not be answered, since the person is a member."""


class NotThere(Refused):
    """The person is not in the chat, and perhaps never was."""


class RunsTheChat(Refused):
    """The person is the owner or an admin, whom no bot can take out."""


class NotWritable(Refused):
    """The account is deleted, or the bot has never met it."""


class Gone(NeedsHuman):
    """The chat does not exist, or the bot is not in it. For a private chat: never begun."""


class Forbidden(NeedsHuman):
    """A 403 for a reason that is not in the table."""


_TOO_MANY_CHATS: Final = "the person is in too many chats, and has to leave one first"
_NO_RIGHT: Final = "the bot lacks a right that this needs: check its rights in the chat"
_GONE: Final = "there is no such chat, or the bot is not in it"
_NEVER_STARTED: Final = "the person has never started the bot"
_NOT_THERE: Final = "the person is not in the chat"
_RUNS_IT: Final = "owners and admins can not be removed"
_DELETED: Final = "the person's account is deleted"

BY_TEXT: Final[tuple[tuple[str, type[PortError], str], ...]] = (
    ("hide_requester_missing", NoRequest, "there is no pending request"),
    ("user_already_participant", InsideAlready, "the person is in the chat already"),
    ("participant_id_invalid", NotThere, _NOT_THERE),
    ("user_not_participant", NotThere, _NOT_THERE),
    ("user not found", NotThere, _NOT_THERE),
    ("user is an administrator of the chat", RunsTheChat, _RUNS_IT),
    ("user_admin_invalid", RunsTheChat, _RUNS_IT),
    ("can't remove chat owner", RunsTheChat, _RUNS_IT),
    ("not enough rights", NeedsHuman, _NO_RIGHT),
    ("have no rights", NeedsHuman, _NO_RIGHT),
    ("chat_admin_required", NeedsHuman, _NO_RIGHT),
    ("need administrator rights", NeedsHuman, _NO_RIGHT),
    ("member list is inaccessible", NeedsHuman, _NO_RIGHT),
    ("chat_write_forbidden", NeedsHuman, _NO_RIGHT),
    ("chat not found", Gone, _GONE),
    ("bot was kicked from", Gone, _GONE),
    ("bot is not a member", Gone, _GONE),
    ("chat was deleted", Gone, _GONE),
    ("channel_private", Gone, _GONE),
    ("method is available for supergroup", Refused, BASIC_GROUP),
    ("method is available only for supergroup", Refused, BASIC_GROUP),
    ("bot was blocked by the user", Unreachable, "the person has blocked the bot"),
    ("bot can't initiate conversation", Unreachable, _NEVER_STARTED),
    ("can't send messages to bots", Unreachable, "this is a bot"),
    ("user is deactivated", NotWritable, _DELETED),
    ("user_deactivated", NotWritable, _DELETED),
    ("peer_id_invalid", NotWritable, "the bot has never met this person or chat"),
    ("user_id_invalid", Refused, "there is no such person"),
    ("channels_too_much", Refused, _TOO_MANY_CHATS),
)
"""The first part that occurs in the text of a 400 or a 403 decides."""


@contextmanager
def telegram_errors() -> Generator[None]:
    """Turn whatever aiogram raises inside the block into an error of the ports."""
    try:
        yield
    except (ClientDecodeError, TelegramNetworkError) as error:
        # Their texts may hold the whole answer, or the address with the token in it.
        raise translated(error) from None
    except AiogramError as error:
        raise translated(error) from error


def translated(error: AiogramError) -> PortError:
    match error:
        case TelegramRetryAfter(retry_after=seconds):
            # A second more, since Telegram's own is cut off and not rounded up.
            wait = timedelta(seconds=seconds + 1)
            return Unavailable(VENDOR, "too many calls", retry_after=wait)
        case TelegramMigrateToChat(migrate_to_chat_id=chat):
            return Moved(VENDOR, str(chat))
        case TelegramEntityTooLarge():  # before its parent, the network error
            return Refused(VENDOR, "the call is too large")
        case TelegramUnauthorizedError() | TelegramNotFound():
            return NeedsHuman(VENDOR, "the bot's token is not valid any more")
        case TelegramConflictError():
            return NeedsHuman(VENDOR, "a webhook is set, or somebody else polls with this token")
        case TelegramBadRequest():
            return _by_text(error.message) or Refused(VENDOR, _quoted(error.message))
        case TelegramForbiddenError():
            return _by_text(error.message) or Forbidden(VENDOR, _quoted(error.message))
        case _:
            return Unavailable(VENDOR, f"no usable answer ({type(error).__name__})")


def _by_text(text: str | None) -> PortError | None:
    lowered = (text or "").lower()
    for part, refusal, reason in BY_TEXT:
        if part in lowered:
            return refusal(VENDOR, reason)
    return None


def _quoted(text: str | None) -> str:
    return f"refused for a reason not known here: {(text or 'none given')[:LONGEST_QUOTE]}"
