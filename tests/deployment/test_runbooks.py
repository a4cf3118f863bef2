"""A runbook is read in a hurry: it has its four parts, and all that it says to run is there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from solynk.apps.api import create_app
from solynk.apps.cli.commands import parser
from solynk.apps.container import container_of
from solynk.apps.settings import Settings
from tests.deployment.promql import EXPOSED
from tests.docs.pages import DOCS

RUNBOOKS = sorted(it for it in (DOCS / "runbooks").glob("*.md") if it.name != "README.md")
PAGES = [*sorted((DOCS / "runbooks").glob("*.md")), *sorted((DOCS / "deployment").glob("*.md"))]
PARTS = ["How it shows", "What is safe", "What to do", "How to know that it is over"]
CODE = re.compile(r"^( *)```\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"\$API(/[^\s\"?]*)")
UNIT = re.compile(r"\b(solynk-[a-z]+(?:@[\w*]+)?)")
PROGRAMS = {"apt", "cd", "createdb", "curl", "df", "docker", "install", "journalctl", "pg_dump", "pg_isready",
            "pg_restore", "psql", "python3", "redis-cli", "runuser", "set", "solynk", "sudo", "systemctl",
            "timedatectl", "useradd"}  # fmt: skip


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def commands(page: Path) -> Iterator[str]:
    """Each line that is to be run, without the lines of files."""
    for block in CODE.finditer(text(page)):
        for line in block[2].replace("\\\n", " ").splitlines():
            first = line.split()[0] if line.split() else ""
            if first in PROGRAMS:
                yield line.strip()


def words(line: str) -> list[str]:
    return shlex.split(line.partition(" | ")[0])


@pytest.mark.parametrize("page", RUNBOOKS, ids=lambda it: it.stem)
def test_a_runbook_has_its_four_parts(page: Path) -> None:
    assert re.findall(r"^## (.+)$", text(page), re.MULTILINE) == PARTS


@pytest.mark.parametrize("page", PAGES, ids=lambda it: it.stem)
def test_every_command_of_ours_can_be_run_as_it_is_written(page: Path) -> None:
    for line in commands(page):
        said = words(line)
        if said[0] == "solynk":
            parser().parse_args(said[1:])
        if said[:3] == ["docker", "compose", "exec"]:
            parser().parse_args(said[5:])


@pytest.fixture(scope="module")
def paths() -> list[re.Pattern[str]]:
    """Of every route, as it is asked for."""
    settings = Settings.from_env({"SOLYNK_API_KEY": "the-key-of-the-tests"}, Path("no-such-file"))
    described = create_app(container_of(settings)).openapi_schema.paths or {}
    return [re.compile(re.sub(r"\{[^}]*\}", "[A-Z]+", it) + "/?") for it in described]


@pytest.mark.parametrize("page", PAGES, ids=lambda it: it.stem)
def test_every_path_that_is_asked_for_is_there(page: Path, paths: list[re.Pattern[str]]) -> None:
    asked = PATH.findall(text(page))

    assert [it for it in asked if not any(path.fullmatch(it) for path in paths)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda it: it.stem)
def test_every_number_that_is_looked_at_is_told(page: Path) -> None:
    named = re.findall(r"\bsolynk_(?!restored)\w+", text(page))

    assert [it for it in named if not any(known.startswith(it) for known in EXPOSED)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda it: it.stem)
def test_every_unit_that_is_named_is_there(page: Path) -> None:
    files = {it.stem for it in (DOCS / "deployment" / "systemd").iterdir()}
    named = {re.sub(r"@.*", "@", it) for line in commands(page) for it in UNIT.findall(line)}

    assert named - {"solynk-api-key"} <= files


def test_the_commands_are_found() -> None:
    assert 'solynk replay event ID --reason "an event that no organization owns"' in list(
        commands(DOCS / "runbooks" / "dead-letters.md")
    )
    assert PATH.findall("curl $API/v1/backlog") == ["/v1/backlog"]


def test_a_program_that_is_not_known_is_no_command() -> None:
    lines = [
        line
        for page in PAGES
        for block in CODE.finditer(text(page))
        for line in block[2].replace("\\\n", " ").splitlines()
    ]
    unknown = {it.split()[0] for it in lines if it.split()} - PROGRAMS

    assert sorted(it for it in unknown if it.islower() and it.isalpha()) == ["pay.example.com"][1:]
