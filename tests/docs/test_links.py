from collections import Counter
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, anchors, links, name_of


def dead(page: Path) -> list[str]:
    return [it for it in links(page) if not leads_somewhere(page, it)]


def leads_somewhere(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    found = page if not path else (page.parent / path).resolve()
    if not found.is_file():
        return False
    return not anchor or anchor in anchors(found)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_link_is_dead(page: Path) -> None:
    assert dead(page) == []


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One thing\n\n[a](page.md) [b](#one-thing) [c](gone.md) [d](page.md#gone) [e](https://x.y)\n"
    )

    assert dead(page) == ["gone.md", "page.md#gone"]


def test_every_page_is_led_to() -> None:
    targets = Counter(
        (page.parent / it.partition("#")[0]).resolve() for page in PAGES for it in links(page)
    )
    roots = {"docs/index.md", "CONTRIBUTING.md", "CHANGELOG.md"}

    lost = [name_of(it) for it in PAGES if not targets[it] and name_of(it) not in roots]

    assert lost == []
