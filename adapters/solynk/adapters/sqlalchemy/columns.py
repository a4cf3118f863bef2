"""Column types that are the same on both databases."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import DateTime, Dialect, String, Text, Uuid
from sqlalchemy.types import TypeDecorator

from solynk.core.instants import utc

W = TypeVar("W", bound=StrEnum)
D = TypeVar("D")


class Id(TypeDecorator[str]):
    """A UUID in its canonical text. Any other text is nobody's id: it is bound as NULL.

    Ids reach us from outside, such as in a provider's metadata, and PostgreSQL would abort the
    whole transaction for one of a wrong form. `= NULL` finds no row, and NOT NULL refuses to
    store it.
    """

    impl = Uuid(as_uuid=False)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        del dialect
        return value if value is not None and _CANONICAL.fullmatch(value) else None


_CANONICAL: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
"""As `str(UUID(…))` writes it, which takes ten times as long."""
NOBODY: Final = str(UUID(int=0))


class ChainOwner(TypeDecorator[str]):
    """An organization, or the one chain of none: in a key there is no NULL."""

    impl = Uuid(as_uuid=False)
    cache_ok = True
    coerce_to_is_types = ()
    """`= None` is bound like any other owner, not written as IS NULL."""

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str:
        del dialect
        return NOBODY if value is None else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value == NOBODY else value


class Utc(TypeDecorator[datetime]):
    """An aware instant. SQLite keeps no time zone, so there it is UTC by agreement."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        return None if value is None else utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None or value.tzinfo is UTC:
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[W], Generic[W]):
    """A word of ours as plain text, so that a further word needs no migration."""

    impl = String(32)
    cache_ok = True

    def __init__(self, words: type[W]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: W | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: Dialect) -> W | None:
        del dialect
        return None if value is None else self.words(value)


class Document(TypeDecorator[D], Generic[D]):
    """A structured value as JSON text."""

    impl = Text
    cache_ok = True

    def __init__(self, of: Any) -> None:  # noqa: ANN401 - unions and generics are no classes
        super().__init__()
        self.of = of

    def process_bind_param(self, value: D | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> D | None:
        del dialect
        return None if value is None else msgspec.json.decode(value, type=self.of)
