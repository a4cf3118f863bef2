"""`maintain`: what is too old to be kept, told first, and let go only when that is asked for."""

import argparse

from solynk.apps import engine
from solynk.apps.cli import codes
from solynk.apps.cli.processes import settings
from solynk.apps.cli.terminal import bad, good, say
from solynk.apps.container import container_of
from solynk.apps.engine import Outcome, Retained
from solynk.apps.lifetime import running
from solynk.core.retention import Kept

NAMES = {Kept.EVENTS: "events", Kept.AUDIT: "audit entries"}
FIX = "see docs/runbooks/retention.md"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--apply", action="store_true", help="do it, and make months ahead")


async def maintain(chosen: argparse.Namespace) -> int:
    container = container_of(settings())
    async with running(container) as wiring:
        if not chosen.apply:
            _tell(await engine.survey(wiring), "would go")
            say("nothing was changed; with --apply, it is")
            return codes.OK
        done = await engine.retain(wiring, container.notary())
    _tell(done, "are gone")
    faults = [*done.faults, *(fault for it in done.outcomes for fault in it.faults)]
    for fault in faults:
        bad(fault, FIX)
    return codes.FOUND_FAULTS if faults else codes.OK


def _tell(done: Retained, went: str) -> None:
    for it in done.outcomes:
        good(_words(it, went))
    for words, months in (("made", done.made), ("empty after that, and dropped", done.dropped)):
        if months:
            good(f"{words}: {' '.join(months)}")


def _words(it: Outcome, went: str) -> str:
    stay = ", ".join(f"{count:,} stay ({why.value})" for why, count in it.stays.items())
    words = f"{it.goes:,} {NAMES[it.kind]} from before {it.before:%Y-%m-%d %H:%M} UTC {went}"
    return f"{words}; {stay}" if stay else words
