"""Who may do what."""

import pytest

from solynk.core.roles import PERMISSIONS, Permission, Role, permits

MONEY = {Permission.READ_AMOUNTS, Permission.READ_PAYMENT_PAYLOADS, Permission.CONNECT_PAYMENTS}


def test_every_role_has_its_row_and_every_permission_someone_who_has_it() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert {it for row in PERMISSIONS.values() for it in row} == set(Permission)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPPORT, Role.VIEWER])
def test_only_the_owner_and_the_superadmin_see_money(role: Role) -> None:
    assert not any(permits(role, it) for it in MONEY)


def test_support_acts_on_access() -> None:
    acts = (Permission.GRANT_ACCESS, Permission.BLOCK_CUSTOMER, Permission.REPLAY)

    assert all(permits(Role.SUPPORT, it) for it in acts)
    assert not permits(Role.SUPPORT, Permission.SET_POLICY)


def test_a_viewer_changes_nothing() -> None:
    assert all(it.value.startswith("read_") for it in PERMISSIONS[Role.VIEWER])


def test_only_a_superadmin_manages_organizations() -> None:
    may = {it for it in Role if permits(it, Permission.MANAGE_ORGANIZATIONS)}

    assert may == {Role.SUPERADMIN}
