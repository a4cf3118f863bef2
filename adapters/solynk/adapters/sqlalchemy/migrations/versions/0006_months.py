# ruff: noqa: INP001 - Alembic runs this file by its path
"""Events and audit entries by months, and what it takes to let old ones go.

On PostgreSQL the tables that there are become the first partition, up to the end of the month of
their newest row: no row is copied. Others work until the tables are locked; from then on each row is
read twice. Months are made by `months.py`, and what no month takes lies in a partition for the rest.

An event's key is kept in a table of its own, for no unique key reaches over partitions. A trigger
writes it, so the version before, which runs while this is rolled out, keeps to it as well.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = "source, account, livemode, external_id"
COPY_KEYS = f"INSERT INTO event_keys ({KEY}) SELECT {KEY} FROM events"  # noqa: S608 -- names of our own
INDEXES = {
    "events": (
        ("ix_events_organization_id_id", "organization_id, id", ""),
        ("ix_events_due_at_id", "due_at, id", "due_at IS NOT NULL"),
        ("ix_events_account_due_at_id", "account, due_at, id", "due_at IS NOT NULL"),
        (
            "ix_events_organization_id_reference",
            "organization_id, reference",
            "status = 'unmatched'",
        ),
    ),
    "audit": (
        ("ix_audit_organization_id_at_id", "organization_id, at, id", ""),
        ("ix_audit_organization_id_resource_at_id", "organization_id, resource, at, id", ""),
    ),
}

ONCE = """
CREATE FUNCTION solynk_event_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO event_keys (source, account, livemode, external_id)
  VALUES (NEW.source, NEW.account, NEW.livemode, NEW.external_id) ON CONFLICT DO NOTHING;
  IF FOUND THEN
    RETURN NEW;
  END IF;
  RETURN NULL;
END $$
"""

# The trigger of `audit` names itself as one whose rows a cut may take away.
REFUSE = """
CREATE OR REPLACE FUNCTION solynk_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM pg_catalog.pg_roles
    WHERE rolname = 'solynk_maintenance' AND pg_catalog.pg_has_role(current_user, oid, 'member')
  ) THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD WHEN 'UPDATE' THEN NEW END;
  END IF;
  IF TG_OP = 'DELETE' AND TG_NARGS > 0 THEN
    IF EXISTS (
      SELECT FROM audit_seals s JOIN audit_checkpoints c
      ON c.organization_id = s.organization_id AND c.seq >= s.seq AND c.kind = 'cut'
      WHERE s.entry_id = OLD.id
    ) THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$
"""

REFUSE_BEFORE = """
CREATE OR REPLACE FUNCTION solynk_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
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

# A part is reached through the whole alone: nobody has a right to it, and it has its owner. Triggers
# for rows come from the whole by themselves, that for TRUNCATE does not.
GUARD = """
CREATE FUNCTION solynk_guard_part(parent text, part text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE it record;
BEGIN
  FOR it IN
    SELECT DISTINCT grantee FROM pg_class, aclexplode(relacl)
    WHERE oid = to_regclass(quote_ident(part)) AND grantee <> relowner
  LOOP
    EXECUTE format(
      'REVOKE ALL ON %I FROM %s', part,
      CASE it.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(it.grantee)) END
    );
  END LOOP;
  IF parent = 'audit' THEN
    EXECUTE format(
      'CREATE TRIGGER audit_append_only_truncate BEFORE TRUNCATE ON %I'
      ' FOR EACH STATEMENT EXECUTE FUNCTION solynk_append_only()', part
    );
  END IF;
  EXECUTE (
    SELECT format('ALTER TABLE %I OWNER TO %I', part, pg_get_userbyid(relowner))
    FROM pg_class WHERE oid = to_regclass(quote_ident(parent))
  );
END $$
"""

# False where the month is there: by its name, in a part that covers more, or with rows in the rest.
ADD = """
CREATE FUNCTION solynk_add_part(parent text, part text, low text, high text)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE taken boolean;
BEGIN
  IF to_regclass(quote_ident(part)) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE id >= %L AND id < %L)', parent, low, high)
  INTO taken;
  IF taken THEN
    RETURN false;
  END IF;
  BEGIN
    EXECUTE format(
      'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', part, parent, low, high
    );
  EXCEPTION WHEN invalid_object_definition OR check_violation THEN
    RETURN false;
  END;
  PERFORM solynk_guard_part(parent, part);
  RETURN true;
END $$
"""

COPY_RIGHTS = """
DO $$
DECLARE it record;
BEGIN
  FOR it IN
    SELECT DISTINCT grantee FROM pg_class, aclexplode(relacl)
    WHERE oid = '{new}'::regclass AND grantee <> relowner
  LOOP
    EXECUTE format(
      'REVOKE ALL ON {new} FROM %s',
      CASE it.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(it.grantee)) END
    );
  END LOOP;
  FOR it IN
    SELECT grantee, privilege_type FROM pg_class, aclexplode(relacl)
    WHERE oid = '{old}'::regclass AND grantee <> relowner
  LOOP
    EXECUTE format(
      'GRANT %s ON {new} TO %s', it.privilege_type,
      CASE it.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(it.grantee)) END
    );
  END LOOP;
END $$
"""

OWN = """
DO $$ BEGIN
  EXECUTE (
    SELECT format('ALTER TABLE {new} OWNER TO %I', pg_get_userbyid(relowner))
    FROM pg_class WHERE oid = '{old}'::regclass
  );
END $$
"""


def upgrade() -> None:
    op.create_table(
        "event_keys",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "source", "account", "livemode", "external_id", name=op.f("pk_event_keys")
        ),
    )
    op.create_table(
        "retention",
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("upto", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_retention")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _part_tables()
    else:
        _guard_sqlite()
    op.create_index(
        op.f("ix_audit_checkpoints_organization_id_seq"),
        "audit_checkpoints",
        ["organization_id", "seq"],
        unique=False,
        postgresql_where=sa.text("kind = 'cut'"),
        sqlite_where=sa.text("kind = 'cut'"),
    )
    # The version before leaves the column out.
    op.add_column(
        "organizations",
        sa.Column("legal_hold", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def _part_tables() -> None:
    for function in (ONCE, REFUSE, GUARD, ADD):
        op.execute(function)
    _keep_keys()
    op.execute(COPY_RIGHTS.format(new="event_keys", old="events"))
    op.execute("ALTER TABLE events DROP CONSTRAINT uq_events_source_account_livemode_external_id")
    op.execute("DROP TRIGGER audit_append_only_rows ON audit")
    op.execute("DROP TRIGGER audit_append_only_truncate ON audit")
    for table in ("events", "audit"):
        _part(table)
    op.execute(
        "CREATE TRIGGER events_once BEFORE INSERT ON events"
        " FOR EACH ROW EXECUTE FUNCTION solynk_event_once()"
    )
    op.execute(
        "CREATE TRIGGER audit_append_only_rows BEFORE UPDATE OR DELETE ON audit"
        " FOR EACH ROW EXECUTE FUNCTION solynk_append_only('cut')"
    )
    op.execute(
        "CREATE TRIGGER audit_append_only_truncate BEFORE TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION solynk_append_only()"
    )


def _keep_keys() -> None:
    """Others go on writing meanwhile. What they wrote is told by its transaction, once none does."""
    oldest = "SELECT txid_snapshot_xmin(txid_current_snapshot()) % 4294967296"
    began = op.get_bind().execute(sa.text(oldest)).scalar_one()
    op.execute(COPY_KEYS)
    op.execute("LOCK TABLE events, audit IN ACCESS EXCLUSIVE MODE")
    op.execute(f"{COPY_KEYS} WHERE age(xmin) <= age('{began}'::xid) ON CONFLICT DO NOTHING")


def _part(table: str) -> None:
    before, end = f"{table}_before", _end_of(table)
    op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT pk_{table} TO pk_{before}")
    for name, _, _ in INDEXES[table]:
        op.execute(f"ALTER INDEX {name} RENAME TO {name.replace(table, before)}")
    op.execute(f"ALTER TABLE {table} RENAME TO {before}")
    op.execute(
        f"CREATE TABLE {table} (LIKE {before} INCLUDING ALL EXCLUDING INDEXES)"
        " PARTITION BY RANGE (id)"
    )
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY (id)")
    for name, columns, condition in INDEXES[table]:
        _index(name, table, columns, condition)
    _as_the_same(table, before)
    if end is None:
        op.execute(f"DROP TABLE {before}")
    else:
        op.execute(
            f"ALTER TABLE {table} ATTACH PARTITION {before} FOR VALUES FROM (MINVALUE) TO ('{end}')"
        )
        op.execute(f"SELECT solynk_guard_part('{table}', '{before}')")
    op.execute(f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT")
    op.execute(f"SELECT solynk_guard_part('{table}', '{table}_rest')")


def _as_the_same(new: str, old: str) -> None:
    """Whoever could use the old table can use the new one, and nobody else."""
    op.execute(COPY_RIGHTS.format(new=new, old=old))
    op.execute(OWN.format(new=new, old=old))


def _end_of(table: str) -> str | None:
    """The first id of the month after the newest row; None where there is no row."""
    newest = sa.text(f"SELECT id FROM {table} ORDER BY id DESC LIMIT 1")  # noqa: S608 -- names of our own
    row = op.get_bind().execute(newest).first()
    if row is None:
        return None
    milliseconds = UUID(str(row[0])).int >> 80
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    month = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = (month + timedelta(days=32)).replace(day=1)
    first = int(end.timestamp() * 1000) << 80 | 0x7 << 76 | 0x8 << 60
    return str(UUID(int=first))


def _index(name: str, table: str, columns: str, condition: str) -> None:
    where = f" WHERE {condition}" if condition else ""
    op.execute(f"CREATE INDEX {name} ON {table} ({columns}){where}")


def _guard_sqlite() -> None:
    op.execute(COPY_KEYS)
    with op.batch_alter_table("events") as events:
        events.drop_constraint("uq_events_source_account_livemode_external_id", type_="unique")
    op.execute(
        "CREATE TRIGGER events_once BEFORE INSERT ON events WHEN EXISTS ("
        " SELECT 1 FROM event_keys it WHERE it.source = NEW.source AND it.account = NEW.account"
        " AND it.livemode = NEW.livemode AND it.external_id = NEW.external_id"
        ") BEGIN SELECT RAISE(IGNORE); END"
    )
    op.execute(
        "CREATE TRIGGER events_known AFTER INSERT ON events BEGIN"
        " INSERT INTO event_keys (source, account, livemode, external_id)"
        " VALUES (NEW.source, NEW.account, NEW.livemode, NEW.external_id); END"
    )
    op.execute("DROP TRIGGER audit_append_only_delete")
    op.execute(
        "CREATE TRIGGER audit_append_only_delete BEFORE DELETE ON audit WHEN NOT EXISTS ("
        " SELECT 1 FROM audit_seals s JOIN audit_checkpoints c"
        " ON c.organization_id = s.organization_id AND c.seq >= s.seq AND c.kind = 'cut'"
        " WHERE s.entry_id = OLD.id"
        ") BEGIN SELECT RAISE(ABORT, 'audit is append-only: DELETE is refused'); END"
    )


def downgrade() -> None:
    op.drop_column("organizations", "legal_hold")
    op.drop_index(
        op.f("ix_audit_checkpoints_organization_id_seq"),
        table_name="audit_checkpoints",
        postgresql_where=sa.text("kind = 'cut'"),
        sqlite_where=sa.text("kind = 'cut'"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _whole_tables()
    else:
        _unguard_sqlite()
    op.drop_table("retention")
    op.drop_table("event_keys")


def _whole_tables() -> None:
    """Every row is copied."""
    for table in ("events", "audit"):
        _whole(table)
    op.execute(
        "ALTER TABLE events ADD CONSTRAINT uq_events_source_account_livemode_external_id"
        f" UNIQUE ({KEY})"
    )
    op.execute(REFUSE_BEFORE)
    for name, when, each in (
        ("rows", "UPDATE OR DELETE", "ROW"),
        ("truncate", "TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER audit_append_only_{name} BEFORE {when} ON audit"
            f" FOR EACH {each} EXECUTE FUNCTION solynk_append_only()"
        )
    for function in (
        "solynk_event_once()",
        "solynk_add_part(text, text, text, text)",
        "solynk_guard_part(text, text)",
    ):
        op.execute(f"DROP FUNCTION {function}")


def _whole(table: str) -> None:
    parts = f"{table}_parts"
    op.execute(f"ALTER TABLE {table} RENAME TO {parts}")
    op.execute(f"CREATE TABLE {table} (LIKE {parts} INCLUDING ALL EXCLUDING INDEXES)")
    op.execute(f"INSERT INTO {table} SELECT * FROM {parts}")  # noqa: S608 -- names of our own
    _as_the_same(table, parts)
    op.execute(f"DROP TABLE {parts}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY (id)")
    for name, columns, condition in INDEXES[table]:
        _index(name, table, columns, condition)


def _unguard_sqlite() -> None:
    op.execute("DROP TRIGGER events_once")
    op.execute("DROP TRIGGER events_known")
    with op.batch_alter_table("events") as events:
        events.create_unique_constraint(
            "uq_events_source_account_livemode_external_id",
            ["source", "account", "livemode", "external_id"],
        )
    op.execute("DROP TRIGGER audit_append_only_delete")
    op.execute(
        "CREATE TRIGGER audit_append_only_delete BEFORE DELETE ON audit"
        " BEGIN SELECT RAISE(ABORT, 'audit is append-only: DELETE is refused'); END"
    )
