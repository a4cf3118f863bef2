import pytest
from stripe import InvalidRequestError

from tests.sandbox.stripe.play import MARKS, Play, ids

pytestmark = MARKS


async def test_a_full_refund_marks_the_charge_and_keeps_the_subscription(play: Play) -> None:
    charge = await play.a_charge()

    refund = await play.stripe.v1.refunds.create_async({"charge": charge}, play.there)

    await play.settle()
    read = await play.stripe.v1.charges.retrieve_async(charge, {"expand": ["refunds"]}, play.there)
    running = await play.stripe.v1.subscriptions.list_async({}, play.there)
    assert (refund.amount, refund.status) == (500, "succeeded")
    assert (read.refunded, read.amount_refunded, read["refunds"]["data"][0]["id"]) == (
        True,
        500,
        refund.id,
    )
    assert play.receiver.kinds[-4:] == [
        "charge.refunded",
        "refund.created",
        "refund.updated",
        "charge.refund.updated",
    ]
    assert [one.status for one in running.data] == ["active"]


async def test_partial_refunds_add_up_and_can_not_exceed_the_charge(play: Play) -> None:
    charge = await play.a_charge()
    intent = (await play.stripe.v1.charges.retrieve_async(charge, {}, play.there)).payment_intent

    await play.stripe.v1.refunds.create_async(
        {"payment_intent": str(intent), "amount": 200}, play.there
    )
    part = await play.stripe.v1.charges.retrieve_async(charge, {}, play.there)
    with pytest.raises(InvalidRequestError):
        await play.stripe.v1.refunds.create_async({"charge": charge, "amount": 301}, play.there)
    await play.stripe.v1.refunds.create_async({"charge": charge}, play.there)

    with pytest.raises(InvalidRequestError) as again:
        await play.stripe.v1.refunds.create_async({"charge": charge}, play.there)
    listed = await play.stripe.v1.refunds.list_async({"charge": charge}, play.there)
    assert (part.refunded, part.amount_refunded) == (False, 200)
    assert again.value.code == "charge_already_refunded"
    assert [one.amount for one in listed.data] == [300, 200]


async def test_a_refund_that_fails_gives_the_money_back_to_the_creator(play: Play) -> None:
    charge = await play.a_charge()
    refund = await play.stripe.v1.refunds.create_async({"charge": charge}, play.there)

    await play.act("fail_refund", refund.id)

    read = await play.stripe.v1.refunds.retrieve_async(refund.id, {}, play.there)
    assert read.status == "failed"
    assert not (await play.stripe.v1.charges.retrieve_async(charge, {}, play.there)).refunded
    assert "refund.failed" in await play.since(0)


@pytest.mark.parametrize(("status", "reinstated"), [("won", 1), ("lost", 0)])
async def test_a_dispute_is_opened_and_closed(play: Play, status: str, reinstated: int) -> None:
    charge = await play.a_charge()

    dispute = await play.act("dispute", charge)
    opened = await play.stripe.v1.disputes.retrieve_async(dispute["id"], {}, play.there)
    await play.act("close_dispute", dispute["id"], status=status)

    await play.settle()
    listed = await play.stripe.v1.disputes.list_async({"charge": charge}, play.there)
    assert opened.status == "needs_response"
    assert (ids(listed), listed.data[0].status) == ([dispute["id"]], status)
    assert len(play.receiver.of("charge.dispute.created")) == 1
    assert play.receiver.of("charge.dispute.closed")[0]["data"]["object"]["status"] == status
    assert len(play.receiver.of("charge.dispute.funds_reinstated")) == reinstated


async def test_an_inquiry_moves_no_money(play: Play) -> None:
    charge = await play.a_charge()

    dispute = await play.act("dispute", charge, inquiry=True)

    read = await play.stripe.v1.charges.retrieve_async(charge, {}, play.there)
    assert dispute["status"] == "warning_needs_response"
    assert not read.disputed
    assert "charge.dispute.funds_withdrawn" not in await play.since(0)


async def test_a_charge_is_traced_to_its_subscription_through_the_invoice_payment(
    play: Play,
) -> None:
    charge = await play.a_charge()
    read = await play.stripe.v1.charges.retrieve_async(charge, {}, play.there)

    payments = await play.stripe.v1.invoice_payments.list_async(
        {"payment": {"type": "payment_intent", "payment_intent": str(read.payment_intent)}},
        play.there,
    )

    invoice = await play.stripe.v1.invoices.retrieve_async(
        str(payments.data[0].invoice), {}, play.there
    )
    listed = await play.stripe.v1.subscriptions.list_async({}, play.there)
    assert invoice["parent"]["subscription_details"]["subscription"] == listed.data[0].id
    assert "invoice" not in read
