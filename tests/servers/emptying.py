"""Takes everything out of a database, also what nobody may take out."""

from sqlalchemy import Connection, delete, text

from solynk.adapters.sqlalchemy.tables import metadata


def without_guards(connection: Connection) -> list[str]:
    """Let this transaction change what is append-only; what `with_guards` needs to end that."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return []
    listed = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    triggers = [(str(name), str(made)) for name, made in listed]
    for name, _ in triggers:
        connection.execute(text(f"DROP TRIGGER {name}"))
    return [made for _, made in triggers]


def with_guards(connection: Connection, dropped: list[str]) -> None:
    for made in dropped:
        connection.exec_driver_sql(made)


def empty(connection: Connection) -> None:
    """Row by row, which is many times faster than truncating small tables."""
    dropped = without_guards(connection)
    for table in metadata.sorted_tables:
        connection.execute(delete(table))
    with_guards(connection, dropped)
