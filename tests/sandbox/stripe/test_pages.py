import pytest

from tests.sandbox.stripe.play import MARKS, Play

pytestmark = MARKS


async def test_the_buyer_pays_on_the_page_and_is_sent_back(play: Play) -> None:
    session = await play.a_session()

    shown = await play.http.get(str(session.url))
    paid = await play.http.post(str(session.url), data={"way": "pay", "email": "ann@example.com"})

    assert "5.00 EUR" in shown.text
    assert paid.status_code == 303
    assert paid.headers["location"] == f"https://club.example/thanks?s={session.id}"
    customers = await play.stripe.v1.customers.list_async({"email": "ann@example.com"}, play.there)
    assert len(customers.data) == 1


async def test_a_declined_buyer_reads_so_and_may_try_again(play: Play) -> None:
    session = await play.a_session()

    answer = await play.http.post(str(session.url), data={"way": "decline"})
    again = await play.http.get(answer.headers["location"])

    assert "The card was declined" in again.text
    assert 'value="pay"' in again.text


async def test_a_page_that_is_closed_says_so(play: Play) -> None:
    session = await play.a_session()
    await play.pay(session.id)

    shown = await play.http.get(f"/checkout/{session.id}")
    again = await play.http.post(f"/checkout/{session.id}", data={"way": "pay"})

    assert "closed" in shown.text
    assert again.headers["location"] == f"/checkout/{session.id}"
    subscriptions = await play.stripe.v1.subscriptions.list_async({}, play.there)
    assert len(subscriptions.data) == 1


@pytest.mark.parametrize("path", ["/", "/faults"])
async def test_pages_speak_french_when_asked(play: Play, path: str) -> None:
    by_browser = await play.http.get(path, headers={"Accept-Language": "fr-FR,fr;q=0.9"})
    by_link = await play.http.get(path, params={"lang": "fr"})
    english = await play.http.get(path, headers={"Accept-Language": "fr"}, params={"lang": "en"})

    assert by_browser.text == by_link.text or path == "/"
    assert '<html lang="fr">' in by_link.text
    assert "Pannes" in by_browser.text
    assert '<html lang="en">' in english.text


async def test_the_start_page_lists_sessions_and_moves_time(play: Play) -> None:
    session = await play.a_session()
    before = play.world.clock.now()

    shown = await play.http.get("/")
    moved = await play.http.post("/time", data={"step": "day"})

    assert session.id in shown.text
    assert moved.status_code == 303
    assert (play.world.clock.now() - before).total_seconds() == pytest.approx(86_400, abs=5)


async def test_faults_are_switched_on_and_off_by_form(play: Play) -> None:
    await play.http.post(
        "/faults", data={"kind": "rate_limit", "path": "/v1/refunds", "times": "2"}
    )
    on = [(one.kind, one.path, one.times) for one in play.world.faults.switches]

    await play.http.post("/faults", data={"clear": "1"})

    assert on == [("rate_limit", "/v1/refunds", 2)]
    assert play.world.faults.switches == []


async def test_the_portal_stops_keeps_and_replaces_the_card(play: Play) -> None:
    subscription = await play.a_subscription()
    await play.stripe.v1.billing_portal.configurations.create_async({"features": {}}, play.there)
    portal = await play.stripe.v1.billing_portal.sessions.create_async(
        {"customer": str(subscription.customer), "return_url": "https://club.example"}, play.there
    )
    stop = {"act": "stop", "subscription": subscription.id}

    await play.http.post(portal.url, data=stop)
    stopped = await play.http.get(portal.url)
    await play.http.post(portal.url, data=stop | {"act": "keep"})
    await play.http.post(portal.url, data={"act": "card_bad"})
    await play.advance(days=32)
    failed = await play.subscription(subscription.id)
    await play.http.post(portal.url, data={"act": "card_good"})

    assert "Ends on" in stopped.text
    assert failed.status == "past_due"
    assert (await play.subscription(subscription.id)).status == "active"


async def test_a_page_of_nothing_is_not_found(play: Play) -> None:
    for path in ("/checkout/cs_test_nobody", "/portal/bps_nobody", "/onboarding/acct_nobody"):
        assert (await play.http.get(path)).status_code == 404
