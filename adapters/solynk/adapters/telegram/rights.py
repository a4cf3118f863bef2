"""What the bot must be allowed to do in a chat, and the sentence that says what is missing."""

from typing import Final

BASIC_GROUP: Final = (
    "this is a basic group, where removals do not last: turn it into a supergroup (in the group's "
    "settings, make its history visible to new members) and connect it again"
)
REMOVED: Final = "the bot is not in the chat: add it, as an admin that may invite and ban users"
NO_ADMIN: Final = "the bot is no admin of the chat: make it one that may invite and ban users"
CAN_NOT_INVITE: Final = "the bot may not invite users: give it this right, so that it can let in"
CAN_NOT_BAN: Final = "the bot may not ban users: give it this right, so that it can take out"
NEITHER: Final = "the bot may neither invite nor ban users: give it both rights"


def admin_fault(*, invites: bool, restricts: bool) -> str | None:
    """`can_invite_users` and `can_restrict_members` of an admin; None where both are there."""
    match invites, restricts:
        case True, True:
            return None
        case False, True:
            return CAN_NOT_INVITE
        case True, False:
            return CAN_NOT_BAN
        case _:
            return NEITHER
