"""The pages that are drawn from the code are those that are committed."""

from pathlib import Path

import pytest
from docs import generate

PAGES = generate.pages()


@pytest.mark.parametrize("path", PAGES, ids=[it.name for it in PAGES])
def test_a_drawn_page_is_not_stale(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == PAGES[path], "run: python docs/generate.py"


def test_the_diagrams_name_every_rule_and_every_state() -> None:
    page = generate.diagrams_page()

    assert "1. blocked?" in page
    assert all(it in page for it in ("pending", "granted", "revoke_pending", "revoked"))
