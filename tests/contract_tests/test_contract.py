"""What the kit promises to whoever builds an adapter: nothing is green by mistake."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from solynk.contract_tests.storage import StoreContract

CLOCK = """
    import pytest
    from datetime import UTC, datetime
    from solynk.contract_tests.clock import ClockContract

    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    class Clock:
        async def now(self):
            return datetime(2026, 5, 1, tzinfo=UTC){local}
"""


def run(folder: Path, *parts: str, local: bool = False) -> tuple[int, str]:
    clock = dedent(CLOCK).format(local=".replace(tzinfo=None)" if local else "")
    (folder / "test_it.py").write_text(clock + "".join(map(dedent, parts)))
    pytest_ = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "test_it.py"]
    done = subprocess.run(pytest_, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


CLASS = """
    class TestClock(ClockContract):
        @pytest.fixture
        def clock(self):
            return Clock()
"""
NOT_YET = '    not_yet = {"test_an_instant_is_aware_and_in_utc": "local time, see #1"}\n'


def test_a_contract_that_is_met_passes(tmp_path: Path) -> None:
    code, output = run(tmp_path, CLASS)

    assert code == 0
    assert "2 passed" in output


def test_a_forgotten_fixture_is_an_error_that_names_it(tmp_path: Path) -> None:
    code, output = run(tmp_path, "class TestClock(ClockContract): ...")

    assert code == 1
    assert "TestClock must define `clock`" in output


def test_a_broken_promise_is_shown_with_its_values(tmp_path: Path) -> None:
    code, output = run(tmp_path, CLASS, local=True)

    assert code == 1
    assert "assert None is " in output


def test_a_known_failure_is_no_failure_and_says_why(tmp_path: Path) -> None:
    code, output = run(
        tmp_path, CLASS.replace("):\n        @", f"):\n{' ' * 4}{NOT_YET}        @"), local=True
    )

    assert code == 0
    assert "local time, see #1" in output


def test_a_known_failure_that_passes_after_all_fails(tmp_path: Path) -> None:
    code, output = run(tmp_path, CLASS.replace("):\n        @", f"):\n{' ' * 4}{NOT_YET}        @"))

    assert code == 1
    assert "XPASS(strict)" in output


@pytest.mark.parametrize("contract", StoreContract.__bases__, ids=lambda it: it.__name__)
def test_no_test_of_a_part_is_hidden_by_that_of_another(contract: type) -> None:
    names = [name for name in vars(contract) if name.startswith("test_")]

    assert names
    assert all(vars(contract)[name] is getattr(StoreContract, name) for name in names)
