"""The audit log, the chain over it, and the checkpoints of the chain. Nothing here changes an entry."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, or_, select, text, update

from solynk.adapters.sqlalchemy import tables
from solynk.adapters.sqlalchemy.records import Records
from solynk.adapters.sqlalchemy.statements import AnyOf, Prepared
from solynk.adapters.sqlalchemy.transaction import Transaction, insert
from solynk.core.audit import AuditEntry
from solynk.core.chain import Head, Seal, SealedEntry, head_of, start
from solynk.core.checkpoint import Checkpoint, CheckpointKind
from solynk.core.ids import AuditId, OrganizationId, first_id
from solynk.ports.errors import Conflict
from solynk.ports.sealing import Strays

ENTRY: Final = tables.audit.c
WAITING: Final = tables.audit_unsealed.c
SEAL: Final = tables.audit_seals.c
CHAIN: Final = tables.audit_chains.c
CHECKPOINT: Final = tables.audit_checkpoints.c

ENTRIES: Final = Records(tables.audit, AuditEntry)
SEALS: Final = Records(tables.audit_seals, Seal)
CHECKPOINTS: Final = Records(tables.audit_checkpoints, Checkpoint)

WAIT: Final = Prepared(
    lambda dialect: (
        insert(tables.audit_unsealed, dialect)
        .from_select(["id"], select(ENTRY.id).where(AnyOf(ENTRY.id, "ids")))
        .returning(WAITING.id)
    )
)

_WIDTH: Final = len(SEAL)
_HEAD: Final = (CHAIN.organization, CHAIN.seq, CHAIN.hash)


@dataclass(frozen=True, slots=True)
class SqlAuditLog:
    transaction: Transaction

    async def append(self, *entries: AuditEntry) -> None:
        if len(await ENTRIES.add_all(self.transaction, entries)) < len(entries):
            raise Conflict("database", "an entry is never written again")
        await self.transaction.answer(WAIT, {"ids": [it.id for it in entries]})

    async def about(
        self,
        organization: OrganizationId | None,
        *,
        resource: str | None = None,
        limit: int = 100,
    ) -> Sequence[AuditEntry]:
        page = select(tables.audit).order_by(ENTRY.at.desc(), ENTRY.id.desc()).limit(limit)
        if organization is not None:
            page = page.where(ENTRY.organization == organization)
        if resource is not None:
            page = page.where(ENTRY.resource == resource)
        return await ENTRIES.all(self.transaction, page)

    async def since(self, at: datetime, limit: int) -> Sequence[AuditEntry]:
        page = select(tables.audit).where(ENTRY.id >= first_id(at))
        return await ENTRIES.all(self.transaction, page.order_by(ENTRY.id).limit(limit))


@dataclass(frozen=True, slots=True)
class SqlAuditChains:
    transaction: Transaction

    async def waiting(self, limit: int) -> Sequence[AuditEntry]:
        page = select(tables.audit).join(tables.audit_unsealed, WAITING.id == ENTRY.id)
        return await ENTRIES.all(self.transaction, page.order_by(WAITING.id).limit(limit))

    async def heads(
        self, organizations: Collection[OrganizationId | None]
    ) -> Mapping[OrganizationId | None, Head]:
        known = select(*_HEAD).where(CHAIN.organization.in_(list(organizations)))
        found = [_head(row) for row in await self.transaction.rows(known)]
        return {it: start(it) for it in organizations} | {it.organization: it for it in found}

    async def extend(self, seals: Sequence[Seal]) -> None:
        many = self.transaction.many
        await many(self.transaction.insert(tables.audit_seals), [SEALS.values(it) for it in seals])
        sealed = delete(tables.audit_unsealed).where(WAITING.id == bindparam("entry"))
        await many(sealed, [{"entry": it.entry} for it in seals])
        ends = {it.organization: head_of(it) for it in seals}.values()
        insert = self.transaction.insert(tables.audit_chains)
        moved = insert.on_conflict_do_update(
            index_elements=list(tables.audit_chains.primary_key),
            set_={"seq": insert.excluded.seq, "hash": insert.excluded.hash},
        )
        ways = [{"organization": it.organization, "seq": it.seq, "hash": it.hash} for it in ends]
        await many(moved, ways)


@dataclass(frozen=True, slots=True)
class SqlSealedLog:
    transaction: Transaction

    async def chains(self) -> Sequence[Head]:
        every = select(*_HEAD).order_by(CHAIN.organization)
        return [_head(row) for row in await self.transaction.rows(every)]

    async def page(
        self, organization: OrganizationId | None, *, after: int, limit: int
    ) -> Sequence[SealedEntry]:
        both = select(tables.audit_seals, tables.audit)
        page = both.outerjoin(tables.audit, ENTRY.id == SEAL.entry)
        chain = page.where(SEAL.organization == organization, SEAL.seq > after)
        rows = await self.transaction.rows(chain.order_by(SEAL.seq).limit(limit))
        return [_sealed(row) for row in rows]

    async def strays(self, after: AuditId | None, limit: int) -> Strays:
        page = select(ENTRY.id).order_by(ENTRY.id).limit(limit)
        if after is not None:
            page = page.where(ENTRY.id > after)
        looked = page.subquery()
        ids = [AuditId(row[0]) for row in await self.transaction.rows(select(looked))]
        stray = (
            select(tables.audit)
            .join(looked, looked.c.id == ENTRY.id)
            .outerjoin(tables.audit_seals, SEAL.entry == ENTRY.id)
            .outerjoin(tables.audit_unsealed, WAITING.id == ENTRY.id)
            .where(SEAL.entry.is_(None), WAITING.id.is_(None))
        )
        found = await ENTRIES.all(self.transaction, stray.order_by(ENTRY.id))
        return Strays(tuple(found), ids[-1] if len(ids) == limit else None)


def _head(row: Sequence[Any]) -> Head:
    organization, seq, hash_ = row
    return Head(organization, seq, hash_)


def _sealed(row: Sequence[Any]) -> SealedEntry:
    entry = row[_WIDTH:]
    return SealedEntry(
        SEALS.value(row[:_WIDTH]), None if entry[0] is None else ENTRIES.value(entry)
    )


@dataclass(frozen=True, slots=True)
class SqlCheckpoints:
    transaction: Transaction

    async def due(self, before: datetime, limit: int) -> Sequence[Head]:
        grown = select(*_HEAD).where(text(tables.UNSIGNED))
        rested = grown.where(or_(CHAIN.signed_at.is_(None), CHAIN.signed_at <= before))
        rows = await self.transaction.rows(rested.order_by(CHAIN.organization).limit(limit))
        return [_head(row) for row in rows]

    async def put(self, checkpoints: Sequence[Checkpoint]) -> None:
        insert = self.transaction.insert(tables.audit_checkpoints).on_conflict_do_nothing()
        await self.transaction.many(insert, [CHECKPOINTS.values(it) for it in checkpoints])
        signed = (
            update(tables.audit_chains)
            .where(CHAIN.organization == bindparam("of", type_=CHAIN.organization.type))
            .values(signed_seq=bindparam("upto"), signed_at=bindparam("then"))
        )
        heads = [it for it in checkpoints if it.kind is CheckpointKind.HEAD]
        ways = [{"of": it.organization, "upto": it.seq, "then": it.at} for it in heads]
        await self.transaction.many(signed, ways)

    async def of(self, organization: OrganizationId | None) -> Sequence[Checkpoint]:
        known = select(tables.audit_checkpoints).where(CHECKPOINT.organization == organization)
        return await CHECKPOINTS.all(self.transaction, known.order_by(CHECKPOINT.seq))

    async def newest(self) -> Checkpoint | None:
        chain = select(CHAIN.organization).order_by(CHAIN.signed_at.desc().nulls_last()).limit(1)
        its = select(tables.audit_checkpoints).where(
            CHECKPOINT.organization.is_not_distinct_from(chain.scalar_subquery())
        )
        latest = its.order_by(CHECKPOINT.at.desc(), CHECKPOINT.seq.desc()).limit(1)
        return await CHECKPOINTS.first(self.transaction, latest)

    async def last(self, organization: OrganizationId | None, upto: int) -> Checkpoint | None:
        heads = select(tables.audit_checkpoints).where(
            CHECKPOINT.organization == organization,
            CHECKPOINT.kind == CheckpointKind.HEAD,
            CHECKPOINT.seq <= upto,
        )
        latest = heads.order_by(CHECKPOINT.seq.desc()).limit(1)
        return await CHECKPOINTS.first(self.transaction, latest)
