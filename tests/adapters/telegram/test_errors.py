from collections.abc import Callable
from datetime import timedelta

import pytest
from aiogram import exceptions as aio
from aiogram.methods import GetMe

from solynk.adapters.telegram.errors import (
    Forbidden,
    Gone,
    InsideAlready,
    NoRequest,
    NotThere,
    NotWritable,
    RunsTheChat,
    telegram_errors,
    translated,
)
from solynk.ports.errors import (
    Moved,
    NeedsHuman,
    PortError,
    Refused,
    Unavailable,
    Unreachable,
)

CALL = GetMe()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HIDE_REQUESTER_MISSING", NoRequest),
        ("USER_ALREADY_PARTICIPANT", InsideAlready),
        ("USER_ID_INVALID", Refused),
        ("CHANNELS_TOO_MUCH", Refused),
        ("USER_CHANNELS_TOO_MUCH", Refused),
        ("method is available for supergroup and channel chats only", Refused),
        ("user is an administrator of the chat", RunsTheChat),
        ("USER_ADMIN_INVALID", RunsTheChat),
        ("can't remove chat owner", RunsTheChat),
        ("can't restrict self", Refused),
        ("PARTICIPANT_ID_INVALID", NotThere),
        ("USER_NOT_PARTICIPANT", NotThere),
        ("user not found", NotThere),
        ("chat not found", Gone),
        ("not enough rights to restrict/unrestrict chat member", NeedsHuman),
        ("not enough rights to manage chat join requests", NeedsHuman),
        ("not enough rights to manage chat invite link", NeedsHuman),
        ("need administrator rights in the channel chat", NeedsHuman),
        ("have no rights to send a message", NeedsHuman),
        ("member list is inaccessible", NeedsHuman),
        ("CHAT_ADMIN_REQUIRED", NeedsHuman),
        ("CHAT_WRITE_FORBIDDEN", NeedsHuman),
        ("CHANNEL_PRIVATE", Gone),
        ("INPUT_USER_DEACTIVATED", NotWritable),
        ("PEER_ID_INVALID", NotWritable),
        ("message is not modified", Refused),
        ("group chat was upgraded to a supergroup chat", Refused),
        ("something nobody has seen yet", Refused),
    ],
)
def test_every_known_bad_request_is_sorted_by_what_to_do_next(
    text: str, expected: type[PortError]
) -> None:
    error = translated(aio.TelegramBadRequest(CALL, f"Bad Request: {text}"))

    assert type(error) is expected
    assert error.vendor == "telegram"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bot was blocked by the user", Unreachable),
        ("user is deactivated", NotWritable),
        ("bot was kicked from the supergroup chat", Gone),
        ("bot was kicked from the channel chat", Gone),
        ("bot was kicked from the group chat", Gone),
        ("bot is not a member of the supergroup chat", Gone),
        ("bot is not a member of the channel chat", Gone),
        ("the group chat was deleted", Gone),
        ("bot can't initiate conversation with a user", Unreachable),
        ("bot can't send messages to bots", Unreachable),
        ("bots can't send messages to bots", Unreachable),
        ("something nobody has seen yet", Forbidden),
    ],
)
def test_every_known_prohibition_is_sorted_by_what_to_do_next(
    text: str, expected: type[PortError]
) -> None:
    error = translated(aio.TelegramForbiddenError(CALL, f"Forbidden: {text}"))

    assert type(error) is expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (aio.TelegramUnauthorizedError(CALL, "Unauthorized"), NeedsHuman),
        (aio.TelegramNotFound(CALL, "Not Found"), NeedsHuman),
        (aio.TelegramConflictError(CALL, "Conflict: terminated by other"), NeedsHuman),
        (aio.TelegramEntityTooLarge(CALL, "Request Entity Too Large"), Refused),
        (aio.TelegramServerError(CALL, "Bad Gateway"), Unavailable),
        (aio.RestartingTelegram(CALL, "restart"), Unavailable),
        (aio.TelegramNetworkError(CALL, "Request timeout error"), Unavailable),
        (aio.ClientDecodeError("no JSON", ValueError(), "<html>"), Unavailable),
        (aio.TelegramAPIError(CALL, "Too Many Requests"), Unavailable),
    ],
    ids=lambda it: type(it).__name__ if isinstance(it, Exception) else "",
)
def test_the_kind_of_error_decides_where_the_text_does_not(
    error: aio.AiogramError, expected: type[PortError]
) -> None:
    assert type(translated(error)) is expected


@pytest.mark.parametrize("text", ["chat not found", "Chat Not Found", "CHAT NOT FOUND"])
def test_the_case_of_a_text_does_not_matter(text: str) -> None:
    assert isinstance(translated(aio.TelegramBadRequest(CALL, text)), Gone)


@pytest.mark.parametrize("kind", [aio.TelegramBadRequest, aio.TelegramForbiddenError])
def test_a_refusal_without_a_text_is_still_a_refusal(
    kind: Callable[[GetMe, str], aio.AiogramError],
) -> None:
    error = kind(CALL, "")

    assert isinstance(translated(error), Refused | Forbidden)


def test_a_limit_waits_a_second_longer_than_asked() -> None:
    error = translated(aio.TelegramRetryAfter(CALL, "Too Many Requests", retry_after=7))

    assert isinstance(error, Unavailable)
    assert error.retry_after == timedelta(seconds=8)


def test_a_move_carries_the_new_id() -> None:
    error = translated(aio.TelegramMigrateToChat(CALL, "upgraded", migrate_to_chat_id=-1001))

    assert isinstance(error, Moved)
    assert error.new_chat == "-1001"


@pytest.mark.parametrize(
    "error",
    [
        aio.TelegramNetworkError(CALL, "InvalidURL: http://h/bot700:secret/getMe of Ann"),
        aio.ClientDecodeError("no JSON", ValueError("700:secret Ann"), "700:secret Ann"),
        aio.TelegramServerError(CALL, "700:secret Ann"),
        aio.TelegramUnauthorizedError(CALL, "700:secret Ann"),
        aio.TelegramRetryAfter(CALL, "700:secret Ann", retry_after=1),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_message_repeats_a_token_or_a_name(error: aio.AiogramError) -> None:
    with pytest.raises(PortError) as caught, telegram_errors():
        raise error

    assert "secret" not in str(caught.value)
    assert "Ann" not in str(caught.value)


@pytest.mark.parametrize(
    "error",
    [
        aio.TelegramNetworkError(CALL, "http://h/bot700:secret/getMe"),
        aio.ClientDecodeError("no JSON", ValueError(), "700:secret"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_traceback_does_not_show_the_causes_that_hold_secrets(error: aio.AiogramError) -> None:
    with pytest.raises(Unavailable) as caught, telegram_errors():
        raise error

    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_an_unknown_refusal_is_quoted_in_part() -> None:
    error = translated(aio.TelegramBadRequest(CALL, "x" * 5000))

    assert len(error.reason) < 300


def test_what_is_not_telegrams_passes_unchanged() -> None:
    with pytest.raises(KeyError), telegram_errors():
        raise KeyError
