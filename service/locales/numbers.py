"""Numbers as a language writes them."""

from babel import Locale
from babel.numbers import get_decimal_symbol

from service.locales.units import away_from_zero

MINUS = "\u2212"  # CLDR gives the hyphen-minus, which breaks at line ends and is too short
_UNGROUPED_DIGITS = 3  # no language groups fewer


class Numbers:
    """The decimal sign and the grouping of one locale, looked up once."""

    def __init__(self, locale: Locale) -> None:
        """Take the signs from Babel."""
        self._locale = locale
        self._decimal_sign = get_decimal_symbol(locale)
        self._grouped = locale.decimal_formats[None]

    def write(self, value: float, decimals: int = 0, *, grouped: bool = True) -> str:
        """The value with exactly so many decimals, halves away from zero; there is no "-0"."""
        rounded = away_from_zero(value, decimals)
        whole, _, fraction = f"{abs(rounded):.{decimals}f}".partition(".")
        if grouped and len(whole) > _UNGROUPED_DIGITS:
            whole = self._grouped.apply(int(whole), self._locale)
        digits = f"{whole}{self._decimal_sign}{fraction}" if fraction else whole
        return MINUS + digits if rounded < 0 else digits
