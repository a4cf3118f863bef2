"""The broker: Redis Streams between processes, or this process alone."""

from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError
from taskiq import AsyncBroker, InMemoryBroker
from taskiq_redis import RedisStreamBroker

from solynk.ports.errors import Unavailable

STREAM: Final = "solynk"
KEPT: Final = 100_000
"""Acknowledged entries are not deleted by themselves: the stream is trimmed to about this many."""
SILENCE: Final = 10.0
"""Seconds until a Redis that has stopped answering counts as gone; a read blocks for 2 of them."""


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
        socket_timeout=SILENCE,
    )


def in_process_broker() -> AsyncBroker:
    """The same tasks without Redis: what is kicked runs in this process at once."""
    return InMemoryBroker(max_stored_results=1)


async def ping(url: str) -> None:
    """Ask Redis for a sign of life.

    Raises:
        Unavailable: it gives none; work goes on by polling meanwhile.
    """
    client = Redis.from_url(url, socket_connect_timeout=2)  # pyright: ignore[reportUnknownMemberType] -- redis leaves its keywords untyped
    try:
        await client.ping()  # pyright: ignore[reportUnknownMemberType] -- the same
    except (RedisError, OSError) as fault:
        raise Unavailable("redis", f"no answer ({type(fault).__name__})") from fault
    finally:
        await client.aclose()
