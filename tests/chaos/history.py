"""What happened in the world, read from the world: purchases, and who came and went, by whom."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from solynk.apps.demo.cast import Stage
from tests.chaos.oracle import Bought, Cover

REQUESTED: Final = "cancellation_requested"
MEMBERSHIP: Final = "membership"
"""The entries of the ledger that a history is made of."""

Obj = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Move:
    """A membership that changed. `by` is whoever did it: the bot, an admin, or the person."""

    person: int
    at: datetime
    inside: bool
    by: int


@dataclass(frozen=True, slots=True)
class History:
    bought: Mapping[str, tuple[Bought, ...]]
    """By customer."""
    moves: tuple[Move, ...]

    def of(self, person: int) -> list[Move]:
        return [it for it in self.moves if it.person == person]


async def history(stage: Stage, ledger: Iterable[Obj]) -> History:
    books = _Books(
        {kind: await _objects(stage, kind) for kind in ("subscription", "invoice", "charge")}
        | {kind: await _objects(stage, kind) for kind in ("invoice_payment", "refund", "dispute")}
    )
    bought: dict[str, list[Bought]] = defaultdict(list)
    for it in books.of["subscription"]:
        bought[it["metadata"]["solynk_customer"]].append(books.bought(it))
    moves = [_move(it) for it in ledger if _is_move(it, stage.world.chat)]
    return History({who: tuple(them) for who, them in bought.items()}, tuple(moves))


async def _objects(stage: Stage, kind: str) -> list[Obj]:
    world = stage.world
    found = await world.http.get(f"{world.base_url}/sandbox/stripe/{world.account}/objects/{kind}")
    answer: list[Obj] = found.json()
    return answer


def _is_move(entry: Obj, chat: int) -> bool:
    return (entry["direction"], entry["path"], entry["account"]) == (
        "control",
        MEMBERSHIP,
        str(chat),
    )


def _move(entry: Obj) -> Move:
    params = entry["params"]
    inside = params["to"] in {"owner", "administrator", "member"}
    at = datetime.fromisoformat(entry["at"])
    return Move(params["user_id"], at, inside, params["by"])


@dataclass(frozen=True, slots=True)
class _Books:
    of: Mapping[str, Sequence[Obj]]

    def bought(self, subscription: Obj) -> Bought:
        invoices = [it for it in self.of["invoice"] if _subscription(it) == subscription["id"]]
        reason = subscription["cancellation_details"]["reason"]
        ended = subscription["ended_at"] if reason == REQUESTED else None
        return Bought(
            covers=tuple(self._cover(it) for it in invoices if it["status"] == "paid"),
            ended_at=None if ended is None else _at(ended),
            failures=tuple(
                _at(it["created"])
                for invoice in invoices
                for it in self._charges(invoice)
                if it["status"] == "failed"
            ),
        )

    def _cover(self, invoice: Obj) -> Cover:
        periods = [it["period"] for it in invoice["lines"]["data"]]
        return Cover(
            start=_at(min(it["start"] for it in periods)),
            end=_at(max(it["end"] for it in periods)),
            paid_at=_at(invoice["status_transitions"]["paid_at"]),
            void_at=min(
                (at for it in self._charges(invoice) if (at := self._void_at(it)) is not None),
                default=None,
            ),
        )

    def _charges(self, invoice: Obj) -> list[Obj]:
        intents = {
            it["payment"]["payment_intent"]
            for it in self.of["invoice_payment"]
            if it["invoice"] == invoice["id"]
        }
        return [it for it in self.of["charge"] if it["payment_intent"] in intents]

    def _void_at(self, charge: Obj) -> datetime | None:
        """All of it was given back, or lost in a dispute."""
        if not charge["refunded"]:
            return None
        refunds = [it for it in self.of["refund"] if it["charge"] == charge["id"]]
        return max(_at(it["created"]) for it in refunds)


def _subscription(invoice: Obj) -> str:
    return str(invoice["parent"]["subscription_details"]["subscription"])


def _at(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)
