"""`redecode`: whether this version reads the stored events as those before it did."""

import argparse
from pathlib import Path

from solynk.apps import engine
from solynk.apps.cli import codes
from solynk.apps.cli.processes import settings
from solynk.apps.cli.terminal import bad, complain, good, say
from solynk.apps.container import container_of
from solynk.apps.engine import Difference
from solynk.apps.lifetime import running
from solynk.core.facts import identity


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--approved",
        type=Path,
        metavar="FILE",
        help="names of differences that are meant, one a line; what follows # is a remark",
    )


async def redecode(chosen: argparse.Namespace) -> int:
    """Every event is read, whatever was found in the one before."""
    try:
        approved = _names(chosen.approved)
    except OSError as fault:
        complain(f"{chosen.approved}: {fault.strerror}")
        return codes.BAD_INPUT
    events = differences = meant = 0
    async with running(container_of(settings())) as wiring:
        async for it in engine.redecode(wiring):
            events += 1
            if it.difference is None:
                continue
            if it.difference.name in approved:
                meant += 1
                continue
            differences += 1
            bad(_words(it.difference), f"mend the decoder, or approve {it.difference.name}")
    good(f"{events:,} events were read again; {meant:,} differ as approved")
    say("everything is told as before" if not differences else f"{differences:,} to look into")
    return codes.FOUND_FAULTS if differences else codes.OK


def _names(path: Path | None) -> set[str]:
    if path is None:
        return set()
    lines = path.read_text(encoding="utf-8").splitlines()
    return {name for it in lines if (name := it.partition("#")[0].strip())}


def _words(it: Difference) -> str:
    versions = f"read by {it.before or 'nothing'}, now by {it.after}"
    parts = [f"event {it.event} ({it.kind}, {it.external_id}), {versions}"]
    parts += [f"is told no more: {' '.join(identity(fact))}" for fact in it.lost]
    parts += [f"is told besides: {' '.join(identity(fact))}" for fact in it.new]
    parts += [] if it.fault is None else [f"can not be read any more: {it.fault}"]
    return "\n    ".join(parts)
