"""An engine with the settings that the store relies on."""

from datetime import timedelta
from importlib.util import find_spec
from typing import Any, Final

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

CONNECT_WITHIN: Final = timedelta(seconds=3)
WAIT_FOR_TURN: Final = timedelta(seconds=10)
LOCK_WITHIN: Final = timedelta(seconds=5)
ANSWER_WITHIN: Final = timedelta(seconds=15)
IDLE_WITHIN: Final = timedelta(seconds=60)

_DRIVERS: Final = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "sqlite": "sqlite+aiosqlite",
}


def connect(url: str) -> AsyncEngine:
    """An engine for `postgresql://…` or `sqlite:///…`; it connects when it is first used.

    Raises:
        ValueError: the address is for neither of them, and says what to write.
    """
    address = make_url(url)
    address = address.set(drivername=_DRIVERS.get(address.drivername, address.drivername))
    match address.get_backend_name():
        case "sqlite":
            return _sqlite(address)
        case "postgresql":
            return _postgresql(address)
        case other:
            raise ValueError(f"a database of {other}: use postgresql://… or sqlite:///…")


def _postgresql(address: URL) -> AsyncEngine:
    """A server that is gone, or half gone, is noticed within seconds."""
    if find_spec("psycopg") is None:
        raise ModuleNotFoundError(
            "PostgreSQL needs psycopg: pip install '.[postgresql]' in a clone of the repository",
            name="psycopg",
        )
    timeouts = {
        "statement_timeout": ANSWER_WITHIN,
        "lock_timeout": LOCK_WITHIN,
        "idle_in_transaction_session_timeout": IDLE_WITHIN,
    }
    options = [f"-c {name}={_milliseconds(value)}" for name, value in timeouts.items()]
    options += [
        "-c synchronous_commit=on"
    ]  # what was answered survives a crash, whoever set it off
    arguments: dict[str, Any] = {
        "connect_timeout": int(CONNECT_WITHIN.total_seconds()),
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": _milliseconds(2 * CONNECT_WITHIN),
        "options": " ".join([*options, "-c timezone=UTC"]),
    }
    engine = create_async_engine(
        address,
        pool_pre_ping=True,
        hide_parameters=True,  # an error must not carry what the rows hold
        pool_timeout=WAIT_FOR_TURN.total_seconds(),
        connect_args=arguments,
    )
    event.listen(engine.sync_engine, "connect", _compress)
    return engine


def _compress(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    """Payloads by lz4, where the server has it: its default costs more than the rest of an insert."""
    del entry
    cursor = connection.cursor()
    cursor.execute(
        "SELECT set_config(name, 'lz4', false) FROM pg_settings"
        " WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"
    )
    cursor.close()
    connection.commit()  # or the setting would go with the transaction


def _sqlite(address: URL) -> AsyncEngine:
    """One connection, whose queue is fair: SQLite has one writer, and its own waiting is not."""
    if address.database in {None, "", ":memory:"}:
        raise ValueError("SQLite needs a file, such as sqlite:///solynk.db")
    engine = create_async_engine(
        address,
        pool_size=1,
        max_overflow=0,
        pool_timeout=WAIT_FOR_TURN.total_seconds(),
        hide_parameters=True,  # the same
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    del entry
    connection.isolation_level = None
    cursor = connection.cursor()
    for setting in (
        "journal_mode = WAL",
        "synchronous = FULL",  # a commit that was answered survives a power cut
        f"busy_timeout = {_milliseconds(LOCK_WITHIN)}",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Write from the start: a read that becomes a write fails at once if another one wrote."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _milliseconds(length: timedelta) -> int:
    return int(length.total_seconds() * 1000)
