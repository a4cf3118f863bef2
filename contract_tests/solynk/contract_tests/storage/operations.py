"""The contracts of `Alerts`, `AuditLog`, `Brakes` and `Leases`."""

from typing import final

import anyio
import pytest
from msgspec.structs import replace

from solynk.contract_tests.storage.rows import (
    LOUNGE,
    MINUTE,
    NOON,
    OURS,
    THEIRS,
    a_brake,
    an_alert,
    an_entry,
    new_id,
)
from solynk.contract_tests.storage.store import NeedsStore
from solynk.core.alert import AlertKind
from solynk.core.ids import AlertId, OrganizationId
from solynk.ports.errors import Conflict
from solynk.ports.storage import Store


class BrakesContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_putting_a_brake_inserts_it_or_replaces_the_one_of_this_channel(
        self, store: Store
    ) -> None:
        changed = replace(a_brake(expulsions=21), engaged=True, released_until=NOON)

        async with store.begin() as unit:
            assert list(await unit.brakes.among(OURS, [LOUNGE])) == []
            await unit.brakes.put(a_brake())
            await unit.brakes.put(changed)

        async with store.begin() as unit:
            assert list(await unit.brakes.among(OURS, [LOUNGE])) == [changed]

    @final
    @pytest.mark.anyio
    async def test_of_many_who_count_at_once_none_is_left_out(self, store: Store) -> None:
        async def count() -> None:
            async with store.begin() as unit:
                brake = await unit.brakes.lock(OURS, LOUNGE, NOON)
                await anyio.sleep(0.001)
                await unit.brakes.put(replace(brake, expulsions=brake.expulsions + 1))

        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(count)

        async with store.begin() as unit:
            assert list(await unit.brakes.among(OURS, [LOUNGE])) == [a_brake(expulsions=10)]


class AlertsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize("organization", [OURS, None], ids=["owned", "owned by nobody"])
    async def test_nothing_happens_where_an_alert_of_this_kind_and_subject_is_open(
        self, store: Store, organization: OrganizationId | None
    ) -> None:
        first = an_alert(organization=organization)
        async with store.begin() as unit:
            assert await unit.alerts.open(first)

        async with store.begin() as unit:
            assert not await unit.alerts.open(an_alert(organization=organization))
            assert await unit.alerts.open(an_alert(organization=organization, subject="another"))
            other = an_alert(organization=organization, kind=AlertKind.CHANNEL_GONE)
            assert await unit.alerts.open(other)

        async with store.begin() as unit:
            assert await unit.alerts.get(organization, first.id) == first
            assert await unit.alerts.get(organization, AlertId(new_id())) is None

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize("organization", [OURS, None], ids=["owned", "owned by nobody"])
    async def test_a_resolved_alert_is_kept_and_makes_room_for_another(
        self, store: Store, organization: OrganizationId | None
    ) -> None:
        alert = an_alert(organization=organization)
        async with store.begin() as unit:
            await unit.alerts.open(alert)

        async with store.begin() as unit:
            resolve = unit.alerts.resolve
            assert await resolve(organization, alert.kind, alert.subject, NOON + MINUTE)
            assert not await resolve(organization, alert.kind, alert.subject, NOON + MINUTE)
            assert await unit.alerts.open(an_alert(organization=organization))

        async with store.begin() as unit:
            resolved = replace(alert, resolved_at=NOON + MINUTE)
            assert await unit.alerts.get(organization, alert.id) == resolved

    @final
    @pytest.mark.anyio
    async def test_alerts_are_listed_newest_first_the_resolved_ones_on_demand(
        self, store: Store
    ) -> None:
        old = an_alert(subject="old")
        newer = an_alert(subject="newer", opened_at=NOON + MINUTE)
        nobodys = an_alert(organization=None, opened_at=NOON + 2 * MINUTE)
        async with store.begin() as unit:
            for it in (newer, old, nobodys):
                await unit.alerts.open(it)
            await unit.alerts.resolve(OURS, old.kind, "old", NOON)

        async with store.begin() as unit:
            everything = await unit.alerts.all(OURS, open_only=False)
            assert [it.subject for it in everything] == ["newer", "old"]
            assert list(await unit.alerts.all(OURS)) == [newer]
            assert list(await unit.alerts.all(None)) == [nobodys, newer]
            assert list(await unit.alerts.all(None, limit=1)) == [nobodys]

    @final
    @pytest.mark.anyio
    async def test_the_open_alerts_about_some_subjects_are_found_whatever_their_kind(
        self, store: Store
    ) -> None:
        ours = an_alert(subject="a")
        others = [
            an_alert(subject="another"),
            an_alert(subject="a", organization=THEIRS),
            an_alert(subject="b", kind=AlertKind.BRAKE),
        ]
        async with store.begin() as unit:
            for it in (ours, *others):
                await unit.alerts.open(it)
            await unit.alerts.resolve(OURS, AlertKind.BRAKE, "b", NOON)

        async with store.begin() as unit:
            assert list(await unit.alerts.open_about(OURS, ["a", "b"])) == [ours]
            assert list(await unit.alerts.open_about(OURS, [])) == []

    @final
    @pytest.mark.anyio
    async def test_of_many_who_open_one_alert_at_once_one_is_told_true(self, store: Store) -> None:
        answers: list[bool] = []

        async def open_it() -> None:
            async with store.begin() as unit:
                answers.append(await unit.alerts.open(an_alert()))

        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(open_it)

        assert sorted(answers) == [False] * 9 + [True]


class AuditLogContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_entries_are_listed_newest_first(self, store: Store) -> None:
        old = an_entry(details={"plan": "ü"})
        newer = an_entry(at=NOON + MINUTE, resource="access:2")
        async with store.begin() as unit:
            await unit.audit.append(newer)
            await unit.audit.append(old)

        async with store.begin() as unit:
            assert list(await unit.audit.about(OURS)) == [newer, old]
            assert list(await unit.audit.about(OURS, limit=1)) == [newer]
            assert list(await unit.audit.about(OURS, resource="access:1")) == [old]

    @final
    @pytest.mark.anyio
    async def test_many_entries_are_appended_at_once_and_wait_for_their_seals(
        self, store: Store
    ) -> None:
        entries = sorted((an_entry() for _ in range(3)), key=lambda it: it.id)

        async with store.begin() as unit:
            await unit.audit.append(*entries)

        async with store.begin() as unit:
            assert list(await unit.chains.waiting(10)) == entries

    @final
    @pytest.mark.anyio
    async def test_one_of_many_entries_that_is_known_is_a_conflict(self, store: Store) -> None:
        known = an_entry()
        async with store.begin() as unit:
            await unit.audit.append(known)

        async with store.begin() as unit:
            with pytest.raises(Conflict):
                await unit.audit.append(an_entry(), known)

    @final
    @pytest.mark.anyio
    async def test_none_lists_the_entries_of_every_organization(self, store: Store) -> None:
        entries = [
            an_entry(organization=None),
            an_entry(organization=THEIRS, at=NOON + MINUTE),
            an_entry(at=NOON + 2 * MINUTE),
        ]
        async with store.begin() as unit:
            for it in entries:
                await unit.audit.append(it)

        async with store.begin() as unit:
            assert list(await unit.audit.about(None)) == entries[::-1]

    @final
    @pytest.mark.anyio
    async def test_entries_since_an_instant_are_those_of_everybody_by_id(
        self, store: Store
    ) -> None:
        old = an_entry()
        newer = an_entry(at=NOON + MINUTE, organization=None)
        newest = an_entry(at=NOON + 2 * MINUTE, organization=THEIRS)
        async with store.begin() as unit:
            for it in (newest, old, newer):
                await unit.audit.append(it)

        async with store.begin() as unit:
            assert list(await unit.audit.since(NOON + MINUTE, 10)) == [newer, newest]
            assert list(await unit.audit.since(NOON, 1)) == [old]


class LeasesContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_a_lease_is_held_until_its_end(self, store: Store) -> None:
        async with store.begin() as unit:
            assert await unit.leases.take("sweep", "a", NOON, NOON + MINUTE)

        async with store.begin() as unit:
            assert not await unit.leases.take("sweep", "b", NOON, NOON + MINUTE)
            assert await unit.leases.take("seal", "b", NOON, NOON + MINUTE)
            assert await unit.leases.take("sweep", "b", NOON + MINUTE, NOON + 2 * MINUTE)

    @final
    @pytest.mark.anyio
    async def test_the_same_holder_renews_a_lease(self, store: Store) -> None:
        async with store.begin() as unit:
            assert await unit.leases.take("sweep", "a", NOON, NOON + MINUTE)
            assert await unit.leases.take("sweep", "a", NOON, NOON + 3 * MINUTE)

        async with store.begin() as unit:
            later = NOON + 2 * MINUTE
            assert not await unit.leases.take("sweep", "b", later, later + MINUTE)

    @final
    @pytest.mark.anyio
    async def test_of_many_who_take_one_lease_at_once_one_holds_it(self, store: Store) -> None:
        answers: list[bool] = []

        async def take(holder: str) -> None:
            async with store.begin() as unit:
                answers.append(await unit.leases.take("sweep", holder, NOON, NOON + MINUTE))

        async with anyio.create_task_group() as tasks:
            for number in range(10):
                tasks.start_soon(take, f"holder {number}")

        assert sorted(answers) == [False] * 9 + [True]
