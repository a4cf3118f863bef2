"""What a process loads before it has read its settings: each second and mebibyte of it is waited for."""

import subprocess
import sys
from typing import Final

import pytest

LATER: Final = frozenset(
    {"aiogram", "aiohttp", "alembic", "httpx", "redis", "sqlalchemy", "stripe", "taskiq"}
)
"""Loaded by whoever needs it, once the settings say so."""


@pytest.mark.parametrize(
    ("module", "also"),
    [
        ("solynk.apps.cli.commands", {"litestar", "uvicorn", "prometheus_client"}),
        ("solynk.apps.cli.serving", set[str]()),
    ],
)
def test_nothing_is_loaded_that_the_settings_may_not_ask_for(module: str, also: set[str]) -> None:
    code = f"import {module}, sys; print(*{{it.partition('.')[0] for it in sys.modules}})"

    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    loaded = set(told.stdout.split())
    assert "solynk" in loaded
    assert loaded & (LATER | also) == set()
