# ruff: noqa: INP001 - Alembic runs this file by its path
"""How Alembic runs our migrations: on the connection that it is given, see `schema.settings`."""

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from solynk.adapters.sqlalchemy.tables import metadata


def plain_type(kind: str, it: object, _: Any) -> str | Literal[False]:  # noqa: ANN401 - Alembic's
    """What a type of ours is in the database: a revision outlives our classes."""
    if kind == "type" and isinstance(it, TypeDecorator):
        return f"sa.{it.impl!r}"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=plain_type,
)
with context.begin_transaction():
    context.run_migrations()
