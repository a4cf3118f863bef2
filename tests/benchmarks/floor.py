"""The floor: what a webhook costs at the very least when it must be durable before it is answered.

`python -m tests.benchmarks.floor PORT DATABASE_URL`. One route does what nobody can leave out:
verify, read the envelope, insert, commit; by psycopg's own pool and one prepared statement. The
others leave parts of it out, to show where the limits are.
"""

import hashlib
import hmac
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final, TypeAlias

import msgspec
import psycopg
import uvicorn
from litestar import Litestar, Request, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from msgspec import Struct
from psycopg import sql
from psycopg_pool import AsyncConnectionPool

SECRET: Final = "whsec_of_the_benchmark"
CONNECTIONS: Final = 8
TABLES: Final = {"floor": "pglz", "floor_lz4": "lz4"}

Incoming: TypeAlias = Request[Any, Any, State]


class Head(Struct, frozen=True):
    id: str
    type: str
    livemode: bool
    account: str | None = None


HEAD: Final = msgspec.json.Decoder(Head)


def prepare(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for table, compression in TABLES.items():
            create = sql.SQL("""
                create table {} (
                    external_id text primary key, account text not null, livemode boolean not null,
                    kind text not null, body bytea compression {} not null,
                    received_at timestamptz not null default now()
                )""").format(sql.Identifier(table), sql.Identifier(compression))
            connection.execute(create)


def _insert(table: str) -> bytes:
    columns = "(external_id, account, livemode, kind, body) values (%s, %s, %s, %s, %s)"
    statement = sql.SQL("insert into {} {} on conflict do nothing")
    return statement.format(sql.Identifier(table), sql.SQL(columns)).as_bytes()


INSERT: Final = {table: _insert(table) for table in TABLES}


def verified(request: Incoming, body: bytes) -> Head:
    seconds, _, rest = request.headers["stripe-signature"].removeprefix("t=").partition(",")
    expected = hmac.digest(SECRET.encode(), seconds.encode() + b"." + body, hashlib.sha256).hex()
    late = abs(time.time() - int(seconds)) > 300  # noqa: TID251 -- what a signature is about
    if late or not hmac.compare_digest(rest.removeprefix("v1="), expected):
        raise ValueError("forged")
    return HEAD.decode(body)


@get("/bare")
async def bare() -> dict[str, bool]:
    return {"received": True}


@post("/undurable", status_code=200)
async def undurable(request: Incoming) -> dict[str, bool]:
    verified(request, await request.body())
    return {"received": True}


@post("/durable/{table:str}", status_code=200)
async def durable(request: Incoming, table: FromPath[str]) -> dict[str, bool]:
    body = await request.body()
    it = verified(request, body)
    pool: AsyncConnectionPool = request.app.state.pool
    async with pool.connection() as connection:
        values = (it.id, it.account or "", it.livemode, it.type, body)
        await connection.execute(INSERT[table], values, binary=True)
    return {"received": True}


def app(url: str) -> Litestar:
    @asynccontextmanager
    async def connected(application: Litestar) -> AsyncGenerator[None]:
        kwargs = {"autocommit": True, "prepare_threshold": 0}
        async with AsyncConnectionPool(
            url, min_size=CONNECTIONS, max_size=CONNECTIONS, kwargs=kwargs, open=False
        ) as pool:
            application.state.pool = pool
            yield

    return Litestar(
        [bare, undurable, durable],
        lifespan=[connected],
        openapi_config=None,
        logging_config=None,
    )


if __name__ == "__main__":
    uvicorn.run(app(sys.argv[2]), port=int(sys.argv[1]), log_level="error", access_log=False)
