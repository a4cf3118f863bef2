"""How many expulsions without certain evidence a channel has seen lately."""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from solynk.core.ids import ChannelId, OrganizationId
from solynk.core.policies import BrakePolicy

WINDOW: Final = timedelta(hours=1)
SETTLING: Final = timedelta(minutes=2)
"""How long an uncertain expulsion waits, so that a flood is seen before its first one is gone."""


class Brake(Struct, frozen=True):
    """The brake of one channel. Once engaged it stays so until a person releases it."""

    organization: OrganizationId
    channel: ChannelId
    window_since: datetime
    expulsions: int = 0
    engaged: bool = False
    released_until: datetime | None = None

    def count(self, policy: BrakePolicy, members: int, at: datetime) -> "Brake":
        """One more expulsion without certain evidence, with so many members inside."""
        if at >= self.window_since + WINDOW:
            return replace(self, window_since=at, expulsions=0).count(policy, members, at)
        expulsions = self.expulsions + 1
        released = self.released_until is not None and at < self.released_until
        stops = not released and policy.stops(expulsions, members)
        return replace(self, expulsions=expulsions, engaged=self.engaged or stops)

    def release(self, at: datetime) -> "Brake":
        """A person has looked: what waits may go, and an hour's more with it."""
        return replace(self, engaged=False, expulsions=0, released_until=at + WINDOW)
