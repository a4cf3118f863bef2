"""All numbers of a process in Prometheus' text form: its own, and those of the whole installation.

The latter are read from the database when they are asked for, so every process tells the same, and
one that can not ask still tells that. Take the greatest of them, never their sum.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from solynk.adapters.prometheus import gauge
from solynk.apps.container import Measures
from solynk.apps.engine import COUNTED, Wiring
from solynk.apps.settings import Settings
from solynk.core.alert import AlertKind
from solynk.core.retention import Kept, bound
from solynk.ports.census import Queues, Waiting
from solynk.ports.errors import Lost, Unavailable
from solynk.ports.telemetry import QUEUES, VENDORS

WITHIN: Final = 5.0
"""Seconds: less than a scrape may take, so that a store that hangs is told as one that is down."""
REDIS_WITHIN: Final = 1.0


async def exposition(w: Wiring, measures: Measures, settings: Settings) -> bytes:
    redis = b"" if settings.redis_url is None else await _redis(settings.redis_url)
    return measures.exposition() + await _of_the_store(w) + redis


async def _of_the_store(w: Wiring) -> bytes:
    try:
        async with asyncio.timeout(WITHIN):
            at = await w.clock.now()
            async with w.store.begin() as tx:
                queues = await tx.census.queues(at, COUNTED)
                alerts = await tx.census.open_alerts()
                breakers = await tx.census.open_breakers()
                unsealed = await tx.chains.waiting(1)
                progress = await tx.retention.progress()
    except (Unavailable, Lost, TimeoutError):
        return gauge("store_up", {(): 0})
    return b"".join(
        (
            gauge("store_up", {(): 1}),
            gauge("backlog", {(name,): it.count for name, it in _by_name(queues).items()}),
            gauge("oldest_due_seconds", _ages(queues, at)),
            gauge("unsealed_audit_seconds", {(): _age(unsealed[0].at if unsealed else None, at)}),
            gauge("retention_behind_seconds", _behind(w, progress, at)),
            gauge("open_alerts", {(it.value,): alerts.get(it, 0) for it in AlertKind}),
            gauge("open_breakers", {(it,): breakers.get(it, 0) for it in VENDORS}),
        )
    )


def _by_name(queues: Queues) -> Mapping[str, Waiting]:
    return {name: getattr(queues, name) for name in QUEUES}


def _ages(queues: Queues, at: datetime) -> Mapping[tuple[str, ...], float]:
    return {(name,): _age(it.since, at) for name, it in _by_name(queues).items()}


def _behind(
    w: Wiring, progress: Mapping[Kept, datetime], at: datetime
) -> Mapping[tuple[str, ...], float]:
    return {(it.value,): _age(progress.get(it), bound(w.retention, it, at)) for it in Kept}


def _age(since: datetime | None, at: datetime) -> float:
    return 0.0 if since is None else max(0.0, (at - since).total_seconds())


async def _redis(url: str) -> bytes:
    from solynk.adapters.taskiq import ping  # noqa: PLC0415 -- an extra

    try:
        async with asyncio.timeout(REDIS_WITHIN):
            await ping(url)
    except (Unavailable, TimeoutError):
        return gauge("redis_up", {(): 0})
    return gauge("redis_up", {(): 1})
