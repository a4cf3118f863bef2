"""Whose turn it is: rows that wait, taken in rounds over those who own them.

Owners are walked in the order of an index, at the cost of one look into it each, however many rows
an owner has. A walk ends when it has met as many owners with due rows as there is room for, or
after `STEPS` owners; the next one goes on behind it, and behind the last owner comes the first.
Where it stands is kept in memory: what is lost with a process is a place in a round, never a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    Table,
    bindparam,
    case,
    column,
    literal_column,
    select,
    text,
    true,
    values,
)

from solynk.adapters.sqlalchemy.statements import Selected
from solynk.adapters.sqlalchemy.transaction import Transaction

STEPS: Final = 100
"""How many owners one walk may meet of whom nothing is due yet."""


@dataclass(slots=True)
class Place:
    """Behind which owner the next walk begins; None is before the first."""

    after: str | None = None

    def room(self, batch: int) -> int:
        """How much of a batch is shared out: once a round one row is left to the longest due.

        So nothing waits for ever, not even what nobody owns, which no walk meets.
        """
        return batch - 1 if self.after is None else batch


@dataclass(frozen=True, slots=True)
class Rotation:
    """The place in each queue, for all units of work of one store."""

    commands: Place = field(default_factory=Place)
    events: Place = field(default_factory=Place)


@dataclass(frozen=True)
class Rounds:
    """Rows of one table that wait where `waiting` holds, with an index on (owner, due_at, id).

    The statements are built once, with parameters: to build and to hash one of them anew costs more
    than to carry it out.
    """

    table: Table
    owner: str
    waiting: str
    told: tuple[str, ...] = ()
    """Further columns of the rows that are shared out."""

    async def owners(
        self, transaction: Transaction, place: Place, at: datetime, room: int
    ) -> Sequence[str]:
        """Owners whose turn it is and whose first row is due, `room` of them at most.

        Nobody, where there are not two of them to share with each other.
        """
        after = {} if place.after is None else {"after": place.after}
        walk = self._further if after else self._from_the_first
        met = await transaction.rows(walk, {"at": at, "room": room, **after})
        ended = len(met) < STEPS and (not met or met[-1].found < room)
        place.after = None if ended else met[-1].owner
        due = [it.owner for it in met if it.due_at <= at]
        return [] if len(due) == 1 else due

    def shares(self, of: int, which: ColumnElement[bool], *, lateral: bool, lock: bool) -> Selected:
        """`id`, `due_at` and what is told of the longest due rows of so many owners, `most` of each.

        The owners are the parameters that `named` gives.
        """
        row, its = self.table.c, column("owner", self.table.c[self.owner].type)
        wanted = ("id", "due_at", *self.told)
        names = [(bindparam(f"owner_{number}", type_=its.type),) for number in range(of)]
        owned = values(its, name="owned").data(names).cte("owned")
        share = (
            select(*(row[it] for it in wanted))
            .where(text(self.waiting), which, row[self.owner] == owned.c.owner)
            .order_by(row.due_at, row.id)
            .limit(bindparam("most", type_=Integer))
        )
        if lateral:
            its_rows = share.with_for_update(skip_locked=True) if lock else share
            held = its_rows.lateral("held")
            return select(*(held.c[it] for it in wanted)).select_from(owned.join(held, true()))
        one, ids = self.table.alias("one"), share.with_only_columns(row.id).correlate(owned)
        chosen = owned.join(one, one.c.id.in_(ids))
        return select(*(one.c[it] for it in wanted)).select_from(chosen)

    @cached_property
    def _from_the_first(self) -> Select[Any]:
        return self._walk(None)

    @cached_property
    def _further(self) -> Select[Any]:
        return self._walk(bindparam("after", type_=self.table.c[self.owner].type))

    def _walk(self, after: ColumnElement[Any] | None) -> Select[Any]:
        row, room = self.table.alias("row"), bindparam("room", type_=Integer)
        owner, its_time = row.c[self.owner].label("owner"), row.c.due_at <= bindparam("at")
        due = case((its_time, 1), else_=0)
        began = select(
            owner, row.c.due_at, due.label("found"), literal_column("1", Integer).label("steps")
        ).where(row.c.id == self._first(after))
        walk = began.cte("walk", recursive=True)
        next_row = walk.join(row, row.c.id == self._first(walk.c.owner).correlate(walk))
        further = (
            select(owner, row.c.due_at, walk.c.found + due, walk.c.steps + 1)
            .select_from(next_row)
            .where(walk.c.found < room, walk.c.steps < STEPS)
        )
        return select(walk.union_all(further))

    def _first(self, after: ColumnElement[Any] | None) -> ScalarSelect[Any]:
        """The id of the first row of the next owner."""
        row = self.table.alias("first")
        owner = row.c[self.owner]
        behind = owner.is_not(None) if after is None else owner > after
        return (
            select(row.c.id)
            .where(text(self.waiting), behind)
            .order_by(owner, row.c.due_at, row.c.id)
            .limit(1)
            .scalar_subquery()
        )


def named(owners: Sequence[str]) -> dict[str, str]:
    return {f"owner_{number}": owner for number, owner in enumerate(owners)}
