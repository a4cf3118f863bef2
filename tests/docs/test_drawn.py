"""The reference pages say what the code says."""

from pathlib import Path

import pytest
from docs import drawn

from solynk.adapters.stripe.decode import KINDS
from solynk.apps.cli import main
from solynk.apps.settings import Settings
from tests.docs.pages import DOCS, code

PAGES = drawn.pages()
CLI = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=[it.name for it in PAGES])
def test_a_drawn_page_is_not_stale(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == PAGES[path], "run: python docs/drawn.py"


def test_every_setting_has_its_variable_and_every_variable_its_meaning() -> None:
    found = drawn.variables()

    assert [it.field for it in found] == list(Settings.__struct_fields__)
    assert {it.name for it in found} == set(drawn.MEANINGS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUDIT_LOG_RETENTION_DAYS", "`400`"),
        ("PAYMENT_EVENT_RETENTION_DAYS", "`730`"),
        ("GRACE_PERIOD_DAYS", "`5`"),
    ],
)
def test_a_default_is_what_the_page_says(name: str, value: str) -> None:
    (variable,) = [it for it in drawn.variables() if it.name == name]

    assert drawn.default(variable) == value


def test_stripes_events_are_those_that_the_adapter_reads() -> None:
    page = DOCS / "how-to" / "set-up-stripe.md"

    assert code(page, "text").split() == list(KINDS)


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit):
        main([*words, "--help"])
    return capsys.readouterr().out


def test_every_command_and_option_has_its_place_on_the_page(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    lines = shown(capsys).partition("commands:")[2].splitlines()
    commands = [it.split()[0] for it in lines if it.startswith("    ") and it[4:5].isalpha()]

    assert len(commands) > 5
    for command in commands:
        assert f"`solynk {command}" in CLI
        options = {it.strip(",[]") for it in shown(capsys, command).split() if it.startswith("--")}
        assert [it for it in options - {"--help"} if it not in CLI] == []
