"""The documentation as the pages that are built of it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

FROM_ELSEWHERE = re.compile(
    r"""<(?:script|link|img|iframe)\b[^>]*(?:src|href)=["'](?:https?:)?//"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_site_is_built_without_a_warning(site: Path) -> None:
    assert (site / "index.html").is_file()


def test_a_page_loads_nothing_from_elsewhere(site: Path) -> None:
    found = [it.name for it in site.rglob("*.html") if FROM_ELSEWHERE.search(it.read_text("utf-8"))]

    assert found == []


def test_something_from_elsewhere_is_found() -> None:
    assert FROM_ELSEWHERE.search('<script src="https://cdn.example/x.js"></script>')
    assert FROM_ELSEWHERE.search("<link rel='stylesheet' href='//cdn.example/x.css'>")
    assert not FROM_ELSEWHERE.search('<a href="https://docs.example/">x</a>')
