"""The allow-list behind the import contracts in pyproject.toml, which can only name the forbidden.

Without it, a framework that nobody thought of could enter the core.
"""

from pathlib import Path

import pytest

from tests.imports import foreign_imports

ROOT = Path(__file__).parent.parent
INNER = {
    "core/solynk/core": {"msgspec", "solynk.core"},
    "ports/solynk/ports": {"msgspec", "solynk.core", "solynk.ports"},
    "apps/solynk/apps/engine": {"msgspec", "solynk.core", "solynk.ports", "solynk.apps.engine"},
}


@pytest.mark.parametrize("folder", INNER)
def test_the_inner_layers_import_the_standard_library_and_msgspec_alone(folder: str) -> None:
    assert (ROOT / folder).is_dir()
    assert foreign_imports(ROOT / folder, allowed=INNER[folder]) == []


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("import httpx", "httpx"),
        ("import json, stripe.error", "stripe.error"),
        ("from litestar import get", "litestar.get"),
        ("from solynk import adapters", "solynk.adapters"),
        ("from solynk.ports.clock import Clock", "solynk.ports.clock.Clock"),
        ("from solynk.corez import x", "solynk.corez.x"),
        ("def f() -> None:\n    import redis", "redis"),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import aiogram", "aiogram"),
    ],
)
def test_a_planted_import_is_found(tmp_path: Path, source: str, module: str) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "planted.py").write_text(source)

    found = foreign_imports(tmp_path, allowed=INNER["core/solynk/core"])

    line = source.count("\n") + 1
    assert found == [f"deep/planted.py:{line} {module}"]


def test_allowed_imports_are_not_found(tmp_path: Path) -> None:
    lines = ["import msgspec", "from collections.abc import Set", "from solynk.core import money"]
    (tmp_path / "fine.py").write_text("\n".join([*lines, "from . import beside"]))

    assert foreign_imports(tmp_path, allowed=INNER["core/solynk/core"]) == []
