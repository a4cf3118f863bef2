"""`verify-audit`: whether the audit log is as it was sealed."""

import argparse
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from solynk.apps import engine
from solynk.apps.cli import codes
from solynk.apps.cli.processes import settings
from solynk.apps.cli.terminal import bad, complain, good, say
from solynk.apps.container import container_of
from solynk.apps.data_folder import with_signing_key
from solynk.apps.lifetime import running
from solynk.apps.settings import SIGNING_KEY, Settings
from solynk.core.chain import Fault, FaultKind
from solynk.core.checkpoint import Checkpoint
from solynk.core.ids import OrganizationId
from solynk.ports.errors import NotFound
from solynk.ports.signing import Signer

FIX: Final = (
    "keep this database as it is, compare it with a backup, and find out who could change it"
)

OTHER_KEY: Final = (
    "see first whether AUDIT_SIGNING_KEY, or the data folder, is that of the installation, or name its"
    " public key by --key; if it is, "
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--organization", help="its id; without it, every chain is checked")
    command.add_argument(
        "--checkpoints",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="checkpoints that were kept elsewhere; may be given several times",
    )
    command.add_argument(
        "--key",
        action="append",
        default=[],
        type=_public_key,
        metavar="HEX",
        help="a further public key to believe, such as another machine's; several times too",
    )


def _public_key(given: str) -> str:
    if not SIGNING_KEY.fullmatch(given):
        raise argparse.ArgumentTypeError("use the 64 hexadecimal digits of a public key")
    return given.lower()


async def verify_audit(chosen: argparse.Namespace) -> int:
    """Every chain is followed, whatever was found in the one before."""
    known = settings()
    scope: engine.Scope = engine.Everything()
    if chosen.organization is not None:
        scope = OrganizationId(chosen.organization)
    kept = _kept(chosen.checkpoints or _own_file(known))
    signer = _signer(known, chosen.key)
    faults = entries = chains = 0
    began = time.perf_counter()
    async with running(container_of(known)) as wiring:
        async for it in engine.verify_chains(wiring.store, signer, kept, scope):
            chains += 1
            entries += it.entries
            faults += _told(it.fault)
        async for stray in engine.find_strays(wiring.store, scope):
            faults += _told(stray)
    if chosen.organization is not None and not chains:
        raise NotFound("solynk", f"no chain of {chosen.organization}")
    pace = entries / (time.perf_counter() - began)
    words = f"{entries:,} entries of {chains:,} chains are as they were sealed ({pace:,.0f}/s)"
    good(f"{words}; {len(kept):,} checkpoints from elsewhere")
    say("everything is in order" if not faults else f"{faults} to look into")
    return codes.FOUND_FAULTS if faults else codes.OK


def _told(fault: Fault | None) -> bool:
    if fault is not None:
        bad(fault.sentence, OTHER_KEY + FIX if fault.kind is FaultKind.FORGED else FIX)
    return fault is not None


def _own_file(known: Settings) -> list[Path]:
    """What this machine itself wrote, if it did."""
    from solynk.adapters.files import FileWitness  # noqa: PLC0415 -- only here

    if known.audit_checkpoint_dir is None:
        return []
    own = FileWitness(known.audit_checkpoint_dir).file
    return [own] if own.exists() else []


def _kept(files: Sequence[Path]) -> list[Checkpoint]:
    from solynk.adapters.files import read_checkpoints  # noqa: PLC0415 -- only here

    found: list[Checkpoint] = []
    for path in files:
        kept = read_checkpoints(path)
        found += kept.checkpoints
        for number in kept.torn:
            complain(f"{path}, line {number} is no checkpoint and was left out")
    return found


def _signer(known: Settings, further: Sequence[str]) -> Signer:
    """Who looks elsewhere has public keys alone, and makes no key for that: nobody ever used it."""
    from solynk.adapters.ed25519 import Ed25519Signer  # noqa: PLC0415 -- an extra

    if known.audit_signing_keys or known.signing_key_file.exists():
        return Ed25519Signer.of(with_signing_key(known).audit_signing_keys, further)
    return Ed25519Signer.of([secrets.token_hex(32)], further)
