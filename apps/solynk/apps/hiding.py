"""What no line may hold, in every form in which a library may write it.

A password stands percent-encoded in an address, decoded where a driver quotes it, and escaped where
an error repeats it: whoever hides one form hides them all.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import parse_qsl, quote, quote_plus, unquote, unquote_plus

HIDDEN: Final = "<secret>"
MIN_SECRET: Final = 6
"""Shorter ones would blacken ordinary words."""
_USER: Final = re.compile(r"://[^:/?#@]*:(?P<password>.*)@", re.DOTALL)
_WORDS: Final = ("password", "passwd", "secret", "token")


def passwords_in(address: str) -> Iterator[str]:
    """However much of the address a parser takes for the password, up to the first @ or the last."""
    found = _USER.search(address)
    if found:
        yield found["password"]
        yield found["password"].partition("@")[0]
    query = address.partition("?")[2].partition("#")[0]
    yield from (value for name, value in parse_qsl(query) if _is_secret(name))


def forms_of(secrets: Iterable[str]) -> tuple[str, ...]:
    """Every form, the longest first, so that no short one leaves the end of a long one behind."""
    found = {form for it in secrets for form in _forms(it) if len(form) >= MIN_SECRET}
    return tuple(sorted(found, key=lambda it: (-len(it), it)))


def without(forms: Iterable[str], text: str) -> str:
    """The text with `HIDDEN` in place of each of these forms."""
    for form in forms:
        text = text.replace(form, HIDDEN)
    return text


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in _WORDS)


def _forms(secret: str) -> Iterator[str]:
    for plain in {secret, unquote(secret), unquote_plus(secret)}:
        yield plain
        yield quote(plain, safe="")
        yield quote(plain)
        yield quote(plain, safe=" +")  # as SQLAlchemy writes an address
        yield quote_plus(plain)
        yield repr(plain)[1:-1]
        yield plain.replace("\\", "\\\\").replace("'", "\\'")  # as psycopg writes its settings
