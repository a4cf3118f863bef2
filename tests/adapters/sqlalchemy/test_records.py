"""Whoever adds a field to a value is told here that it needs a column."""

import pytest
from msgspec import Struct
from sqlalchemy.dialects import sqlite

from solynk.adapters.sqlalchemy import (
    auditing,
    catalog,
    commands,
    customers,
    events,
    operations,
    purchases,
)
from solynk.adapters.sqlalchemy.records import Records
from solynk.adapters.sqlalchemy.statements import Rows
from solynk.adapters.sqlalchemy.tables import metadata

MODULES = (auditing, catalog, commands, customers, events, operations, purchases)
TWO_COLUMNS = {"price": {"price_minor", "price_currency"}}
OURS_ALONE = {
    "accesses": {"may_be_inside"},
    "facts": {"number", "kind", "object", "digest"},
}


EVERY: list[Records[Struct]] = [
    it for module in MODULES for it in vars(module).values() if isinstance(it, Records)
]


@pytest.mark.parametrize("records", EVERY, ids=lambda it: it.type.__name__)
def test_each_field_has_its_column(records: Records[Struct]) -> None:
    fields = {
        column
        for field in records.type.__struct_fields__
        for column in TWO_COLUMNS.get(field, {field})
    }

    columns = set(records.table.c.keys()) - OURS_ALONE.get(records.table.name, set())

    assert columns == fields


def test_no_table_is_forgotten() -> None:
    """Numbers, leases, accounts, keys, and how far a chain or a run is are no values of ours."""
    stored = {it.table.name for it in EVERY}

    ours = {"reads", "leases", "payment_accounts", "audit_unsealed", "audit_chains"}
    ours |= {"event_keys", "retention"}
    assert stored == set(metadata.tables) - ours


def test_bytes_are_never_written_as_json() -> None:
    """They would be stored, as the text of something else."""
    with pytest.raises(TypeError, match="audit_seals"):
        Rows(metadata.tables["audit_seals"], sqlite.dialect())
