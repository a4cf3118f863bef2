"""What is shown with a test that failed: what its programs have said.

The hook is one, and each `conftest.py` whose tests start programs names it.
"""

from collections.abc import Generator
from typing import Final

import pytest

from tests.end_to_end.town import Town

SHOWN: Final = 1500
"""Characters of each log."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the logs of every town that the test has been in."""
    report = yield
    if report.failed:
        known: dict[str, object] = getattr(item, "funcargs", {})
        towns = {id(town): town for it in known.values() if (town := _town(it)) is not None}
        report.sections += [
            (f"log of {program.name}", program.said()[-SHOWN:])
            for town in towns.values()
            for program in town.programs.values()
        ]
    return report


def _town(of: object) -> Town | None:
    """A town itself, or what holds one, as a city does and an arena."""
    found = of if isinstance(of, Town) else getattr(of, "town", None)
    return found if isinstance(found, Town) else None
