"""The set-up itself is what every run of these tests goes through; here is what it says no to."""

import ast
import subprocess
import sys
from pathlib import Path

DEV = Path(__file__).parent.parent / "dev.py"


def test_an_old_python_gets_as_far_as_the_version_check() -> None:
    """Any newer syntax, wherever it stands in the file, would be a SyntaxError instead."""
    tree = ast.parse(DEV.read_text(encoding="utf-8"), feature_version=(3, 7))

    before_the_check = [type(statement).__name__ for statement in tree.body[:3]]
    assert before_the_check == ["Expr", "Import", "If"]


def test_an_unknown_word_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, str(DEV), "tset"], check=False, capture_output=True, text=True
    )

    assert done.returncode == 1
    assert "there is no command or program 'tset'" in done.stderr
