"""The demo as a person runs it; and that it can fail, or its success would mean nothing."""

from pathlib import Path

import pytest

from solynk.apps.cli import main
from solynk.apps.demo import NotStartedError, world
from solynk.apps.demo.processes import answering, process
from tests.end_to_end.programs import Program

PLAYED_WITHIN = 120.0


@pytest.mark.anyio
async def test_the_demo_plays_and_all_that_it_expects_comes_true(tmp_path: Path) -> None:
    program = Program("demo", ["demo"], {}, tmp_path)

    program.start()
    try:
        code = await program.ended(PLAYED_WITHIN)
    finally:
        program.kill()

    said = program.said()
    assert code == 0, said
    assert "✗" not in said
    assert "expectations came true" in said
    assert said.count("✓") > 25
    assert "\033[" not in said


def test_the_demo_fails_where_the_creator_never_hears_of_a_refund(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every event of a refund is lost on its way: Cleo has her money and her place."""
    lost = {"kind": "lose", "vendor": "stripe", "path": "*refund*"}
    monkeypatch.setattr(world, "MAYHEM", [lost, *world.MAYHEM])

    code = main(["demo"])

    said = capsys.readouterr().out
    assert code == 1
    assert "✗ a full refund ends the access" in said
    assert "not so: a full refund ends the access" in said


def test_a_program_that_ends_at_once_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")

    code = main(["demo"])

    said = capsys.readouterr().err
    assert code == 3
    assert said.startswith("solynk: serve did not answer within ")
    assert "s (exited with 2). It said, in " in said
    assert "LOG_LEVEL='loud': use one of" in said
    assert "Traceback" not in said


@pytest.mark.anyio
async def test_a_program_that_runs_and_says_nothing_is_told_of_as_such(tmp_path: Path) -> None:
    with pytest.raises(NotStartedError) as raised:
        async with process("sandbox", ["sandbox", "--port=0"], {}, tmp_path) as running:
            await answering(running, "http://127.0.0.1:1/", within=0)

    said = f"{raised.value}"
    assert said.startswith("sandbox did not answer within ")
    assert said.endswith(f"s (still running). It said nothing in {tmp_path / 'sandbox.log'}.")
