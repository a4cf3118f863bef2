"""What `/metrics` tells of webhooks, and of the whole installation."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from solynk.adapters.memory.store import InMemoryStore
from solynk.apps.container import put
from solynk.apps.engine.sealing import seal
from solynk.core.alert import Alert, AlertKind
from solynk.core.ids import AlertId
from solynk.core.instants import DAY, HOUR
from solynk.core.retention import Kept
from solynk.ports.errors import Unavailable
from solynk.ports.storage import Lane, UnitOfWork
from solynk.ports.telemetry import METRICS, Measure
from tests.apps.api.stage import NOBODY, NOON, Shop, Stage

pytestmark = pytest.mark.anyio


class GoneStore(InMemoryStore):
    """A store that answers until it is gone."""

    gone = False

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[UnitOfWork]:
        if self.gone:
            raise Unavailable("database", "no answer")
        async with super().begin() as tx:
            yield tx


async def told(stage: Stage) -> dict[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels."""
    answer = await stage.ask("GET", "/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *(sample.labels[it] for it in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def webhooks(stage: Stage) -> dict[str, float]:
    """How many there were of each outcome that there was."""
    return {
        words[1]: value
        for words, value in (await told(stage)).items()
        if words[0] == "solynk_webhooks_total" and value
    }


async def test_a_webhook_is_counted_by_what_became_of_it(stage: Stage, shop: Shop) -> None:
    await stage.pays(shop)

    assert await webhooks(stage) == {"stored": 1}


async def test_a_forged_webhook_is_counted_as_one(stage: Stage) -> None:
    answer = await stage.http.post("/webhooks/stripe", content=b"{}")

    assert answer.status_code == 400
    assert await webhooks(stage) == {"forged": 1}


async def test_what_is_well_signed_and_no_event_is_counted_and_alerted(stage: Stage) -> None:
    await stage.deliver(stage.provider.sign(b"no event", NOON))

    assert await webhooks(stage) == {"malformed": 1}
    assert (await told(stage))["solynk_open_alerts", "dead_letter"] == 1


async def test_a_webhook_that_meets_an_outage_is_counted_and_so_is_the_outage(
    stage: Stage,
) -> None:
    store = GoneStore()
    put(stage.container.store, store)
    stage.container.wiring.reset()
    store.gone = True

    answer = await stage.deliver(stage.provider.sign(b"{}", NOON))

    assert answer.status_code == 503
    assert await webhooks(stage) == {"unavailable": 1}
    numbers = await told(stage)
    assert numbers["solynk_store_up",] == 0
    assert ("solynk_backlog", "events") not in numbers


async def test_the_age_of_what_waits_is_told(stage: Stage, shop: Shop) -> None:
    await stage.pays(shop)

    stage.clock.at = NOON + timedelta(seconds=90)

    numbers = await told(stage)
    assert numbers["solynk_oldest_due_seconds", "events"] == 90
    assert numbers["solynk_oldest_due_seconds", "commands"] == 0


async def test_the_age_of_an_audit_entry_without_a_seal_is_told(stage: Stage, shop: Shop) -> None:
    assert shop.id

    stage.clock.at = NOON + timedelta(seconds=90)
    waiting = await told(stage)
    await seal(stage.wiring, "a sealer")
    sealed = await told(stage)

    assert waiting["solynk_unsealed_audit_seconds",] == 90
    assert sealed["solynk_unsealed_audit_seconds",] == 0


async def test_alerts_and_breakers_are_told_also_where_there_are_none(stage: Stage) -> None:
    async with stage.wiring.store.begin() as tx:
        rights = AlertKind.LOST_RIGHTS
        await tx.alerts.open(Alert(AlertId(NOBODY), None, rights, "a channel", "it is gone", NOON))
        await tx.lanes.put(Lane("stripe:acct_1", 5, NOON))

    numbers = await told(stage)

    assert numbers["solynk_open_alerts", "lost_rights"] == 1
    assert numbers["solynk_open_alerts", "dead_letter"] == 0
    assert numbers["solynk_open_breakers", "stripe"] == 1
    assert numbers["solynk_open_breakers", "telegram"] == 0


async def test_every_gauge_there_is_is_told(stage: Stage) -> None:
    names: Sequence[str] = [words[0] for words in await told(stage)]

    gauges = {f"solynk_{it}" for it, metric in METRICS.items() if metric.measure is Measure.GAUGE}
    assert gauges - set(names) == {"solynk_redis_up"}, "which is told where Redis is set"


async def test_what_is_kept_too_long_is_told_for_how_long(stage: Stage) -> None:
    at = NOON - 401 * DAY
    async with stage.wiring.store.begin() as tx:
        await tx.retention.reached(Kept.AUDIT, at - HOUR)
        await tx.retention.reached(Kept.EVENTS, at)

    numbers = await told(stage)

    behind = numbers["solynk_retention_behind_seconds", "audit"]
    assert timedelta(seconds=behind) >= DAY + HOUR
    assert numbers["solynk_retention_behind_seconds", "events"] == 0
