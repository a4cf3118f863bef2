"""The Bot API's refusals, worded as the public server words them."""

from typing import Any


class TelegramError(Exception):
    """Answered as `{"ok": false, ...}` with `code` as the HTTP status as well."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters

    def as_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        return body | {"parameters": self.parameters} if self.parameters else body


class Impossible(Exception):
    """A person in the sandbox tried what no Telegram app would let them do."""


def bad_request(reason: str) -> TelegramError:
    return TelegramError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> TelegramError:
    return TelegramError(403, f"Forbidden: {reason}")


def conflict(reason: str) -> TelegramError:
    return TelegramError(409, f"Conflict: {reason}")


def unauthorized() -> TelegramError:
    return TelegramError(401, "Unauthorized")


def too_many_requests(retry_after: int) -> TelegramError:
    return TelegramError(
        429,
        f"Too Many Requests: retry after {retry_after}",
        retry_after=retry_after,
    )


def migrated(to_chat: int) -> TelegramError:
    return TelegramError(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        migrate_to_chat_id=to_chat,
    )


def not_modelled(method: str) -> TelegramError:
    return TelegramError(501, f"Not Implemented: {method} is not modelled in this sandbox")
