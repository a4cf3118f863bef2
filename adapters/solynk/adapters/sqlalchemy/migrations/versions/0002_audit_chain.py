# ruff: noqa: INP001 - Alembic runs this file by its path
"""The chain of audit entries, and the refusal to change what was written down.

Entries, seals and checkpoints are only ever added. On PostgreSQL whoever was granted more loses it,
and a trigger refuses the owner too, but for members of the role `solynk_maintenance`. A trigger for
rows is also one of each partition, should the tables become partitioned. SQLite has no roles: there
the triggers guard against slips alone.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPEND_ONLY = ("audit", "audit_seals", "audit_checkpoints")

REFUSE = """
CREATE FUNCTION solynk_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM pg_catalog.pg_roles
    WHERE rolname = 'solynk_maintenance' AND pg_catalog.pg_has_role(current_user, oid, 'member')
  ) THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD WHEN 'UPDATE' THEN NEW END;
  END IF;
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$
"""

REVOKE = """
DO $$
DECLARE it record;
BEGIN
  FOR it IN
    SELECT DISTINCT table_name, grantee FROM information_schema.role_table_grants
    WHERE table_schema = current_schema()
      AND table_name IN ('audit', 'audit_seals', 'audit_checkpoints')
      AND privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')
      AND grantee NOT IN (current_user, 'solynk_maintenance')
  LOOP
    EXECUTE format(
      'REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM %s', it.table_name,
      CASE it.grantee WHEN 'PUBLIC' THEN 'PUBLIC' ELSE quote_ident(it.grantee) END
    );
  END LOOP;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "audit_chains",
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signed_seq", sa.BigInteger(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_audit_chains")),
    )
    op.create_index(
        op.f("ix_audit_chains_signed_at"),
        "audit_chains",
        ["signed_at"],
        unique=False,
        postgresql_where=sa.text("signed_seq IS NULL OR signed_seq < seq"),
        sqlite_where=sa.text("signed_seq IS NULL OR signed_seq < seq"),
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id", "seq", "kind", name=op.f("pk_audit_checkpoints")
        ),
    )
    op.create_table(
        "audit_seals",
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "seq", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_seals_entry_id")),
    )
    op.create_table(
        "audit_unsealed",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_unsealed")),
    )
    op.execute("INSERT INTO audit_unsealed (id) SELECT id FROM audit")
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _guard_postgresql() -> None:
    op.execute(REVOKE)
    op.execute(REFUSE)
    for table in APPEND_ONLY:
        for name, when in (("rows", "UPDATE OR DELETE"), ("truncate", "TRUNCATE")):
            each = "ROW" if name == "rows" else "STATEMENT"
            op.execute(
                f"CREATE TRIGGER {table}_append_only_{name} BEFORE {when} ON {table}"
                f" FOR EACH {each} EXECUTE FUNCTION solynk_append_only()"
            )


def _guard_sqlite() -> None:
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_append_only_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only: {verb} is refused'); END"
            )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in ("rows", "truncate"):
            op.execute(f"DROP TRIGGER audit_append_only_{name} ON audit")
    else:
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER audit_append_only_{verb}")
    op.drop_table("audit_unsealed")
    op.drop_table("audit_seals")
    op.drop_table("audit_checkpoints")
    op.drop_index(
        op.f("ix_audit_chains_signed_at"),
        table_name="audit_chains",
        postgresql_where=sa.text("signed_seq IS NULL OR signed_seq < seq"),
        sqlite_where=sa.text("signed_seq IS NULL OR signed_seq < seq"),
    )
    op.drop_table("audit_chains")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION solynk_append_only()")
