"""The forms that single values must have, each with the words that tell a caller how to mend it."""

from collections.abc import Mapping
from typing import Annotated, Final, TypeAlias

from msgspec import Meta

_WORDS: Final = r"^(?![\s\S]*[\x00-\x1f])[\s\S]*\S"
_SLUG: Final = r"^[a-z0-9]+(-[a-z0-9]+)*(?!\n)$"
_EMAIL: Final = r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+(?!\n)$"
_LOCALE: Final = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?(?!\n)$"
_URL: Final = r"^https?://[^\s\x00-\x1f]+(?!\n)$"
_CURRENCY: Final = r"^[A-Z]{3}(?!\n)$"
_GIVEN: Final = r"^[^\s\x00-\x1f]+(?!\n)$"

FIXES: Final[Mapping[str, str]] = {
    _WORDS: "write at least one character, all in one line and without control characters",
    _SLUG: "use lower-case letters and digits, with single hyphens between them, such as the-lounge",
    _EMAIL: "write an address such as ann@example.com",
    _LOCALE: "write a language such as fr, or fr-CA",
    _URL: "write an address that begins with http:// or https://",
    _CURRENCY: "write three upper-case letters, such as EUR",
    _GIVEN: "write the id as it was given, without spaces",
    "Invalid ISO8601 duration": "write a duration such as P5D or PT12H",
    "Invalid RFC3339 encoded datetime": "write an instant such as 2026-03-01T00:00:00Z",
    "Invalid UUID": "write an id of ours, such as 01890a5d-ac96-774b-bcce-b302099a8057",
}
"""By the pattern, or by msgspec's own words."""

Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200, pattern=_WORDS)]
Reason: TypeAlias = Annotated[str, Meta(min_length=1, max_length=500, pattern=_WORDS)]
Slug: TypeAlias = Annotated[str, Meta(max_length=63, pattern=_SLUG)]
Email: TypeAlias = Annotated[str, Meta(max_length=254, pattern=_EMAIL)]
Locale: TypeAlias = Annotated[str, Meta(pattern=_LOCALE)]
Url: TypeAlias = Annotated[str, Meta(max_length=2000, pattern=_URL)]
GivenId: TypeAlias = Annotated[str, Meta(max_length=64, pattern=_GIVEN)]
"""An id as a platform or provider gives it."""
Currency: TypeAlias = Annotated[str, Meta(pattern=_CURRENCY)]
Minor: TypeAlias = Annotated[int, Meta(ge=0, le=99_999_999_999)]
Days: TypeAlias = Annotated[int, Meta(ge=0, le=36_500)]
