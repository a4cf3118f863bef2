"""Money: whole minor units of one currency. Never a float.

Exponents as Stripe charges them (docs.stripe.com/currencies) and XTR, Telegram Stars, which have
no minor unit: 500 JPY is 500, 5.00 EUR is 500, 5.000 KWD is 5000, five Stars are 5.
"""

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
    SHP SLE SOS SRD STD SZL THB TJS TOP TRY TTD TWD TZS UAH UGX USD UYU UZS WST XCD YER ZAR ZMW
    """
_EXPONENTS: Final[Mapping[str, int]] = {
    currency: digits
    for digits, currencies in ((0, _ZERO), (2, _TWO), (3, _THREE))
    for currency in currencies.split()
}
_THREE_DIGITS: Final = 3
_WHOLE_UNITS_IN_HUNDREDTHS: Final = frozenset({"ISK", "UGX"})


def exponent(currency: str) -> int:
    """How many decimal digits the currency's minor unit has.

    Raises:
        ValueError: the currency is not one that Solynk can charge.
    """
    digits = _EXPONENTS.get(currency)
    if digits is None:
        raise ValueError(f"unknown currency {currency!r}: use an upper-case ISO 4217 code, or XTR")
    return digits


class Money(Struct, frozen=True, order=True):
    """An amount in minor units; negative amounts do not exist here."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        digits = exponent(self.currency)
        if self.minor < 0:
            raise ValueError(f"an amount is not negative: {self.minor} {self.currency}")
        if digits == _THREE_DIGITS and self.minor % 10:
            raise ValueError(
                f"the last digit of an amount in {self.currency} must be 0: {self.minor}"
            )
        if self.currency in _WHOLE_UNITS_IN_HUNDREDTHS and self.minor % 100:
            raise ValueError(
                f"{self.currency} has no cents, the last two digits must be 00: {self.minor}"
            )

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
