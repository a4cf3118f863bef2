"""Amounts in the minor units that providers charge."""

from decimal import Decimal

import pytest

from solynk.core.money import Money, exponent


@pytest.mark.parametrize(
    ("amount", "major", "said"),
    [
        (Money(500, "EUR"), Decimal("5.00"), "5.00 EUR"),
        (Money(500, "JPY"), Decimal(500), "500 JPY"),
        (Money(5000, "KWD"), Decimal("5.000"), "5.000 KWD"),
        (Money(5, "XTR"), Decimal(5), "5 XTR"),
        (Money(500, "ISK"), Decimal("5.00"), "5.00 ISK"),
        (Money(0, "EUR"), Decimal(0), "0.00 EUR"),
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
        (5001, "KWD", "last digit"),
        (550, "ISK", "no cents"),
        (1, "UGX", "no cents"),
        (1, "eur", "unknown currency 'eur': use an upper-case"),
        (1, "XXX", "unknown currency"),
    ],
)
def test_an_amount_that_can_not_be_charged_does_not_exist(
    minor: int, currency: str, refusal: str
) -> None:
    with pytest.raises(ValueError, match=refusal):
        Money(minor, currency)


def test_amounts_of_one_currency_add_up() -> None:
    assert Money(400, "EUR").plus(Money(600, "EUR")) == Money(1000, "EUR")


def test_amounts_of_two_currencies_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="cannot add USD to EUR"):
        Money(1, "EUR").plus(Money(1, "USD"))


def test_stars_have_no_minor_unit() -> None:
    assert exponent("XTR") == 0
