"""People and bots, as Telegram knows them."""

from dataclasses import dataclass
from typing import Any


@dataclass
class Person:
    """A user; a bot's own account is one too."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = "en"
    is_bot: bool = False
    deactivated: bool = False
    in_too_many_chats: bool = False

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def as_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": self.id,
            "is_bot": self.is_bot,
            "first_name": self.first_name,
        }
        optional = {
            "last_name": self.last_name,
            "username": self.username,
            "language_code": "" if self.is_bot else self.language_code,
        }
        return shown | {name: value for name, value in optional.items() if value}

    def as_private_chat(self) -> dict[str, Any]:
        """The chat between this person and a bot: it has the person's id."""
        shown: dict[str, Any] = {
            "id": self.id,
            "type": "private",
            "first_name": self.first_name,
        }
        optional = {"last_name": self.last_name, "username": self.username}
        return shown | {name: value for name, value in optional.items() if value}
