# ruff: noqa: INP001 - Alembic runs this file by its path
"""Indexes by which waiting rows are taken in rounds over those who own them."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CLAIMABLE: Final = "status IN ('ready', 'leased')"
DUE: Final = "due_at IS NOT NULL"


def upgrade() -> None:
    _index("commands", ["organization_id", "due_at", "id"], CLAIMABLE)
    _index("events", ["account", "due_at", "id"], DUE)


def downgrade() -> None:
    op.drop_index(op.f("ix_events_account_due_at_id"), table_name="events")
    op.drop_index(op.f("ix_commands_organization_id_due_at_id"), table_name="commands")


def _index(table: str, columns: list[str], condition: str) -> None:
    """Small, whatever the size of the table: only what waits is in it."""
    op.create_index(
        op.f(f"ix_{table}_{'_'.join(columns)}"),
        table,
        columns,
        postgresql_where=sa.text(condition),
        sqlite_where=sa.text(condition),
    )
