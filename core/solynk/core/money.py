"""Money: whole minor units of one currency. Never a float.

What a provider reports is money in any currency and to the last digit: a tax makes 9.905 KWD of a
plan of 9.500. What may be offered for sale is narrower, and `refuse_unchargeable` says so.

Exponents as Stripe charges them (docs.stripe.com/currencies) and XTR, Telegram Stars, which have
no minor unit: 500 JPY is 500, 5.00 EUR is 500, 5.000 KWD is 5000, five Stars are 5.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from msgspec import Struct

_ZERO: Final = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF XTR"
_THREE: Final = "BHD JOD KWD OMR TND"
_TWO: Final = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF
    CHF CNY COP CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF
    IDR ILS INR ISK JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK
    MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD
    SHP SLE SOS SRD STD SZL THB TJS TOP TRY TTD TWD TZS UAH UGX USD UYU UZS WST XCD XCG YER ZAR ZMW
    """
_EXPONENTS: Final[Mapping[str, int]] = {
    currency: digits
    for digits, currencies in ((0, _ZERO), (2, _TWO), (3, _THREE))
    for currency in currencies.split()
}
_CODE: Final = re.compile(r"[A-Z]{3}")
_TWO_DIGITS: Final = 2
_THREE_DIGITS: Final = 3
_WHOLE_UNITS_IN_HUNDREDTHS: Final = frozenset({"ISK", "UGX"})


def exponent(currency: str) -> int:
    """How many decimal digits the currency's minor unit has; 2, as most have, for one not known.

    It is only for showing an amount: nothing is offered in a currency that is not known here.
    """
    return _EXPONENTS.get(currency, _TWO_DIGITS)


class Money(Struct, frozen=True, order=True):
    """An amount in minor units; negative amounts do not exist here."""

    minor: int
    currency: str
    """Three upper-case letters: an ISO 4217 code, or XTR."""

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.currency):
            raise ValueError(
                f"currency {self.currency!r} is unknown: use an upper-case ISO 4217 code, or XTR"
            )
        if self.minor < 0:
            raise ValueError(f"an amount is not negative: {self.minor} {self.currency}")

    def plus(self, other: "Money") -> "Money":
        """Raises ValueError where the currencies differ: there is no rate here."""
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.minor + other.minor, self.currency)

    @property
    def major(self) -> Decimal:
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.major:.{exponent(self.currency)}f} {self.currency}"


def refuse_unchargeable(price: Money) -> None:
    """Raises ValueError for what no provider can charge: docs.stripe.com/currencies."""
    currency, minor = price.currency, price.minor
    if currency not in _EXPONENTS:
        raise ValueError(
            f"currency {currency!r} is unknown: use an upper-case ISO 4217 code, or XTR"
        )
    if exponent(currency) == _THREE_DIGITS and minor % 10:
        raise ValueError(f"the last digit of an amount in {currency} must be 0: {minor}")
    if currency in _WHOLE_UNITS_IN_HUNDREDTHS and minor % 100:
        raise ValueError(f"{currency} has no cents, the last two digits must be 00: {minor}")
