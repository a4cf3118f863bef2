"""The chain of an organization's audit entries: each seal binds its entry to all before it.

A seal is SHA-256 over the seal before it and the canonical form of the entry. Whoever changes,
removes, adds or moves an entry must change every seal after it, and then disagrees with each
checkpoint that was kept elsewhere.
"""

import hashlib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct

from solynk.core.audit import AuditEntry
from solynk.core.ids import AuditId, OrganizationId

VERSION: Final = 1
"""Of the canonical form. Another form needs another number, and both must be known from then on."""

_encode = msgspec.json.Encoder(order="deterministic").encode
_sha256 = hashlib.sha256


class Head(Struct, frozen=True):
    """How far a chain goes, and the seal at its end."""

    organization: OrganizationId | None
    """None is the one chain of all entries that no organization owns."""
    seq: int
    hash: bytes


class Seal(Struct, frozen=True):
    """Of one entry: its place in the chain, from 1 on, and what binds it there."""

    organization: OrganizationId | None
    seq: int
    entry: AuditId
    hash: bytes


class SealedEntry(Struct, frozen=True):
    seal: Seal
    entry: AuditEntry | None
    """None where it is not there any more."""


class FaultKind(StrEnum):
    CHANGED = "changed"
    ENTRY_GONE = "entry_gone"
    SEAL_GONE = "seal_gone"
    TAIL_GONE = "tail_gone"
    REWRITTEN = "rewritten"
    FORGED = "forged"
    STRAY = "stray"


_WORDS: Final[Mapping[FaultKind, str]] = {
    FaultKind.CHANGED: "it is not what was sealed: it, or its seal, was changed or moved",
    FaultKind.ENTRY_GONE: "it was sealed, and is gone",
    FaultKind.SEAL_GONE: "its seal is gone",
    FaultKind.TAIL_GONE: "it was there once, and everything from it on is gone",
    FaultKind.REWRITTEN: "a signed checkpoint disagrees: the chain was written anew",
    FaultKind.FORGED: "a checkpoint at it is not signed by a known key",
    FaultKind.STRAY: "it was written past the application, and never sealed",
}


class Fault(Struct, frozen=True):
    """The first entry of a chain that is not as it was."""

    kind: FaultKind
    organization: OrganizationId | None
    seq: int | None
    """None where it has no place in the chain."""
    entry: AuditId | None = None
    """None where its id went with it."""
    since: int | None = None
    """Where only checkpoints tell: the first bad entry is one of `since` to `seq`."""

    @property
    def sentence(self) -> str:
        place = "" if self.seq is None else f" {self.seq}"
        if self.since not in {None, self.seq}:
            place = f", one of {self.since} to {self.seq}"
        name = "" if self.entry is None else f" ({self.entry})"
        chain = "no organization" if self.organization is None else self.organization
        return f"entry{place}{name} of {chain}: {_WORDS[self.kind]}"


def start(organization: OrganizationId | None) -> Head:
    """The chain before its first entry."""
    return Head(organization, 0, bytes(32))


def canonical(seq: int, entry: AuditEntry) -> bytes:
    """The entry at its place, as bytes that no version of this program will write otherwise."""
    return _encode(
        (
            VERSION,
            entry.organization,
            seq,
            entry.id,
            entry.at,
            entry.actor,
            entry.action,
            entry.resource,
            entry.correlation,
            entry.details,
        )
    )


def link(before: bytes, seq: int, entry: AuditEntry) -> bytes:
    """The hash of the seal that binds `entry` to the one before it."""
    return _sha256(before + canonical(seq, entry)).digest()


def extend(head: Head, entries: Iterable[AuditEntry]) -> list[Seal]:
    """The seals of further entries of this chain, in this order."""
    seals: list[Seal] = []
    seq, before = head.seq, head.hash
    for entry in entries:
        seq += 1
        before = link(before, seq, entry)
        seals.append(Seal(head.organization, seq, entry.id, before))
    return seals


def head_of(seal: Seal) -> Head:
    return Head(seal.organization, seal.seq, seal.hash)


def follow(head: Head, sealed: Iterable[SealedEntry]) -> Head | Fault:
    """Check the entries that come after `head`, in their order; the first bad one is named."""
    organization, seq, before = head.organization, head.seq, head.hash
    for it in sealed:
        seq += 1
        seal, entry = it.seal, it.entry
        if seal.seq != seq:
            return Fault(FaultKind.SEAL_GONE, organization, seq)
        if entry is None:
            return Fault(FaultKind.ENTRY_GONE, organization, seq, seal.entry)
        if entry.organization != organization or link(before, seq, entry) != seal.hash:
            return Fault(FaultKind.CHANGED, organization, seq, entry.id)
        before = seal.hash
    return Head(organization, seq, before)
