"""What the engine was given to work with. It imports ports and core, and no framework."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from solynk.core.catalog import Platform, Provider
from solynk.core.ids import ENTROPY_BYTES, uuid7
from solynk.core.policies import BrakePolicy, RetentionPolicy, RetryPolicy
from solynk.ports.channels import ChannelPlatform
from solynk.ports.clock import Clock
from solynk.ports.payments import PaymentProvider
from solynk.ports.storage import Store
from solynk.ports.telemetry import Telemetry
from solynk.ports.wake import Waker

LEASE: Final = timedelta(seconds=60)
CALL_TIMEOUT: Final = timedelta(seconds=20)
"""Well under the lease: a call that is still allowed to begin ends before the lease does."""
GRACE_TO_FINISH: Final = CALL_TIMEOUT + timedelta(seconds=5)
"""How long a stopping process waits for what it has begun."""
INVITE_LIFE: Final = timedelta(days=7)
"""An invitation that nobody used is sent again after this time."""


@dataclass(frozen=True, slots=True)
class Wiring:
    store: Store
    providers: Mapping[Provider, PaymentProvider]
    platforms: Mapping[Platform, ChannelPlatform]
    clock: Clock
    """Business time."""
    wall: Clock
    """Real time: leases only."""
    waker: Waker
    telemetry: Telemetry
    livemode: bool = False
    """Whether real money is expected: events of the other mode are set aside."""
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    brake: BrakePolicy = field(default_factory=BrakePolicy)
    retention: RetentionPolicy = field(default_factory=RetentionPolicy)


@dataclass(slots=True)
class _Ids:
    """Within one millisecond, the last random number plus one (RFC 9562, section 6.2)."""

    millisecond: int = 0
    random: int = 0

    def after(self, at: datetime) -> str:
        millisecond = int(at.timestamp() * 1000)
        if millisecond == self.millisecond:
            self.random += 1
        else:
            self.millisecond = millisecond
            self.random = int.from_bytes(os.urandom(ENTROPY_BYTES)) & ~_CARRIES
        return uuid7(at, self.random.to_bytes(ENTROPY_BYTES))


_CARRIES: Final = 0b111 << 61
"""Bits that a new number leaves clear, so that no carry reaches those which say what it is."""
_ids: Final = _Ids()


def new_id(at: datetime) -> str:
    """An id that sorts after all that this process made before it, as far as `at` goes on."""
    return _ids.after(at)
