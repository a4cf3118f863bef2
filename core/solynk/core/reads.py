"""Which of the provider's reads a ledger keeps: all of the last weeks, and few of the older ones.

The provider is asked daily, for years. Of what is older than `RECENT` only the newest read of each
kind can change an answer. A read that was let go is never needed again, whatever arrives later, so
the order of arrival does not matter: what is kept of kept reads and new ones is what would be kept
of all.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from operator import attrgetter
from typing import Final

import msgspec

from solynk.core.facts import Observed, ProviderStatus
from solynk.core.instants import DAY

RECENT: Final = 60 * DAY
"""Longer than the longest window, grace and outage allowance together, which are 45 days."""


def kept(reads: Iterable[Observed]) -> tuple[Observed, ...]:
    """In the order of versions, the register last."""
    known = _in_order(reads)
    since = recent_since(known)
    older = [it for it in known if since is not None and it.read_at <= since]
    if not older:
        return tuple(known)
    needed = {known[-1], *_needed(older)}
    let_go = {it for it in older if it not in needed}
    return tuple(it for it in known if it not in let_go)


def recent_since(reads: Sequence[Observed]) -> datetime | None:
    """What was read later than this is kept whole; counted from the latest read, not by a clock."""
    return max(it.read_at for it in reads) - RECENT if reads else None


def newest_paid(reads: Iterable[Observed]) -> Iterable[Observed]:
    """Of each period that was called paid for, the newest such read; `reads` are in order."""
    return {it.period.start: it for it in reads if it.period is not None and it.paid}.values()


def pause_seen_until(reads: Sequence[Observed]) -> datetime | None:
    """How long the last pause of collection held, as reads tell; None while it is still shown.

    It held until the first read that does not show it any more. Where it was last seen long ago,
    that read may have been let go: then it held until it was last seen.
    """
    shown = [number for number, it in enumerate(reads) if it.pauses_collection]
    if not shown or shown[-1] == len(reads) - 1:
        return None
    last, after = reads[shown[-1]], reads[shown[-1] + 1]
    since = recent_since(reads)
    return last.read_at if since is not None and last.read_at <= since else after.read_at


def _in_order(reads: Iterable[Observed]) -> list[Observed]:
    """By version, each once. To compare a whole read costs much, and hardly any two share one."""
    known = sorted(reads, key=attrgetter("version"))
    if all(one.version < two.version for one, two in pairwise(known)):
        return known
    return sorted(set(known), key=_order)


def _order(it: Observed) -> tuple[tuple[int, int], bytes]:
    """Should two reads of one version differ, any order of arrival still gives the same."""
    return it.version, msgspec.json.encode(it)


def _needed(older: Sequence[Observed]) -> Iterable[Observed]:
    yield from newest_paid(older)
    yield from [it for it in older if it.pauses_collection][-1:]
    denials = [it for it in older if it.denies]
    if denials:
        yield max(denials, key=lambda it: (it.read_at, _order(it)))
    yield from _vouching(older)
    yield from _unknown_words(older)


def _vouching(older: Sequence[Observed]) -> Iterable[Observed]:
    """The newest that called it anything but unpaid, also where clocks went back between reads."""
    latest: datetime | None = None
    for it in reversed(older):
        known = it.status not in {ProviderStatus.UNKNOWN, ProviderStatus.ENDED}
        if known and not it.denies and (latest is None or it.read_at > latest):
            latest = it.read_at
            yield it


def _unknown_words(older: Sequence[Observed]) -> Iterable[Observed]:
    """All since the last known word: each holds access only while the one before it held."""
    for it in reversed(older):
        if it.status is not ProviderStatus.UNKNOWN:
            return
        yield it
