"""Says which extra is not installed. It imports nothing that is one itself."""

from collections.abc import Mapping
from typing import Final

_EXTRAS: Final[Mapping[str, str]] = {
    "aiogram": "telegram",
    "aiosqlite": "sqlalchemy",
    "alembic": "sqlalchemy",
    "cryptography": "crypto",
    "dependency_injector": "cli",
    "httptools": "api",
    "httpx": "sandbox",
    "jinja2": "sandbox",
    "litestar": "api",
    "prometheus_client": "cli",
    "psycopg": "postgresql",
    "redis": "taskiq",
    "sqlalchemy": "sqlalchemy",
    "stripe": "stripe",
    "taskiq": "taskiq",
    "taskiq_redis": "taskiq",
    "uvicorn": "api",
    "uvloop": "api",
}
"""By the package that is imported; pyproject.toml says the same the other way round."""


def words_for(missing: ModuleNotFoundError) -> str:
    """The sentence for the package that could not be imported.

    Raises:
        ModuleNotFoundError: it belongs to no extra, so that the fault is in the code.
    """
    package = (missing.name or "").partition(".")[0]
    if package not in _EXTRAS:
        raise missing
    return (
        f"the extra {_EXTRAS[package]} is not installed ({package} is missing): "
        "run `pip install '.[all]'` in a clone of the repository"
    )
