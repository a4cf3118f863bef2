"""What the tables are made of."""

from typing import Any, Final

from sqlalchemy import Column, MetaData, text

from solynk.adapters.sqlalchemy.columns import ChainOwner, Id

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def owner(*, key: bool = False) -> Column[Any]:
    return Column("organization_id", Id, key="organization", primary_key=key, nullable=False)


def maybe_owner() -> Column[Any]:
    return Column("organization_id", Id, key="organization")


def chain(*, key: bool = False) -> Column[Any]:
    """Whose chain of audit entries it is."""
    it = ChainOwner()
    return Column("organization_id", it, key="organization", primary_key=key, nullable=False)


def own_id() -> Column[Any]:
    return Column("id", Id, primary_key=True)


def ref(name: str, *, nullable: bool = False, key: bool = False) -> Column[Any]:
    return Column(f"{name}_id", Id, key=name, nullable=nullable, primary_key=key)


def some(name: str, it: Any, *, key: bool = False) -> Column[Any]:  # noqa: ANN401 - a type
    return Column(name, it, nullable=False, primary_key=key)


def where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}
