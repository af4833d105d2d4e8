"""How a day is written, in Vietnam and elsewhere: the patterns, and which day they mean."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import chain

from service.core.folding import fold

_OLDEST = 1990
_YEARS_AHEAD = 2
_CENTURY = 100
_SHORTEST_MONTH = 3  # letters of a month's name

_MONTHS = (  # English, French, Spanish, Portuguese, German, Italian, Dutch; folded, so y is i
    "januari janvier enero janeiro januar gennaio",
    "februari fevrier febrero fevereiro februar febbraio",
    "march mars marzo marco marz maart mrz mrt",
    "april avril abril aprile",
    "mai maio maggio mei",
    "june juin junio junho juni giugno",
    "juli juillet julio julho luglio",
    "august aout agosto augustus",
    "september septembre septiembre setiembre setembro settembre",
    "october octobre octubre outubro oktober ottobre",
    "november novembre noviembre novembro",
    "december decembre diciembre dezembro dezember dicembre",
)
_VIETNAMESE_MONTHS = (
    *("một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai"),
    *("giêng", "bốn", "bẩy", "chạp"),
)
_MONTH_OF_NAME = dict(zip(_VIETNAMESE_MONTHS, (*range(1, 13), 1, 4, 7, 12), strict=True))

_NO_DIGIT_BEFORE = r"(?<!\d)(?<!\d[/.\-])"
_NO_DIGIT_AFTER = r"(?![/.\-]?\d)"
_WORD = r"(?P<word>[^\W\d_]{3,12})\.?"
_DAY = r"(?P<day>\d{1,2})"
_YEAR = r"(?P<year>\d{4})"
_ORDINAL = r"(?:st|nd|rd|th|er|º|\.)?"
_OF = r"(?:(?:de|del|of)\s{1,3})?"
_LONGEST_FIRST = "|".join(sorted(_MONTH_OF_NAME, key=len, reverse=True))
_MONTH = rf"(?:tháng|thg\.?|th\.?)\s{{0,3}}(?P<month>\d{{1,2}}|{_LONGEST_FIRST})"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?: (?:[+-]\d{4}|[A-Z]{2,4}))?"

# Looked for at every place: "10:00 ngày 27 Nov 2020" has a false one over the true one.
_DAYS = tuple(
    re.compile(rf"(?=(?P<whole>{pattern}))", re.IGNORECASE)
    for pattern in (
        rf"{_NO_DIGIT_BEFORE}{_YEAR}(?P<sign>[/.\-])(?P<month>\d{{1,2}})(?P=sign){_DAY}{_NO_DIGIT_AFTER}",
        (
            rf"{_NO_DIGIT_BEFORE}(?P<first>\d{{1,2}})\s?(?P<sign>[/.\-])\s?(?P<second>\d{{1,2}})\s?(?P=sign)"
            rf"\s?(?P<year>\d{{4}}|(?<!\.)\d{{2}}){_NO_DIGIT_AFTER}"
        ),
        rf"(?<!\d){_DAY}[\s,/\-]{{0,3}}{_MONTH}[\s,/\-]{{0,3}}(?:năm\s{{0,3}})?{_YEAR}(?!\d)",
        rf"(?<!\w){_MONTH}\s{{1,3}}{_DAY},?\s{{1,3}}{_YEAR}(?!\d)",
        (
            rf"(?<!\d){_DAY}{_ORDINAL}[\s,\-]{{1,3}}{_OF}{_WORD},?[\s\-]{{1,3}}{_OF}"
            r"(?P<year>\d{4}|\d{2})(?![\d:])"
        ),
        rf"(?<!\w){_WORD}\s{{1,3}}{_DAY}{_ORDINAL},?\s{{1,3}}{_YEAR}(?!\d)",
        rf"(?<!\w){_WORD}\s{{1,3}}{_DAY}\s(?P<clock>{_CLOCK})\s{_YEAR}(?!\d)",
        rf"(?<!\d){_YEAR}\s?[年년]\s?(?P<month>\d{{1,2}})\s?[月월]\s?{_DAY}\s?[日일]",
    )
)


def days_in(text: str) -> Iterator[re.Match[str]]:
    """Where the text may have a day (`whole`), in order; of several at one place the longest first."""
    found = chain.from_iterable(pattern.finditer(text) for pattern in _DAYS)
    days = (match for match in found if "word" not in match.groupdict() or _months_named(match["word"]))
    return iter(sorted(days, key=lambda match: (match.start(), -match.end("whole"))))


def day_of(match: re.Match[str], order: str, this_year: int) -> date:
    """Which day it is.

    Raises:
        ValueError: when there is no such day, or it lies before 1990 or years ahead.
    """
    parts = match.groupdict()
    day, month = _day_and_month(parts, order)
    year = _year(parts["year"], this_year)
    if not _OLDEST <= year <= this_year + _YEARS_AHEAD:
        raise ValueError(f"{year} is no year of a publication")
    return date(year, month, day)


def _day_and_month(parts: dict[str, str], order: str) -> tuple[int, int]:
    if "first" in parts:
        first, second = int(parts["first"]), int(parts["second"])
        return (second, first) if order == "mdy" else (first, second)
    return int(parts["day"]), _named(parts["word"]) if "word" in parts else _month(parts["month"])


def _month(written: str) -> int:
    return int(written) if written.isdecimal() else _MONTH_OF_NAME[" ".join(written.lower().split())]


def _named(word: str) -> int:
    months = _months_named(word)
    if len(months) != 1:
        raise ValueError(f"{word!r} is not one month")
    return months[0]


def _months_named(word: str) -> list[int]:
    """By the name or its beginning; several where that is not clear ("jui")."""
    name = fold(word)
    return [
        number
        for number, names in enumerate(_MONTHS, 1)
        if len(name) >= _SHORTEST_MONTH and any(full.startswith(name) for full in names.split())
    ]


def _year(written: str, this_year: int) -> int:
    year = int(written)
    if len(written) > 2:  # noqa: PLR2004 - digits
        return year
    century = this_year - this_year % _CENTURY
    return century + year if century + year <= this_year + _YEARS_AHEAD else century - _CENTURY + year
