"""A database for each test module, so that no module sees what another has left."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import redis
from psycopg import sql


class RedisClient(Protocol):
    """As much of redis-py as the tests ask of it, since its own types are full of gaps."""

    def ping(self) -> bool: ...
    def dbsize(self) -> int: ...
    def flushdb(self) -> bool: ...
    def set(self, name: str, value: str) -> object: ...
    def get(self, name: str) -> object: ...
    def xlen(self, name: str) -> int: ...


@contextmanager
def redis_client(url: str) -> Generator[RedisClient]:
    client = redis.Redis.from_url(url, socket_timeout=2)  # pyright: ignore[reportUnknownMemberType] - its **kwargs
    with client:
        yield client


@contextmanager
def fresh_database(server: str, *, template: str = "template1") -> Generator[str]:
    """Yield the address of a copy of `template`, which nobody may be connected to."""
    name = f"solynk_test_{uuid4().hex}"
    create = sql.SQL("create database {} template {}")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        drop = sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(drop)


@contextmanager
def emptied_redis(server: str) -> Generator[str]:
    """Yield `server`, and empty it afterwards; refuse one that holds what is not ours."""
    with redis_client(server) as client:
        if keys := client.dbsize():
            raise ValueError(f"REDIS_URL names a database with {keys} keys; the tests empty theirs")
        yield server
        client.flushdb()
