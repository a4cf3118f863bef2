"""What the start page shows and links to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A page of one sub-world; `group` is the heading that it stands under."""

    group: str
    name: str
    address: str
    state: str = ""
