"""The one table from the databases' errors to ours."""

import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from solynk.ports.errors import Lost, PortError, Refused, Unavailable

NOT_MIGRATED: Final = "the tables are not those of this version: run `solynk migrate`"

_NOT_MIGRATED: Final = frozenset({"42703", "42P01"})
_NEVER_REACHED: Final = "08"
_UNREACHED: Final = (
    re.compile(r'server at "(?P<host>[^"]+)"[^,]*, port (?P<port>\d+) failed: (?P<why>[^\n]+)'),
    re.compile(r'server on socket "(?P<host>[^"]+)" failed: (?P<why>[^\n]+)'),
    re.compile(r"failed to resolve host '(?P<host>[^']+)': (?:\[Errno -?\d+\] )?(?P<why>[^\n]+)"),
)
"""What libpq and psycopg say."""

_BY_CODE: Final[Mapping[str, type[PortError]]] = {
    "08": Unavailable,  # connection exceptions
    "23505": Lost,  # unique_violation: two wrote at once; the second try meets the other's row
    "25P03": Unavailable,  # idle_in_transaction_session_timeout
    "40": Lost,  # serialization failures and deadlocks
    "42703": Unavailable,  # undefined_column
    "42P01": Unavailable,  # undefined_table
    "53": Unavailable,  # out of memory, disk or connections
    "55P03": Lost,  # lock_timeout
    "57": Unavailable,  # statement_timeout, shutdown, starting up
    "58": Unavailable,  # errors of the system around the server
    "SQLITE_BUSY": Unavailable,
    "SQLITE_CANTOPEN": Unavailable,
    "SQLITE_CONSTRAINT_PRIMARYKEY": Lost,
    "SQLITE_CONSTRAINT_UNIQUE": Lost,
    "SQLITE_FULL": Unavailable,
    "SQLITE_IOERR": Unavailable,
    "SQLITE_LOCKED": Unavailable,
    "SQLITE_READONLY": Unavailable,
}
"""By SQLSTATE or SQLite's name, the longest beginning that fits.

postgresql.org/docs/current/errcodes-appendix.html and sqlite.org/rescode.html.
"""


@contextmanager
def port_errors() -> Generator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise translated(error) from error


def translated(error: SQLAlchemyError) -> PortError:
    match error:
        case PoolTimeout():
            return Unavailable("database", "every connection is in use")
        case DBAPIError(connection_invalidated=True):
            return Unavailable("database", "the connection was lost")
        case StatementError() if words := _not_reached(error.orig):
            return Unavailable("database", words)
        case StatementError():
            code = _code(error)
            reason = NOT_MIGRATED if code in _NOT_MIGRATED else type(error.orig).__name__
            return _kind(code)("database", f"{reason} {code}".strip())
        case _:
            return Refused("database", str(error))


def _not_reached(cause: BaseException | None) -> str:
    """Where psycopg could not connect to, and why. Its own words hold no password, but much else."""
    told = [found for it in _UNREACHED if (found := it.search(str(cause)))]
    if not told:
        return ""
    parts = told[0].groupdict()
    place = ":".join(it for it in (parts["host"], parts.get("port")) if it)
    return f"cannot connect to {place}: {parts['why'][:1].lower()}{parts['why'][1:]}"


def _code(error: StatementError) -> str:
    cause = error.orig
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    if isinstance(code, str):
        return "42P01" if code == "SQLITE_ERROR" and _misses_table(str(cause)) else code
    return _NEVER_REACHED if isinstance(error, OperationalError | InterfaceError) else ""


def _misses_table(message: str) -> bool:
    return message.startswith(("no such table", "no such column")) or "has no column" in message


def _kind(code: str) -> type[PortError]:
    fitting = [it for it in _BY_CODE if code.startswith(it)]
    return _BY_CODE[max(fitting, key=len)] if fitting else Refused
