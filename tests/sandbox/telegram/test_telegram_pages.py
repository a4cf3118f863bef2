"""The chat and the bot from the member's side: real forms, in two languages."""

import re

import pytest

from tests.sandbox.telegram.stage import Stage

pytestmark = pytest.mark.anyio


def standing(page: str) -> str:
    found = re.search(r'data-standing="(\w+)"', page)
    assert found is not None
    return found[1]


async def test_without_a_person_the_page_asks_who_is_there(stage: Stage) -> None:
    chat, ann = await stage.a_chat(title="Lounge"), await stage.a_person("Ann")

    page = (await stage.http.get(f"/chat/{chat}")).text

    assert "Lounge" in page
    assert f"as={ann}" in page


async def test_the_start_page_leads_to_the_chats_and_the_bots(stage: Stage) -> None:
    chat = await stage.a_chat()

    page = (await stage.http.get("/")).text

    assert f'href="/chat/{chat}"' in page
    assert f'href="/telegram/bot/{stage.bot.id}"' in page


async def test_a_member_asks_to_join_and_leaves_by_forms(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person("Ann")
    link = await stage.bot.create_chat_invite_link(chat, creates_join_request=True)
    seen = [standing((await stage.http.get(f"/chat/{chat}", params={"as": ann})).text)]

    async def submit(deed: str, **fields: str) -> None:
        answer = await stage.http.post(
            f"/chat/{chat}/{deed}", data={"as": str(ann), **fields}, follow_redirects=True
        )
        seen.append(standing(answer.text))

    await submit("open-link", link=link.invite_link)
    await submit("withdraw")
    await submit("open-link", link=link.invite_link)
    await stage.bot.approve_chat_join_request(chat, ann)
    await submit("open-link", link=link.invite_link)
    await submit("leave")

    assert seen == ["outside", "pending", "outside", "pending", "member", "left"]


async def test_what_is_not_possible_is_said_on_the_page(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person("Ann")

    answer = await stage.http.post(
        f"/chat/{chat}/leave", data={"as": str(ann)}, follow_redirects=True
    )

    assert 'role="alert"' in answer.text
    assert "this person is not in the chat" in answer.text


async def test_the_bot_is_started_with_the_payload_of_its_deep_link(stage: Stage) -> None:
    ann = await stage.a_person("Ann")

    page = await stage.http.get(
        "/t.me/gate_bot", params={"start": "abc", "as": ann}, follow_redirects=True
    )
    await stage.http.post(
        f"/telegram/bot/{stage.bot.id}/start", data={"as": str(ann), "payload": "abc"}
    )

    assert 'name="payload" value="abc"' in page.text
    [update] = await stage.bot.get_updates()
    assert update.message is not None
    assert update.message.text == "/start abc"


async def test_links_in_a_message_stay_in_the_sandbox_and_markup_is_harmless(
    stage: Stage,
) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person("Ann")
    link = await stage.bot.create_chat_invite_link(chat, creates_join_request=True)
    await stage.do(f"/users/{ann}/start", bot=stage.bot.id)
    await stage.bot.send_message(ann, f"<script> Come in: {link.invite_link}")

    page = await stage.http.get(f"/telegram/bot/{stage.bot.id}", params={"as": ann})

    code = link.invite_link.removeprefix("https://t.me/")
    assert f'href="/t.me/{code}?as={ann}"' in page.text
    assert "&lt;script&gt;" in page.text
    followed = await stage.http.get(f"/t.me/{code}", params={"as": ann}, follow_redirects=True)
    assert str(followed.url).endswith(f"/chat/{chat}?as={ann}")


async def test_the_page_speaks_french(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person("Ann")

    page = (await stage.http.get(f"/chat/{chat}", params={"as": ann, "lang": "fr"})).text

    assert '<html lang="fr">' in page
    assert "Vous n&#39;êtes pas dans ce salon." in page


async def test_what_does_not_exist_is_not_found(stage: Stage) -> None:
    for path in ("/chat/-1", "/telegram/bot/1", "/t.me/nobody"):
        assert (await stage.http.get(path)).status_code == 404
