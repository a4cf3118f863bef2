import re
import tomllib
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def distribution(requirement: str) -> str:
    name = re.match(r"[\w.-]+", requirement)
    assert name is not None, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def test_the_lock_pins_all_that_pyproject_asks_for() -> None:
    """`python3 dev.py lock` writes it again."""
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    extras = project["optional-dependencies"].values()
    asked = chain(project["dependencies"], *extras, *groups.values())
    wanted = {distribution(one) for one in asked if isinstance(one, str)} - {"solynk"}

    pinned = set(re.findall(r"^([a-z0-9-]+)==", LOCK, flags=re.MULTILINE))

    assert wanted <= pinned


def test_the_lock_names_no_address() -> None:
    assert "://" not in LOCK


def test_every_pin_has_a_hash() -> None:
    pins = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:]

    assert pins
    assert [pin for pin in pins if "--hash=sha256:" not in pin] == []
