"""Who may do what: one table."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    SUPPORT = "support"
    VIEWER = "viewer"
    SUPERADMIN = "superadmin"


class Permission(StrEnum):
    READ_CATALOG = "read_catalog"
    WRITE_CATALOG = "write_catalog"
    READ_CUSTOMERS = "read_customers"
    WRITE_CUSTOMERS = "write_customers"
    READ_ACCESS = "read_access"
    GRANT_ACCESS = "grant_access"
    BLOCK_CUSTOMER = "block_customer"
    READ_AMOUNTS = "read_amounts"
    READ_PAYMENT_PAYLOADS = "read_payment_payloads"
    REPLAY = "replay"
    READ_ALERTS = "read_alerts"
    RESOLVE_ALERTS = "resolve_alerts"
    READ_AUDIT = "read_audit"
    CONNECT_PAYMENTS = "connect_payments"
    SET_POLICY = "set_policy"
    MANAGE_USERS = "manage_users"
    MANAGE_ORGANIZATIONS = "manage_organizations"


_P = Permission

_VIEWER: Final = frozenset({_P.READ_CATALOG, _P.READ_CUSTOMERS, _P.READ_ACCESS, _P.READ_ALERTS})
_SUPPORT: Final = _VIEWER | {
    _P.GRANT_ACCESS,
    _P.BLOCK_CUSTOMER,
    _P.REPLAY,
    _P.RESOLVE_ALERTS,
    _P.READ_AUDIT,
}
_ADMIN: Final = _SUPPORT | {_P.WRITE_CATALOG, _P.WRITE_CUSTOMERS, _P.SET_POLICY}
_OWNER: Final = _ADMIN | {
    _P.READ_AMOUNTS,
    _P.READ_PAYMENT_PAYLOADS,
    _P.CONNECT_PAYMENTS,
    _P.MANAGE_USERS,
}

PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.VIEWER: _VIEWER,
    Role.SUPPORT: _SUPPORT,
    Role.ADMIN: _ADMIN,
    Role.OWNER: _OWNER,
    Role.SUPERADMIN: frozenset(Permission),
}
"""Admins see no amounts and no payment payloads; support acts on access and sees no secrets."""


def permits(role: Role, permission: Permission) -> bool:
    return permission in PERMISSIONS[role]
