"""All of Stripe that the sandbox holds: accounts, keys, endpoints, idempotency."""

from dataclasses import dataclass

from solynk.apps.sandbox.ground import Ground
from solynk.apps.sandbox.places import Place
from solynk.apps.sandbox.stripe.account import Account, fresh_id
from solynk.apps.sandbox.stripe.events import announce
from solynk.apps.sandbox.stripe.form import Obj
from solynk.apps.sandbox.stripe.problems import bad_key, missing, no_access
from solynk.apps.sandbox.words import money

PLATFORM = "acct_sandboxplatform"
API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True)
class Remembered:
    """The answer to an idempotency key, kept for 24 virtual hours."""

    asked: str
    status: int
    body: Obj
    request_id: str
    at: int


class StripeWorld:
    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.reset()

    def reset(self) -> None:
        self.livemode = False
        self.revoked_keys: set[str] = set()
        self.old_secrets: dict[str, str] = {}
        """By endpoint id, the secret that is being rotated out."""
        self.accounts: dict[str, Account] = {}
        self.remembered: dict[tuple[str, str], Remembered] = {}
        self.request: Obj = {"id": None, "idempotency_key": None}
        """The API request that is being worked on, for the events that it causes."""
        self.open_account(PLATFORM, name="Sandbox platform")

    @property
    def platform(self) -> Account:
        return self.accounts[PLATFORM]

    def open_account(
        self, id_: str = "", *, name: str = "", charges_enabled: bool = True,
        country: str = "FR", email: str = "creator@example.com",
    ) -> Account:  # fmt: skip
        facts: Obj = {
            "name": name or "A creator",
            "charges_enabled": charges_enabled,
            "country": country,
            "email": email,
            "created": self.ground.clock.timestamp(),
            "metadata": {},
        }
        account = Account(id_ or fresh_id("account"), self, facts)
        self.accounts[account.id] = account
        return account

    def authenticated(self, key: str, account_id: str) -> Account:
        """Raises StripeProblem 401 for the key, 403 for the account."""
        if not key.startswith("sk_test_") or key in self.revoked_keys:
            raise bad_key(key)
        account = self.accounts.get(account_id or PLATFORM)
        if account is None or account.revoked:
            raise no_access(key, account_id)
        return account

    def account(self, id_: str) -> Account:
        """Raises StripeProblem 404."""
        if id_ not in self.accounts:
            raise missing("account", id_)
        return self.accounts[id_]

    def session(self, id_: str) -> tuple[Account, Obj]:
        """Whose Checkout Session this is. Raises StripeProblem 404."""
        return self._owned("checkout.session", id_)

    def portal(self, id_: str) -> tuple[Account, Obj]:
        """Whose portal session this is. Raises StripeProblem 404."""
        return self._owned("billing_portal.session", id_)

    def _owned(self, kind: str, id_: str) -> tuple[Account, Obj]:
        for account in self.accounts.values():
            if found := account.find(kind, id_):
                return account, found
        raise missing(kind, id_)

    def emit(self, account: Account, kind: str, obj: Obj, previous: Obj | None) -> None:
        announce(self, account, kind, obj, previous)

    def places(self) -> list[Place]:
        return [
            Place(
                "sessions",
                f"{_total(session)} · {account.facts['name']}",
                f"/checkout/{session['id']}",
                f"{session['status']} / {session['payment_status']}",
            )
            for account in self.accounts.values()
            for session in reversed(account.every("checkout.session"))
        ]


def _total(session: Obj) -> str:
    return money(session["amount_total"], session["currency"])
