"""Stripe's error envelope, as exceptions that carry it."""

from typing import Any

from solynk.apps.sandbox.faults import Fault, FaultKind


class StripeProblem(Exception):
    def __init__(
        self, status: int, message: str, *, kind: str = "invalid_request_error",
        code: str = "", param: str = "",
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.code = code
        self.param = param

    def envelope(self) -> dict[str, Any]:
        error = {"type": self.kind, "message": self.message}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code}"
        if self.param:
            error["param"] = self.param
        return {"error": error}


def invalid(message: str, param: str = "", code: str = "") -> StripeProblem:
    return StripeProblem(400, message, code=code, param=param)


def missing(kind: str, id_: str, param: str = "id") -> StripeProblem:
    return StripeProblem(404, f"No such {kind}: '{id_}'", code="resource_missing", param=param)


def no_such_address(method: str, path: str) -> StripeProblem:
    return StripeProblem(404, f"Unrecognized request URL ({method}: {path}).")


def bad_key(key: str) -> StripeProblem:
    if not key:
        return StripeProblem(401, "You did not provide an API key.")
    return StripeProblem(401, f"Invalid API Key provided: {key[:8]}***")


def no_access(key: str, account: str) -> StripeProblem:
    return StripeProblem(
        403,
        f"The provided key '{key[:8]}***' does not have access to account "
        f"'{account}' (or that account does not exist). Application access may have "
        "been revoked.",
        code="account_invalid",
    )


def mismatch(key: str) -> StripeProblem:
    return StripeProblem(
        400,
        "Keys for idempotent requests can only be used with the same parameters they "
        f"were first used with. Try using a key other than '{key}' if you meant to "
        "execute a different request.",
        kind="idempotency_error",
    )


def of_fault(fault: Fault) -> StripeProblem:
    """What Stripe would say when this fault is met."""
    if fault.kind is FaultKind.RATE_LIMIT:
        return StripeProblem(429, "Too many requests", code=fault.code or "rate_limit")
    if fault.kind is FaultKind.REVOKED:
        return StripeProblem(401, "Expired API Key provided: sk_test_***", code="api_key_expired")
    if fault.kind is FaultKind.REFUSE:
        return StripeProblem(
            fault.status if fault.status != 500 else 403,  # noqa: PLR2004
            fault.message or "Application access may have been revoked.",
            code=fault.code or "account_invalid",
        )
    return StripeProblem(fault.status, fault.message or "An error occurred.", kind="api_error")
