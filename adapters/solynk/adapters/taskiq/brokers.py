"""The broker: Redis Streams between processes, or this process alone."""

from typing import Final

from taskiq import AsyncBroker, InMemoryBroker
from taskiq_redis import RedisStreamBroker

STREAM: Final = "solynk"
KEPT: Final = 100_000
"""Acknowledged entries are not deleted by themselves: the stream is trimmed to about this many."""


def redis_broker(url: str) -> AsyncBroker:
    """A new group reads the stream from its beginning, or what came before it would be lost."""
    return RedisStreamBroker(
        url,
        queue_name=STREAM,
        consumer_group_name=STREAM,
        consumer_id="0",
        maxlen=KEPT,
        idle_timeout=600_000,
        unacknowledged_lock_timeout=5,
        socket_connect_timeout=1,
    )


def in_process_broker() -> AsyncBroker:
    """The same tasks without Redis: what is kicked runs in this process at once."""
    return InMemoryBroker(max_stored_results=1)
