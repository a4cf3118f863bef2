"""What waits for a bot: its queue of updates, and the two ways to get them.

An update keeps its id from the moment it is queued. With long polling it stays
until a later offset confirms it, with a webhook until it is answered 2xx, and
in either case for a day at most. With a webhook the order is kept inside a lane
(a chat, or a person and a kind of update); lanes overtake each other.
"""

import asyncio
import contextlib
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import msgspec

from solynk.apps.sandbox.clock import Appointment
from solynk.apps.sandbox.delivery import Delivery
from solynk.apps.sandbox.faults import Fault, FaultKind
from solynk.apps.sandbox.ground import Ground
from solynk.apps.sandbox.telegram.errors import conflict

KEPT_FOR: Final = timedelta(hours=24)
QUIET_FOR: Final = timedelta(days=7)
"""After a silence as long as this the next update id is a random one."""
LEFT_OUT: Final = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that a bot gets only when it asks for them by name."""
LONGEST_POLL: Final = 50.0
FIRST_ID: Final = 100_000_001


@dataclass(frozen=True)
class Update:
    id: int
    kind: str
    body: dict[str, Any]
    lane: str
    born: datetime

    def as_json(self) -> dict[str, Any]:
        return {"update_id": self.id, self.kind: self.body}


@dataclass(frozen=True)
class Webhook:
    url: str
    secret_token: str = ""
    max_connections: int = 40

    def headers(self, body: bytes) -> Mapping[str, str]:
        del body
        if not self.secret_token:
            return {}
        return {"X-Telegram-Bot-Api-Secret-Token": self.secret_token}


class UpdateQueue:
    def __init__(self, ground: Ground, bot_id: int) -> None:
        self.ground = ground
        self.bot_id = bot_id
        self.pending: list[Update] = []
        self.allowed: tuple[str, ...] = ()
        """Empty: all kinds but those of `LEFT_OUT`."""
        self.webhook: Webhook | None = None
        self.answered: Callable[[httpx.Response], None] = lambda _response: None
        """Told of the webhook's first 2xx answer to each update."""
        self._next_id = FIRST_ID
        self._last_born = ground.clock.now()
        self._arrived = asyncio.Event()
        self._poll = 0
        self._under_way: dict[str, tuple[Update, Appointment]] = {}

    def add(self, kind: str, body: dict[str, Any], lane: str) -> None:
        """Queue an update, unless the bot does not ask for its kind."""
        wanted = kind in self.allowed if self.allowed else kind not in LEFT_OUT
        if not wanted:
            return
        if self.webhook is not None:
            self._queue(kind, body, lane)
        elif self._meets(FaultKind.LOSE, kind):
            self._note_loss(kind)
        else:
            self._queue_for_poll(kind, body, lane)

    def forget(self) -> None:
        self.pending.clear()
        self._call_back()

    def drop_expired(self) -> None:
        at = self.ground.clock.now()
        self.pending[:] = [one for one in self.pending if at - one.born < KEPT_FOR]

    # long polling

    async def poll(self, offset: int, limit: int, seconds: float) -> list[Update]:
        """Confirm what is below `offset`, then wait for something to answer.

        A negative offset keeps that many of the latest and forgets the others.

        Raises:
            TelegramError: 409, when a webhook is set or another poll has begun.
        """
        if self.webhook is not None:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        mine = self._start_poll()
        self._confirm(offset)
        deadline = time.monotonic() + min(seconds, LONGEST_POLL)
        while not self.pending and time.monotonic() < deadline:
            await self._wait(deadline - time.monotonic())
            if self._poll != mine:
                raise conflict(
                    "terminated by other getUpdates request; "
                    "make sure that only one bot instance is running"
                )
        self.drop_expired()
        return self.pending[:limit]

    def _start_poll(self) -> int:
        self._poll += 1
        self._arrived.set()
        return self._poll

    async def _wait(self, seconds: float) -> None:
        self._arrived.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._arrived.wait(), seconds)

    def _confirm(self, offset: int) -> None:
        self.drop_expired()
        if offset < 0:
            self.pending[:] = self.pending[offset:]
        elif offset <= self._next_id:
            self.pending[:] = [one for one in self.pending if one.id >= offset]

    def _queue_for_poll(self, kind: str, body: dict[str, Any], lane: str) -> None:
        wait = self._delay(kind)
        duplicate = self._meets(FaultKind.DUPLICATE, kind)
        copies = 1 + (duplicate.copies if duplicate else 0)
        if wait:
            self.ground.agenda.at(
                self.ground.clock.now() + wait,
                f"queue {kind}",
                lambda: self._queue(kind, body, lane, copies),
            )
        else:
            self._queue(kind, body, lane, copies)

    def _delay(self, kind: str) -> timedelta:
        delay = self._meets(FaultKind.DELAY, kind)
        reorder = self._meets(FaultKind.REORDER, kind)
        wait = delay.seconds + delay.virtual_seconds if delay else 0.0
        if reorder:
            wait += self.ground.faults.random.random() * reorder.seconds
        return timedelta(seconds=wait)

    # webhook

    def set_webhook(self, webhook: Webhook | None) -> None:
        self._call_back()
        self.webhook = webhook
        self._start_poll()
        self._send_what_can_be_sent()

    def _call_back(self) -> None:
        """Take our deliveries back; what is not answered stays pending."""
        waiting = self.ground.deliveries.waiting
        waiting[:] = [one for one in waiting if not self._is_ours(one)]
        for _, expiry in self._under_way.values():
            expiry.call_off()
        self._under_way.clear()

    def _is_ours(self, delivery: Delivery) -> bool:
        return delivery.vendor == "telegram" and delivery.account == str(self.bot_id)

    def _send_what_can_be_sent(self) -> None:
        self.drop_expired()
        for update in list(self.pending):
            if self.webhook is not None and update.lane not in self._under_way:
                self._send(update, self.webhook)

    def _send(self, update: Update, webhook: Webhook) -> None:
        expiry = self.ground.agenda.at(
            update.born + KEPT_FOR,
            f"update {update.id} expires",
            lambda: self._expire(update),
        )
        self._under_way[update.lane] = (update, expiry)
        self.ground.deliveries.put(
            Delivery(
                vendor="telegram",
                kind=update.kind,
                account=str(self.bot_id),
                url=webhook.url,
                body=msgspec.json.encode(update.as_json()),
                headers=webhook.headers,
                about={"update_id": update.id},
                answered=lambda response: self._accepted(update, response),
            )
        )
        if self._was_lost(update):
            self._remove(update)

    def _was_lost(self, update: Update) -> bool:
        last = self.ground.ledger.entries[-1:]
        return any(
            one.fault == FaultKind.LOSE and one.params.get("update_id") == update.id for one in last
        )

    def _accepted(self, update: Update, response: httpx.Response) -> None:
        first = update in self.pending
        self._finish(update)
        if first:
            self.answered(response)

    def _expire(self, update: Update) -> None:
        waiting = self.ground.deliveries.waiting
        waiting[:] = [
            one
            for one in waiting
            if not (self._is_ours(one) and one.about.get("update_id") == update.id)
        ]
        self._finish(update)

    def _finish(self, update: Update) -> None:
        self._remove(update)
        self._send_what_can_be_sent()

    def _remove(self, update: Update) -> None:
        if update in self.pending:
            self.pending.remove(update)
        head = self._under_way.get(update.lane)
        if head is not None and head[0] is update:
            head[1].call_off()
            del self._under_way[update.lane]

    # both

    def _queue(self, kind: str, body: dict[str, Any], lane: str, copies: int = 1) -> None:
        update = Update(self._new_id(), kind, body, lane, self.ground.clock.now())
        self.pending.extend([update] * copies)
        self._arrived.set()
        self._send_what_can_be_sent()

    def _new_id(self) -> int:
        at = self.ground.clock.now()
        if at - self._last_born > QUIET_FOR:
            self._next_id = zlib.crc32(f"{self.bot_id}/{self._next_id}".encode()) >> 2
        self._last_born = at
        self._next_id += 1
        return self._next_id - 1

    def _meets(self, fault: FaultKind, kind: str) -> Fault | None:
        return self.ground.faults.on_delivery(fault, "telegram", kind, str(self.bot_id))

    def _note_loss(self, kind: str) -> None:
        self.ground.ledger.add(
            at=self.ground.clock.now(),
            direction="delivery",
            vendor="telegram",
            method="POST",
            path=kind,
            account=str(self.bot_id),
            status=0,
            fault=FaultKind.LOSE,
        )
