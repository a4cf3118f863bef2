"""Something a person must look at, with the fix."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from solynk.core.ids import AlertId, OrganizationId


class AlertKind(StrEnum):
    LOST_RIGHTS = "lost_rights"
    CHANNEL_GONE = "channel_gone"
    BOT_REVOKED = "bot_revoked"
    PROVIDER_REFUSES = "provider_refuses"
    NOT_COMPARED = "not_compared"
    DEAD_LETTER = "dead_letter"
    BRAKE = "brake"
    EXEMPT_WITHOUT_RIGHT = "exempt_without_right"
    REMOVED_BY_ADMIN = "removed_by_admin"
    IDENTITY_TAKEN = "identity_taken"
    MONEY_TAKEN_TWICE = "money_taken_twice"
    FOREIGN_METADATA = "foreign_metadata"
    UNKNOWN_STATUS = "unknown_status"
    STRANGER_INSIDE = "stranger_inside"
    SHUT_OUT = "shut_out"
    STILL_INSIDE = "still_inside"
    UNEXPLAINED = "unexplained"
    LATE = "late"
    UNSEALED = "unsealed"


FIX: dict[AlertKind, str] = {
    AlertKind.LOST_RIGHTS: "Make the bot an admin of the channel again, with the rights to invite"
    " and to restrict members; then run `solynk doctor`.",
    AlertKind.CHANNEL_GONE: "Add the bot to the channel again as an admin, or take the channel"
    " out of its products.",
    AlertKind.BOT_REVOKED: "The bot's token is not valid any more: set TELEGRAM_BOT_TOKEN to the"
    " token that BotFather gives, and restart.",
    AlertKind.PROVIDER_REFUSES: "The payment account refuses our calls: reconnect it. Nobody is"
    " expelled meanwhile.",
    AlertKind.NOT_COMPARED: "The regular comparison with the provider or the platform could not be"
    " made; it is tried again in some hours. Read the reason, and mend it if it does not go by itself.",
    AlertKind.DEAD_LETTER: "Read the reason, mend the cause, then replay the dead letter.",
    AlertKind.BRAKE: "Many expulsions at once were stopped. Check the reason, then confirm or drop"
    " them.",
    AlertKind.EXEMPT_WITHOUT_RIGHT: "An owner, admin or protected member has no right any more:"
    " nothing is done to them. Demote or remove them by hand if you wish.",
    AlertKind.REMOVED_BY_ADMIN: "An admin removed a member who has a right. Block the customer, or"
    " let them in again.",
    AlertKind.IDENTITY_TAKEN: "Two customers claim one person. Decide whose they"
    " are, and bind the other customer's own person to the other customer.",
    AlertKind.MONEY_TAKEN_TWICE: "A customer pays twice for one product. Refund one of the two.",
    AlertKind.FOREIGN_METADATA: "An event named another organization's objects. It had no effect"
    " there; ask the account's owner why.",
    AlertKind.UNKNOWN_STATUS: "The provider used a word this version does not know. Nobody was"
    " expelled for it; look for an update.",
    AlertKind.STRANGER_INSIDE: "Someone without a right is in a paid channel. Grant them access or"
    " remove them.",
    AlertKind.SHUT_OUT: "Someone with a right is outside, and nothing is being done about it. Let"
    " them in by hand, run `solynk explain`, and report it: this is a fault of ours.",
    AlertKind.STILL_INSIDE: "Someone without a right is inside, and nothing is being done about it."
    " Run `solynk explain`, and report it: this is a fault of ours.",
    AlertKind.UNEXPLAINED: "What is desired of an access is not what the audit log says. Run `solynk"
    " verify-audit`; find out who writes to the database.",
    AlertKind.LATE: "Work has been due for over five minutes. See that workers run and that the"
    " database and the vendors answer.",
    AlertKind.UNSEALED: "Audit entries have waited over a minute for their seal. See that a worker"
    " runs, and what it logs about sealing.",
}


class Alert(Struct, frozen=True):
    """Open until a person resolves it, or its cause has gone. One is open per (kind, subject)."""

    id: AlertId
    organization: OrganizationId | None
    kind: AlertKind
    subject: str
    message: str
    opened_at: datetime
    resolved_at: datetime | None = None

    @property
    def fix(self) -> str:
        return FIX[self.kind]
