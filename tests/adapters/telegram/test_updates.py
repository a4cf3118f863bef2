from collections.abc import Mapping

import msgspec
import pytest

from solynk.adapters.telegram.updates import meaning
from solynk.core.access import By
from solynk.core.ids import ChatId, PersonId
from solynk.core.signals import (
    AskedToJoin,
    BotRightsChanged,
    Departed,
    Joined,
    Migrated,
    Ranked,
    Signal,
    Silenced,
    Started,
)
from solynk.ports.errors import Malformed

ANN, BOT, ADMIN = {"id": 5}, {"id": 700, "is_bot": True}, {"id": 9}
LOUNGE = {"id": -1001, "type": "supergroup", "title": "Lounge"}
PRIVATE = {"id": 5, "type": "private"}
CHAT, PERSON = ChatId("-1001"), PersonId("5")
RIGHTS = {"can_invite_users": True, "can_restrict_members": True}

LEFT, MEMBER, OWNER, ADMINISTRATOR, KICKED = (
    {"status": status} for status in ("left", "member", "creator", "administrator", "kicked")
)
MUTED_INSIDE = {"status": "restricted", "is_member": True}
MUTED_OUTSIDE = {"status": "restricted", "is_member": False}


def signals(kind: str, body: Mapping[str, object]) -> tuple[Signal, ...]:
    return meaning(msgspec.json.encode({"update_id": 1, kind: body}), "700")


def membership(
    old: Mapping[str, object], new: Mapping[str, object], *, by: Mapping[str, object] = ANN
) -> tuple[Signal, ...]:
    return signals(
        "chat_member",
        {
            "chat": LOUNGE,
            "from": by,
            "date": 1,
            "old_chat_member": {"user": ANN, **old},
            "new_chat_member": {"user": ANN, **new},
        },
    )


def about_the_bot(
    new: Mapping[str, object],
    *,
    chat: Mapping[str, object] = LOUNGE,
    old: Mapping[str, object] = MEMBER,
) -> tuple[Signal, ...]:
    return signals(
        "my_chat_member",
        {
            "chat": chat,
            "from": ANN,
            "date": 1,
            "old_chat_member": {"user": BOT, **old},
            "new_chat_member": {"user": BOT, **new},
        },
    )


@pytest.mark.parametrize(
    ("text", "payload"),
    [("/start", ""), ("/start t0ken-_A", "t0ken-_A"), ("/start  t0ken ", "t0ken")],
)
def test_start_carries_its_payload(text: str, payload: str) -> None:
    told = signals("message", {"chat": PRIVATE, "from": ANN, "text": text})

    assert told == (Started(PERSON, payload),)


@pytest.mark.parametrize("text", ["", "hello", "/starting t0ken", "start t0ken", "/paysupport"])
def test_other_messages_do_not_matter(text: str) -> None:
    assert signals("message", {"chat": PRIVATE, "from": ANN, "text": text}) == ()


def test_start_in_a_group_does_not_matter() -> None:
    assert signals("message", {"chat": LOUNGE, "from": ANN, "text": "/start t0ken"}) == ()


def test_a_message_without_a_sender_does_not_matter() -> None:
    assert signals("message", {"chat": LOUNGE, "text": "/start"}) == ()


@pytest.mark.parametrize(
    ("code", "locale"),
    [("fr", "fr"), ("fr-CA", "fr"), ("FR", "fr"), ("en", "en"), ("de", "en"), ("", "en")],
)
def test_the_locale_is_french_or_english(code: str, locale: str) -> None:
    person = {**ANN, "language_code": code}

    asked = signals("chat_join_request", {"chat": LOUNGE, "from": person, "user_chat_id": 5})
    started = signals("message", {"chat": PRIVATE, "from": person, "text": "/start"})

    assert asked == (AskedToJoin(CHAT, PERSON, locale),)
    assert started == (Started(PERSON, "", locale),)


@pytest.mark.parametrize("old", [LEFT, KICKED, MUTED_OUTSIDE])
@pytest.mark.parametrize("new", [MEMBER, MUTED_INSIDE])
def test_coming_in_is_joining(old: Mapping[str, object], new: Mapping[str, object]) -> None:
    assert membership(old, new) == (Joined(CHAT, PERSON),)


@pytest.mark.parametrize("old", [MEMBER, MUTED_INSIDE])
@pytest.mark.parametrize("new", [LEFT, MUTED_OUTSIDE])
def test_leaving_is_their_own_doing(old: Mapping[str, object], new: Mapping[str, object]) -> None:
    assert membership(old, new, by=ANN) == (Departed(CHAT, PERSON, By.THEMSELVES),)


@pytest.mark.parametrize(("by", "expected"), [(BOT, By.US), (ADMIN, By.AN_ADMIN)])
@pytest.mark.parametrize("new", [LEFT, KICKED])
def test_a_removal_names_who_did_it(
    new: Mapping[str, object], by: Mapping[str, object], expected: By
) -> None:
    assert membership(MEMBER, new, by=by) == (Departed(CHAT, PERSON, expected),)


def test_an_admins_ban_is_told_of_someone_who_was_not_in() -> None:
    assert membership(LEFT, KICKED, by=ADMIN) == (Departed(CHAT, PERSON, By.AN_ADMIN),)


@pytest.mark.parametrize(
    ("old", "new", "by"),
    [
        (LEFT, KICKED, BOT),
        (KICKED, LEFT, BOT),
        (KICKED, LEFT, ADMIN),
        (KICKED, KICKED, ADMIN),
        (MEMBER, MUTED_INSIDE, ADMIN),
        (MUTED_INSIDE, MEMBER, ADMIN),
        (ADMINISTRATOR, ADMINISTRATOR, ADMIN),
    ],
)
def test_changes_that_move_nobody_do_not_matter(
    old: Mapping[str, object], new: Mapping[str, object], by: Mapping[str, object]
) -> None:
    assert membership(old, new, by=by) == ()


@pytest.mark.parametrize("rank", [ADMINISTRATOR, OWNER])
def test_a_rank_comes_and_goes(rank: Mapping[str, object]) -> None:
    assert membership(MEMBER, rank, by=ADMIN) == (Ranked(CHAT, PERSON, exempt=True),)
    assert membership(rank, MEMBER, by=ADMIN) == (Ranked(CHAT, PERSON, exempt=False),)


def test_an_admin_may_come_from_outside_and_go_there() -> None:
    came = membership(LEFT, ADMINISTRATOR, by=ADMIN)
    went = membership(ADMINISTRATOR, LEFT, by=ANN)

    assert came == (Joined(CHAT, PERSON), Ranked(CHAT, PERSON, exempt=True))
    assert went == (Ranked(CHAT, PERSON, exempt=False), Departed(CHAT, PERSON, By.THEMSELVES))


@pytest.mark.parametrize("kind", ["supergroup", "channel"])
def test_a_bot_with_both_rights_has_no_fault(kind: str) -> None:
    told = about_the_bot({**ADMINISTRATOR, **RIGHTS}, chat={**LOUNGE, "type": kind})

    assert told == (BotRightsChanged(CHAT, present=True, fault=None),)


@pytest.mark.parametrize(
    ("rights", "words"),
    [
        ({"can_invite_users": True}, "may not ban"),
        ({"can_restrict_members": True}, "may not invite"),
        ({}, "neither invite nor ban"),
    ],
)
def test_the_fault_names_the_missing_right(rights: Mapping[str, object], words: str) -> None:
    (told,) = about_the_bot({**ADMINISTRATOR, **rights})

    assert isinstance(told, BotRightsChanged)
    assert told.present
    assert told.fault is not None
    assert words in told.fault


@pytest.mark.parametrize(
    ("new", "chat", "present", "words"),
    [
        (MEMBER, LOUNGE, True, "no admin"),
        (LEFT, LOUNGE, False, "not in the chat"),
        (KICKED, LOUNGE, False, "not in the chat"),
        ({**ADMINISTRATOR, **RIGHTS}, {**LOUNGE, "type": "group"}, True, "supergroup"),
    ],
)
def test_the_fault_says_what_became_of_the_bot(
    new: Mapping[str, object], chat: Mapping[str, object], words: str, *, present: bool
) -> None:
    (told,) = about_the_bot(new, chat=chat)

    assert isinstance(told, BotRightsChanged)
    assert told.present is present
    assert told.fault is not None
    assert words in told.fault


def test_blocking_the_bot_silences_it() -> None:
    assert about_the_bot(KICKED, chat=PRIVATE) == (Silenced(PERSON),)


def test_unblocking_the_bot_does_not_matter_until_start_is_pressed() -> None:
    assert about_the_bot(MEMBER, chat=PRIVATE, old=KICKED) == ()


def test_a_migration_is_the_same_from_both_ends() -> None:
    group = {"id": -42, "type": "group"}

    from_the_old = signals("message", {"chat": group, "migrate_to_chat_id": -1001})
    from_the_new = signals("message", {"chat": LOUNGE, "migrate_from_chat_id": -42})

    assert from_the_old == from_the_new == (Migrated(ChatId("-42"), CHAT),)


@pytest.mark.parametrize(
    "kind", ["callback_query", "pre_checkout_query", "subscription", "a_kind_of_2031"]
)
def test_other_kinds_do_not_matter(kind: str) -> None:
    assert signals(kind, {"id": "1", "from": ANN}) == ()


def test_a_payment_is_somebody_elses_to_read() -> None:
    paid = {"chat": PRIVATE, "from": ANN, "successful_payment": {"currency": "XTR"}}

    assert signals("message", paid) == ()


def test_fields_that_nobody_knows_yet_do_no_harm() -> None:
    asked = {"chat": {**LOUNGE, "mood": [1]}, "from": {**ANN, "rank": "a"}, "query_id": "7"}

    assert signals("chat_join_request", asked) == (AskedToJoin(CHAT, PERSON),)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"update_id":"x"}',
        b'{"update_id":1,"message":{}}',
        b'{"update_id":1,"chat_join_request":{"chat":{"id":1,"type":"channel"}}}',
        b'{"update_id":1,"message":{"chat":{"id":1,"type":"\xff"}}}',
    ],
)
def test_bytes_in_another_form_are_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        meaning(body, "700")


@pytest.mark.parametrize(
    "update",
    [
        {"message": {"chat": {"id": 1, "type": "hologram"}, "from": {"id": 2}, "text": "/start t"}},
        {
            "chat_member": {
                "chat": {"id": -1001, "type": "supergroup"},
                "from": {"id": 2},
                "old_chat_member": {"user": {"id": 2}, "status": "member"},
                "new_chat_member": {"user": {"id": 2}, "status": "levitating"},
            }
        },
    ],
)
def test_a_kind_of_chat_or_status_that_telegram_adds_later_is_no_poison(
    update: dict[str, object],
) -> None:
    body = msgspec.json.encode({"update_id": 1, **update})

    told = meaning(body, "7")

    assert told == ()
