"""What whoever looks at a demo that was left running needs: its pages, and its names for a shell."""

import shlex
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from solynk.apps.demo.cast import Stage
from solynk.apps.demo.timeline import Timeline

FILE: Final = Path(".solynk", "demo.env")
"""Where the demo was started, so that no other folder needs to be named."""


@contextmanager
def names_for_a_shell(stage: Stage, settings: Mapping[str, str]) -> Generator[Path]:
    """A file to read into a shell, for its owner alone; gone with the demo."""
    words = _file({**settings, **_names(stage)})
    FILE.parent.mkdir(mode=0o700, exist_ok=True)
    FILE.unlink(missing_ok=True)
    FILE.touch(mode=0o600)
    FILE.write_text(words, encoding="utf-8")
    try:
        yield FILE
    finally:
        if FILE.is_file() and FILE.read_text(encoding="utf-8") == words:  # else another demo's
            FILE.unlink()


def say_where(timeline: Timeline, stage: Stage, file: Path) -> None:
    world, api = stage.world, stage.api
    timeline.title("It is left running. Ctrl-C ends it.")
    places = {
        "the world": f"{world.base_url}/ (time, checkouts, chats, the last calls)",
        "the chat": f"{world.base_url}/chat/{world.chat}",
        "the bot": f"{world.base_url}/telegram/bot/{world.bot}",
        "t.me links": f"https://t.me/WORD is {world.base_url}/t.me/WORD here",
        "the API": f"{api.base_url}/docs",
        "a shell": f". {file}",
    }
    for name, place in places.items():
        timeline.note(f"{name + ':':14}{place}")
    timeline.note('then: solynk doctor; curl -s -H "$AUTH" "$API/customers"')


def _names(stage: Stage) -> Mapping[str, str]:
    world, api = stage.world, stage.api
    return {
        "SANDBOX": world.base_url,
        "SOLYNK": api.base_url,
        "API": f"{api.base_url}/v1/organizations/{api.organization}",
        "AUTH": f"Authorization: Bearer {api.key}",
        "JSON": "Content-Type: application/json",
        "ORGANIZATION": api.organization,
        "CHANNEL": stage.channel,
        "PLAN": (stage.plans or {})["monthly"],
        "CHAT": str(world.chat),
        "BOT": str(world.bot),
        "ACCOUNT": world.account,
    }


def _file(names: Mapping[str, str]) -> str:
    lines = [f"export {name}={shlex.quote(value)}" for name, value in names.items()]
    programs = shlex.quote(str(Path(sys.executable).parent))
    return "\n".join([f'export PATH={programs}:"$PATH"', *lines, ""])
