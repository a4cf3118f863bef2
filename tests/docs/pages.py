"""The documentation as files, links and code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
PAGES: Final = sorted([*DOCS.rglob("*.md"), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"])

_FENCE: Final = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING: Final = re.compile(r"^#+ (?P<words>.+)$", re.MULTILINE)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """Each block's language and code."""
    yield from ((it["language"], it["code"]) for it in _FENCE.finditer(_text(page)))


def code(page: Path, language: str) -> str:
    """All blocks of this language, as one file."""
    return "\n\n".join(code for it, code in blocks(page) if it == language)


def links(page: Path) -> Iterator[str]:
    """Targets inside of the documentation; those on the web are not looked up."""
    for it in _LINK.finditer(_prose(page)):
        if "://" not in it["target"] and not it["target"].startswith("mailto:"):
            yield it["target"]


def anchors(page: Path) -> set[str]:
    """The headings, as mkdocs makes addresses of them."""
    words = (it["words"] for it in _HEADING.finditer(_prose(page)))
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", it.lower()).strip()) for it in words}


def _prose(page: Path) -> str:
    return _FENCE.sub("", _text(page))


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")
