"""The image, the compose file and the units: what they name exists, and what they set is a setting.

No container engine is asked for: these are the faults that can be found without one.
"""

import importlib.util
import json
import re
from configparser import ConfigParser
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it has no types
from docs import drawn

from solynk.apps.cli.commands import parser
from tests.docs.pages import DOCS, ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
COMPOSE: Any = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
OURS: Any = {
    name: it for name, it in COMPOSE["services"].items() if it["image"] == "solynk" or "build" in it
}
UNITS = sorted((DOCS / "deployment" / "systemd").iterdir())
VARIABLES = {it.name for it in drawn.variables()}
OF_PYTHON = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PIP_NO_CACHE_DIR"}


def words_after(instruction: str) -> list[list[str]]:
    return [it.split()[1:] for it in DOCKERFILE if it.startswith(f"{instruction} ")]


def sources() -> list[str]:
    return [path for it in words_after("COPY") if "--from=build" not in it for path in it[:-1]]


def test_everything_that_is_copied_exists_and_reaches_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {it[1:] for it in ignored if it.startswith("!")}

    assert [it for it in sources() if not (ROOT / it).exists()] == []
    assert set(sources()) == let_through


def test_all_that_the_wheel_is_made_of_is_copied() -> None:
    made_of = {"core", "ports", "adapters", "apps", "contract_tests", "pyproject.toml"}

    assert made_of | {"README.md", "LICENSE", "requirements.lock"} <= set(sources())


def test_what_runs_is_no_root_and_is_told_last() -> None:
    users = words_after("USER")

    assert users == [["solynk"]]
    assert DOCKERFILE.index("USER solynk") > max(
        number for number, it in enumerate(DOCKERFILE) if it.startswith("FROM ")
    )


def test_the_image_sets_only_settings() -> None:
    names = {pair.partition("=")[0] for words in words_after("ENV") for pair in words}

    assert names - OF_PYTHON <= VARIABLES


def test_the_image_runs_a_command_that_there_is() -> None:
    [entry], [command] = words_after("ENTRYPOINT"), words_after("CMD")

    assert json.loads(" ".join(entry)) == ["solynk"]
    parser().parse_args(json.loads(" ".join(command)))


def test_compose_runs_each_kind_of_process_and_migrates_first() -> None:
    assert set(OURS) == {"migrate", "api", "worker", "scheduler"}
    for name, service in OURS.items():
        parser().parse_args(service["command"])
        migrated = service["depends_on"].get("migrate", {}).get("condition")
        assert migrated == (None if name == "migrate" else "service_completed_successfully")


@pytest.mark.parametrize("name", OURS)
def test_compose_sets_only_settings(name: str) -> None:
    assert set(OURS[name]["environment"]) <= VARIABLES


@pytest.mark.parametrize("name", OURS)
def test_compose_gives_no_process_more_than_it_needs(name: str) -> None:
    service = OURS[name]

    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert int(service["stop_grace_period"].removesuffix("s")) >= 30


def test_compose_opens_no_door_to_the_world() -> None:
    doors = [port for it in COMPOSE["services"].values() for port in it.get("ports", [])]

    assert doors == ["127.0.0.1:8000:8000"]


def test_what_compose_asks_for_is_on_the_page() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?", (ROOT / "compose.yaml").read_text(encoding="utf-8")))
    page = (DOCS / "deployment" / "one-machine.md").read_text(encoding="utf-8")

    assert asked == {"POSTGRES_PASSWORD", "SOLYNK_API_KEY", "AUDIT_SIGNING_KEY"}
    assert [it for it in asked if f"{it}=" not in page] == []


def read(unit: Path) -> ConfigParser:
    found = ConfigParser(interpolation=None, strict=False)
    found.optionxform = str  # type: ignore[assignment,method-assign]  # pyright: ignore[reportAttributeAccessIssue] -- as its own documentation says
    found.read(unit)
    return found


@pytest.mark.parametrize("unit", UNITS, ids=[it.name for it in UNITS])
def test_a_unit_runs_a_command_that_there_is_as_nobody_special(unit: Path) -> None:
    service = read(unit)["Service"]
    program, *words = service["ExecStart"].split()

    assert program == "/opt/solynk/bin/solynk"
    parser().parse_args(words)
    assert service["User"] == "solynk"
    assert service["NoNewPrivileges"] == "true"
    name = service.get("Environment", "METRICS_PORT=").partition("=")[0]
    assert name in VARIABLES


def test_the_units_wait_for_what_was_begun() -> None:
    slow = [it for it in UNITS if it.stem != "solynk-migrate"]

    assert {int(read(it)["Service"]["TimeoutStopSec"]) for it in slow} == {40}


def test_prometheus_asks_where_the_processes_tell() -> None:
    text = (DOCS / "deployment/prometheus/prometheus.yaml").read_text(encoding="utf-8")
    ports = set(re.findall(r"127\.0\.0\.1:(\d+)", text))
    set_by_units = {
        read(it)["Service"]["Environment"].partition("=")[2].replace("%i", "1")
        for it in UNITS
        if "Environment" in read(it)["Service"]
    }

    assert ports == {"8000"} | set_by_units


@pytest.fixture(scope="module")
def install() -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", ROOT / ".deploy" / "install.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_installer_takes_what_is_needed_from_the_lock_with_its_hashes(
    install: ModuleType,
) -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    report = json.dumps(
        {"install": [{"metadata": {"name": it}} for it in ("solynk", "msgspec", "SQLAlchemy")]}
    )

    entries = install.only(lock, install.names(report))

    assert [it.partition("==")[0] for it in entries] == ["msgspec", "sqlalchemy"]
    assert all("--hash=sha256:" in it for it in entries)


def test_the_installer_refuses_what_is_not_in_the_lock(install: ModuleType) -> None:
    with pytest.raises(SystemExit, match=r"not in requirements\.lock: pigeons"):
        install.only("msgspec==1 \\\n    --hash=sha256:00\n", {"pigeons"})
