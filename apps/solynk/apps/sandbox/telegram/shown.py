"""How a bot's message looks on a page: plain text, links and buttons."""

import html
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

from solynk.apps.sandbox.telegram.bots import Message, RawButton

URL: Final = re.compile(r"(https?://[^\s<>\"')]+)")
ANCHOR: Final = re.compile(r"<a href=\"([^\"]*)\">(.*?)</a>", re.DOTALL)
TAG: Final = re.compile(r"</?[a-z][^>]*>")


@dataclass(frozen=True)
class Piece:
    """Plain text, or a link when there is an `address`."""

    text: str
    address: str = ""


@dataclass(frozen=True)
class Button:
    """It opens an `address`, or sends `data` to the bot."""

    text: str
    address: str = ""
    data: str = ""


@dataclass(frozen=True)
class Shown:
    id: int
    sender: str
    at: int
    pieces: list[Piece]
    buttons: list[Button]


def shown(message: Message, sender: str, viewer: int) -> Shown:
    text = _plain(message.text) if message.parse_mode.lower() == "html" else message.text
    return Shown(
        message.id,
        sender,
        message.at,
        [_piece(part, viewer) for part in URL.split(text) if part],
        [_button(raw, viewer) for row in message.keyboard().inline_keyboard for raw in row],
    )


def here(address: str, viewer: int) -> str:
    """A t.me address is opened inside the sandbox, as the same person."""
    parts = urlsplit(address)
    if parts.hostname != "t.me":
        return address
    query = "&".join(one for one in (parts.query, urlencode({"as": viewer})) if one)
    return f"/t.me{parts.path}?{query}"


def _piece(text: str, viewer: int) -> Piece:
    return Piece(text, here(text, viewer) if URL.fullmatch(text) else "")


def _plain(text: str) -> str:
    linked = ANCHOR.sub(lambda found: f"{found[2]} {found[1]}", text)
    return html.unescape(TAG.sub("", linked))


def _button(raw: RawButton, viewer: int) -> Button:
    return Button(raw.text, here(raw.url, viewer), raw.callback_data)
