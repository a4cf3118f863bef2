"""Amounts in the minor units that providers charge."""

from decimal import Decimal

import pytest

from solynk.core.money import Money, exponent, refuse_unchargeable


@pytest.mark.parametrize(
    ("amount", "major", "said"),
    [
        (Money(500, "EUR"), Decimal("5.00"), "5.00 EUR"),
        (Money(500, "JPY"), Decimal(500), "500 JPY"),
        (Money(5000, "KWD"), Decimal("5.000"), "5.000 KWD"),
        (Money(5, "XTR"), Decimal(5), "5 XTR"),
        (Money(500, "ISK"), Decimal("5.00"), "5.00 ISK"),
        (Money(0, "EUR"), Decimal(0), "0.00 EUR"),
        (Money(1000, "XCG"), Decimal(10), "10.00 XCG"),
        (Money(500, "XXX"), Decimal(5), "5.00 XXX"),
    ],
)
def test_minor_units_are_what_the_currency_makes_of_them(
    amount: Money, major: Decimal, said: str
) -> None:
    assert amount.major == major
    assert str(amount) == said


@pytest.mark.parametrize(
    ("minor", "currency", "refusal"),
    [
        (-1, "EUR", "not negative"),
        (1, "eur", "currency 'eur' is unknown: use an upper-case"),
        (1, "EURO", "is unknown"),
        (1, "EU", "is unknown"),
        (1, "EU1", "is unknown"),
        (1, "\N{CYRILLIC CAPITAL LETTER ES}AD", "is unknown"),
        (1, "EUR\n", "is unknown"),
    ],
)
def test_an_amount_in_a_wrong_form_does_not_exist(minor: int, currency: str, refusal: str) -> None:
    with pytest.raises(ValueError, match=refusal):
        Money(minor, currency)


@pytest.mark.parametrize(
    ("minor", "currency", "refusal"),
    [
        (5001, "KWD", "last digit of an amount in KWD must be 0: 5001"),
        (550, "ISK", "ISK has no cents"),
        (1, "UGX", "UGX has no cents"),
        (1, "XXX", "currency 'XXX' is unknown: use an upper-case"),
    ],
)
def test_what_can_be_reported_can_not_always_be_charged(
    minor: int, currency: str, refusal: str
) -> None:
    reported = Money(minor, currency)

    with pytest.raises(ValueError, match=refusal):
        refuse_unchargeable(reported)


@pytest.mark.parametrize("price", [Money(5000, "KWD"), Money(500, "ISK"), Money(1000, "XCG")])
def test_what_can_be_charged_is_not_refused(price: Money) -> None:
    refuse_unchargeable(price)


def test_amounts_of_one_currency_add_up() -> None:
    assert Money(400, "EUR").plus(Money(600, "EUR")) == Money(1000, "EUR")


def test_amounts_of_two_currencies_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="cannot add USD to EUR"):
        Money(1, "EUR").plus(Money(1, "USD"))


def test_stars_have_no_minor_unit() -> None:
    assert exponent("XTR") == 0
