"""A store in PostgreSQL or SQLite: SQLAlchemy Core, one repository class per protocol."""

from importlib.util import find_spec

if find_spec("sqlalchemy") is None or find_spec("alembic") is None:
    raise ModuleNotFoundError(
        "a store in a database needs SQLAlchemy and Alembic: pip install '.[postgresql]',"
        " or '.[sqlalchemy]' for SQLite alone, in a clone of the repository",
        name="sqlalchemy",
    )
