"""Python on a page is one file for each page, and it works."""

import subprocess
import sys
from pathlib import Path

import pytest
from mypy import api as mypy

from tests.docs.pages import PAGES, ROOT, code, name_of

WITH_CODE = [it for it in PAGES if code(it, "python")]


def written(page: Path, folder: Path) -> Path:
    file = folder / f"test_{page.stem.replace('-', '_')}.py"
    file.write_text(code(page, "python"), encoding="utf-8")
    return file


@pytest.mark.parametrize("page", WITH_CODE, ids=name_of)
def test_the_code_of_a_page_runs_and_its_tests_pass(page: Path, tmp_path: Path) -> None:
    file = written(page, tmp_path)
    run = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", file.name]

    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_the_code_of_all_pages_is_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [str(written(it, tmp_path)) for it in WITH_CODE]
    monkeypatch.chdir(ROOT)  # where mypy finds its settings

    said, faults, status = mypy.run(files)

    assert status == 0, said + faults
