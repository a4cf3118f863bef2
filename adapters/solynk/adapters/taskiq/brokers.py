"""The broker: Redis Streams between processes, or this process alone."""

from collections.abc import AsyncGenerator
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError
from taskiq import AckableMessage, AsyncBroker, InMemoryBroker
from taskiq_redis import RedisStreamBroker

from solynk.ports.errors import Unavailable

STREAM: Final = "solynk"
KEPT: Final = 100_000
"""What was read is not deleted by itself: the stream is trimmed to about this many."""
SILENCE: Final = 10.0
"""Seconds until a Redis that has stopped answering counts as gone; a read blocks for 2 of them."""


class Hints(RedisStreamBroker):
    """Each hint goes to one listener, once: what a crash takes with it, the poll finds.

    The base class also claims what others left unacknowledged. A listener that is told to stop
    in the middle of that goes on reading, and its process never ends.
    """

    async def listen(self) -> AsyncGenerator[AckableMessage]:
        async with Redis(connection_pool=self.connection_pool) as redis:
            while True:
                for data in await self._read(redis):
                    yield AckableMessage(data=data, ack=_nothing)

    async def _read(self, redis: Redis) -> list[bytes]:
        """What has come within `block` milliseconds."""
        streams: Any = {self.queue_name: ">"}
        found: Any = await redis.xreadgroup(
            self.consumer_group_name,
            self.consumer_name,
            streams,
            count=self.count,
            block=self.block,
            noack=True,
        )
        return [fields[b"data"] for _, page in found or () for _, fields in page]


def _nothing() -> None:
    """Redis has forgotten the hint already, when it handed it out."""


def redis_broker(url: str) -> AsyncBroker:
    """A new group reads the stream from its beginning, or what came before it would be lost."""
    return Hints(
        url,
        queue_name=STREAM,
        consumer_group_name=STREAM,
        consumer_id="0",
        maxlen=KEPT,
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
