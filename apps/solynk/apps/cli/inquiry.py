"""Looking into it, and mending it: doctor, explain, reconcile, replay."""

import argparse

from solynk.apps import engine
from solynk.apps.cli import codes
from solynk.apps.cli.examination import examine
from solynk.apps.cli.processes import settings
from solynk.apps.cli.terminal import bad, complain, good, say
from solynk.apps.container import container_of
from solynk.apps.lifetime import running
from solynk.core.ids import CommandId, CustomerId, EventId, OrganizationId
from solynk.ports.errors import NotFound
from solynk.ports.telemetry import correlation


async def doctor(_: argparse.Namespace) -> int:
    """Every check is made, whatever the one before found."""
    faults = 0
    async for finding in examine(container_of(settings())):
        if finding.fix is None:
            good(finding.words)
        else:
            faults += 1
            bad(finding.words, finding.fix)
    say("everything is in order" if not faults else f"{faults} to mend")
    return codes.FOUND_FAULTS if faults else codes.OK


async def explain(chosen: argparse.Namespace) -> int:
    organization = OrganizationId(chosen.organization)
    async with running(container_of(settings())) as wiring:
        found = await engine.explain_customer(
            wiring, organization, CustomerId(chosen.customer), chosen.locale
        )
    if not found:
        say("no channel concerns this customer: they never had a right, and nothing was granted")
    for it in found:
        say(f"{it.channel.title}: {it.explanation.sentence}")
        for fact in it.explanation.facts:
            say(f"  - {fact}")
    return codes.OK


async def reconcile(_: argparse.Namespace) -> int:
    """One pass; what it asked of a provider is read by a worker."""
    async with running(container_of(settings())) as wiring:
        found = await engine.reconcile(wiring)
    say(f"{found.reads} reads are due, {found.members} members asked for, {found.drifted} drifted")
    for fault in found.failures:
        complain(fault)
    return codes.FOUND_FAULTS if found.failures else codes.OK


async def replay(chosen: argparse.Namespace) -> int:
    owner = None if chosen.organization is None else OrganizationId(chosen.organization)
    by = engine.Person(chosen.actor, chosen.reason)
    correlation.set(by.correlation)
    async with running(container_of(settings())) as wiring:
        try:
            if chosen.kind == "event":
                await engine.replay_event(wiring, owner, EventId(chosen.id), by)
            else:
                await engine.replay_command(wiring, owner, CommandId(chosen.id), by)
        except NotFound as fault:
            raise NotFound(fault.vendor, f"{fault.reason} {_whose(owner)}") from fault
    say(f"{chosen.kind} {chosen.id} is due again; a worker takes it")
    return codes.OK


def _whose(owner: OrganizationId | None) -> str:
    if owner is not None:
        return f"in organization {owner}"
    return "without an organization: name its own with --organization, as `solynk doctor` shows it"
