"""What a process says about itself: readable on a terminal, a JSON object a line elsewhere.

A line holds ids, never personal data: of an error it tells the kind and the place, and its own words
only on a terminal. Secrets are taken out of whatever a library may have put in.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, TextIO

from solynk.apps.hiding import forms_of, without
from solynk.ports.telemetry import correlation

QUIET: Final = (
    "aiogram",
    "aiosqlite",
    "alembic",
    "httpcore",
    "httpx",
    "stripe",
    "taskiq",
    "uvicorn.access",
)
"""Libraries that write addresses with tokens, or a line for every call."""


def configure(level: str, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Replace whatever the root logger had: one handler, to `stream`, else to standard error."""
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    hidden = forms_of(secrets)
    handler.setFormatter(Readable(hidden) if out.isatty() else Json(hidden))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


class Json(logging.Formatter):
    def __init__(self, secrets: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": _instant(record).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without(self._secrets, record.getMessage()),
            "correlation": without(self._secrets, correlation.get()),
            "error": _error(record),
        }
        return json.dumps({name: value for name, value in line.items() if value})


class Readable(logging.Formatter):
    def __init__(self, secrets: tuple[str, ...] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)-8s %(name)s: %(message)s", "%H:%M:%S")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        about = correlation.get()
        line = super().format(record)
        return without(self._secrets, f"{line} [{about}]" if about else line)


def _instant(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _error(record: logging.LogRecord) -> str:
    """Its kind and where it came from: its words may quote a person's address."""
    if not record.exc_info or record.exc_info[0] is None:
        return ""
    kind, _, raised = record.exc_info
    return " <- ".join((kind.__name__, *_places(raised)))


def _places(raised: TracebackType | None) -> Iterable[str]:
    frames = traceback.extract_tb(raised)
    return (f"{it.name} ({it.filename.rpartition('/')[2]}:{it.lineno})" for it in reversed(frames))
