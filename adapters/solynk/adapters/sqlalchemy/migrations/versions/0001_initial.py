# ruff: noqa: INP001 - Alembic runs this file by its path
"""The tables of the first version."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "accesses",
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("customer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("channel_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("desired", sa.String(32), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("may_be_inside", sa.Boolean(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("acted_on", sa.Text(), nullable=True),
        sa.Column("claim_offered", sa.Boolean(), nullable=False),
        sa.Column("inside_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_accesses")),
        sa.UniqueConstraint(
            "organization_id",
            "customer_id",
            "channel_id",
            name=op.f("uq_accesses_organization_id_customer_id_channel_id"),
        ),
    )
    op.create_index(
        op.f("ix_accesses_organization_id_channel_id_may_be_inside"),
        "accesses",
        ["organization_id", "channel_id", "may_be_inside"],
        unique=False,
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index(
        op.f("ix_alerts_kind_subject"),
        "alerts",
        ["kind", "subject"],
        unique=True,
        postgresql_where=sa.text("resolved_at IS NULL AND organization_id IS NULL"),
        sqlite_where=sa.text("resolved_at IS NULL AND organization_id IS NULL"),
    )
    op.create_index(
        op.f("ix_alerts_organization_id_kind_subject"),
        "alerts",
        ["organization_id", "kind", "subject"],
        unique=True,
        postgresql_where=sa.text("resolved_at IS NULL"),
        sqlite_where=sa.text("resolved_at IS NULL"),
    )
    op.create_index(
        op.f("ix_alerts_organization_id_opened_at_id"),
        "alerts",
        ["organization_id", "opened_at", "id"],
        unique=False,
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("correlation", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(
        op.f("ix_audit_organization_id_at_id"),
        "audit",
        ["organization_id", "at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audit_organization_id_resource_at_id"),
        "audit",
        ["organization_id", "resource", "at", "id"],
        unique=False,
    )
    op.create_table(
        "brakes",
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("channel_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("window_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expulsions", sa.Integer(), nullable=False),
        sa.Column("engaged", sa.Boolean(), nullable=False),
        sa.Column("released_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "channel_id", name=op.f("pk_brakes")),
    )
    op.create_table(
        "channels",
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("join_link", sa.Text(), nullable=True),
        sa.Column("health", sa.String(32), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("removals", sa.String(32), nullable=False),
        sa.Column("never_remove", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_channels")),
        sa.UniqueConstraint("platform", "chat", name=op.f("uq_channels_platform_chat")),
    )
    op.create_table(
        "checkouts",
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("customer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("plan_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_checkouts")),
    )
    op.create_index(
        op.f("ix_checkouts_organization_id_customer_id_plan_id"),
        "checkouts",
        ["organization_id", "customer_id", "plan_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
        sqlite_where=sa.text("status = 'open'"),
    )
    op.create_index(
        op.f("ix_checkouts_organization_id_reference"),
        "checkouts",
        ["organization_id", "reference"],
        unique=False,
    )
    op.create_table(
        "claims",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("customer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_claims")),
    )
    op.create_table(
        "commands",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("order", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("correlation", sa.Text(), nullable=False),
        sa.Column("caused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commands")),
    )
    op.create_index(
        op.f("ix_commands_due_at_id"),
        "commands",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('ready', 'leased')"),
        sqlite_where=sa.text("status IN ('ready', 'leased')"),
    )
    op.create_index(
        op.f("ix_commands_lane_due_at_id"),
        "commands",
        ["lane", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('ready', 'leased')"),
        sqlite_where=sa.text("status IN ('ready', 'leased')"),
    )
    op.create_index(
        op.f("ix_commands_organization_id_created_at_id"),
        "commands",
        ["organization_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_commands_subject"),
        "commands",
        ["subject"],
        unique=True,
        postgresql_where=sa.text("status IN ('ready', 'leased', 'parked')"),
        sqlite_where=sa.text("status IN ('ready', 'leased', 'parked')"),
    )
    op.create_table(
        "customers",
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_customers")),
    )
    op.create_index(
        op.f("ix_customers_due_at"),
        "customers",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
        sqlite_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("correlation", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decoder", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint(
            "source",
            "account",
            "livemode",
            "external_id",
            name=op.f("uq_events_source_account_livemode_external_id"),
        ),
    )
    op.create_index(
        op.f("ix_events_due_at_id"),
        "events",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
        sqlite_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_events_organization_id_id"), "events", ["organization_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_events_organization_id_reference"),
        "events",
        ["organization_id", "reference"],
        unique=False,
        postgresql_where=sa.text("status = 'unmatched'"),
        sqlite_where=sa.text("status = 'unmatched'"),
    )
    op.create_table(
        "facts",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("customer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("subscription_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("event_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_facts")),
        sa.UniqueConstraint(
            "organization_id",
            "customer_id",
            "digest",
            name=op.f("uq_facts_organization_id_customer_id_digest"),
        ),
    )
    op.create_index(
        op.f("ix_facts_organization_id_kind_object"),
        "facts",
        ["organization_id", "kind", "object"],
        unique=False,
    )
    op.create_table(
        "identities",
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("customer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id", "customer_id", "platform", name=op.f("pk_identities")
        ),
        sa.UniqueConstraint(
            "organization_id",
            "platform",
            "person",
            name=op.f("uq_identities_organization_id_platform_person"),
        ),
    )
    op.create_table(
        "lanes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lanes")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "payment_accounts",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_payment_accounts")),
    )
    op.create_table(
        "organizations",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("payment_account", sa.Text(), nullable=True),
        sa.Column("removals_stopped", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
        sa.UniqueConstraint("slug", name=op.f("uq_organizations_slug")),
    )
    op.create_table(
        "plans",
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("product_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("price_currency", sa.String(length=3), nullable=False),
        sa.Column("interval", sa.String(32), nullable=False),
        sa.Column("trial_days", sa.Integer(), nullable=False),
        sa.Column("access_days", sa.Integer(), nullable=True),
        sa.Column("grace_days", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_plans")),
    )
    op.create_table(
        "products",
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("opens", sa.Text(), nullable=False),
        sa.Column("closed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_products")),
    )
    op.create_table(
        "reads",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "account", "object", name=op.f("pk_reads")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("customer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("product_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("plan_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("access_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint(
            "organization_id",
            "provider",
            "account",
            "reference",
            name=op.f("uq_subscriptions_organization_id_provider_account_reference"),
        ),
    )
    op.create_index(
        op.f("ix_subscriptions_organization_id_customer_id"),
        "subscriptions",
        ["organization_id", "customer_id"],
        unique=False,
    )
    _compress_bodies()


def downgrade() -> None:
    op.drop_index(op.f("ix_subscriptions_organization_id_customer_id"), table_name="subscriptions")
    op.drop_table("subscriptions")
    op.drop_table("reads")
    op.drop_table("products")
    op.drop_table("plans")
    op.drop_table("organizations")
    op.drop_table("payment_accounts")
    op.drop_table("leases")
    op.drop_table("lanes")
    op.drop_table("identities")
    op.drop_index(op.f("ix_facts_organization_id_kind_object"), table_name="facts")
    op.drop_table("facts")
    op.drop_index(
        op.f("ix_events_organization_id_reference"),
        table_name="events",
        postgresql_where=sa.text("status = 'unmatched'"),
        sqlite_where=sa.text("status = 'unmatched'"),
    )
    op.drop_index(op.f("ix_events_organization_id_id"), table_name="events")
    op.drop_index(
        op.f("ix_events_due_at_id"),
        table_name="events",
        postgresql_where=sa.text("due_at IS NOT NULL"),
        sqlite_where=sa.text("due_at IS NOT NULL"),
    )
    op.drop_table("events")
    op.drop_index(
        op.f("ix_customers_due_at"),
        table_name="customers",
        postgresql_where=sa.text("due_at IS NOT NULL"),
        sqlite_where=sa.text("due_at IS NOT NULL"),
    )
    op.drop_table("customers")
    op.drop_index(
        op.f("ix_commands_subject"),
        table_name="commands",
        postgresql_where=sa.text("status IN ('ready', 'leased', 'parked')"),
        sqlite_where=sa.text("status IN ('ready', 'leased', 'parked')"),
    )
    op.drop_index(op.f("ix_commands_organization_id_created_at_id"), table_name="commands")
    op.drop_index(
        op.f("ix_commands_lane_due_at_id"),
        table_name="commands",
        postgresql_where=sa.text("status IN ('ready', 'leased')"),
        sqlite_where=sa.text("status IN ('ready', 'leased')"),
    )
    op.drop_index(
        op.f("ix_commands_due_at_id"),
        table_name="commands",
        postgresql_where=sa.text("status IN ('ready', 'leased')"),
        sqlite_where=sa.text("status IN ('ready', 'leased')"),
    )
    op.drop_table("commands")
    op.drop_table("claims")
    op.drop_index(op.f("ix_checkouts_organization_id_reference"), table_name="checkouts")
    op.drop_index(
        op.f("ix_checkouts_organization_id_customer_id_plan_id"),
        table_name="checkouts",
        postgresql_where=sa.text("status = 'open'"),
        sqlite_where=sa.text("status = 'open'"),
    )
    op.drop_table("checkouts")
    op.drop_table("channels")
    op.drop_table("brakes")
    op.drop_index(op.f("ix_audit_organization_id_resource_at_id"), table_name="audit")
    op.drop_index(op.f("ix_audit_organization_id_at_id"), table_name="audit")
    op.drop_table("audit")
    op.drop_index(op.f("ix_alerts_organization_id_opened_at_id"), table_name="alerts")
    op.drop_index(
        op.f("ix_alerts_organization_id_kind_subject"),
        table_name="alerts",
        postgresql_where=sa.text("resolved_at IS NULL"),
        sqlite_where=sa.text("resolved_at IS NULL"),
    )
    op.drop_index(
        op.f("ix_alerts_kind_subject"),
        table_name="alerts",
        postgresql_where=sa.text("resolved_at IS NULL AND organization_id IS NULL"),
        sqlite_where=sa.text("resolved_at IS NULL AND organization_id IS NULL"),
    )
    op.drop_table("alerts")
    op.drop_index(
        op.f("ix_accesses_organization_id_channel_id_may_be_inside"), table_name="accesses"
    )
    op.drop_table("accesses")


def _compress_bodies() -> None:
    """Raw payloads in lz4, where the server has it: half the processor time of the default."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    methods = "SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression'"
    known = connection.execute(sa.text(methods)).scalar()
    if known is not None and "lz4" in known:
        op.execute("ALTER TABLE events ALTER COLUMN body SET COMPRESSION lz4")
