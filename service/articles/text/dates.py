"""Parse dates as sources write them: in Vietnamese, in English and other languages, in digits.

`parse` reads a text that is a date, `find` looks for one in a longer text. Both are pure: the clock only
limits which years are possible. They were measured against dateparser, which reads 19 of 28 Vietnamese forms.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from itertools import chain
from zoneinfo import ZoneInfo

from service.articles.model import Published
from service.articles.text import plain_text
from service.core.folding import fold

_MAX_LENGTH = 300  # characters of a text that is a date
_NEARBY = 80  # characters before and after a day that may hold its time, weekday and label
_FIRST_YEAR = 1990
_YEARS_AHEAD = 2
_MIN_NUKEVIET_ITEMS = 3  # of a feed; fewer may match by chance

_UNIX_TIME = re.compile(r"\d{9,13}(?:\.\d{1,9})?", re.ASCII)
_MIN_MILLISECONDS = 100_000_000_000  # a Unix time from here on counts milliseconds
_COMPACT = re.compile(  # 20200307T081500Z, 202003070815, 20200307081500.0+0700
    r"(?P<day>(?:19|20)\d{6})(?:[T _-]?(?P<hour>\d{2})(?P<minute>\d{2})"
    r"(?:(?P<second>\d{2})(?:[.,]?\d{3}|[.,]\d{1,9})?)?(?:\s?(?:(?P<utc>Z|UTC|GMT)|(?P<offset>[+-]\d{2}:?\d{2})))?)?",
    re.ASCII,
)
_DOT_NET = re.compile(r"\\?/?(?:new )?Date\((?P<time>-?\d{1,15})(?P<offset>[+-]\d{4})?\)\\?/?;?", re.ASCII)
_ATTACHED = re.compile(r"\w|\s?[+\-\u2212]\w|[:./,]\d")
_GO_ZONE = re.compile(
    r"\s[+-]\d{2}(?:\d{2})?(?:\sm=[+-]\d{1,20}\.\d{1,20})?", re.ASCII
)  # of `time.Time.String`
_BRACKETS = ("()", "[]")

_MIN_MONTH_NAME = 3  # letters

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
_VIETNAMESE_MONTH_NUMBERS = dict(zip(_VIETNAMESE_MONTHS, (*range(1, 13), 1, 4, 7, 12), strict=True))

_NOT_AFTER_DIGIT = r"(?<!\d)(?<!\d[/.\-])"
_NOT_BEFORE_DIGIT = r"(?![/.\-]?\d)"
_WORD = r"(?P<word>[^\W\d_]{3,12})\.?"
_DAY = r"(?P<day>\d{1,2})"
_YEAR = r"(?P<year>\d{4})"
_ORDINAL = r"(?:st|nd|rd|th|er|º|\.)?"
_OF = r"(?:(?:de|del|of)\s{1,3})?"
_LONGEST_FIRST = "|".join(sorted(_VIETNAMESE_MONTH_NUMBERS, key=len, reverse=True))
_MONTH = rf"(?:tháng|thg\.?|th\.?)\s{{0,3}}(?P<month>\d{{1,2}}|{_LONGEST_FIRST})"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?: (?:[+-]\d{2}(?:\d{2})?|[A-Z]{2,4}))?"

# Lookaheads, so that matches may overlap: in "10:00 ngày 27 Nov 2020" a false one covers the true one.
_DAY_PATTERNS = tuple(
    re.compile(rf"(?=(?P<whole>{pattern}))", re.IGNORECASE)
    for pattern in (
        rf"{_NOT_AFTER_DIGIT}{_YEAR}(?P<sign>[/.\-])(?P<month>\d{{1,2}})(?P=sign){_DAY}{_NOT_BEFORE_DIGIT}",
        (
            rf"{_NOT_AFTER_DIGIT}(?P<first>\d{{1,2}})\s?(?P<sign>[/.\-])\s?(?P<second>\d{{1,2}})\s?(?P=sign)"
            rf"\s?(?P<year>\d{{4}}|(?<!\.)\d{{2}}){_NOT_BEFORE_DIGIT}"
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

_NUMERIC_DAY = _DAY_PATTERNS[1]

_MAX_OFFSET = timedelta(hours=14)  # the Line Islands; to the west it is 12

_ZONE_HOURS = {  # hours east of Greenwich, as RFC 822 and the press use these names
    **dict.fromkeys(("z", "ut", "utc", "gmt", "wet"), 0),
    **dict.fromkeys(("bst", "cet", "met", "wat", "west"), 1),
    **dict.fromkeys(("cest", "eet", "mest", "sast"), 2),
    **dict.fromkeys(("eest", "msk"), 3),
    **dict.fromkeys(("ict", "wib"), 7),
    **dict.fromkeys(("hkt", "sgt"), 8),
    **dict.fromkeys(("jst", "kst"), 9),
    **dict.fromkeys(("aest",), 10),
    **dict.fromkeys(("aedt",), 11),
    **dict.fromkeys(("adt",), -3),
    **dict.fromkeys(("ast", "at", "edt"), -4),
    **dict.fromkeys(("cdt", "est", "et"), -5),
    **dict.fromkeys(("cst", "ct", "mdt"), -6),
    **dict.fromkeys(("mst", "mt", "pdt"), -7),
    **dict.fromkeys(("pst", "pt"), -8),
}
_OFFSET = r"[+\-\u2212]{}\d{{1,2}}(?::?\d{{2}})?(?![\w:/.\-])"
_ZONE_COMMENT = r"(?:\s?\([^\W\d_][^()\d]{1,40}\))?"

# Behind a time: `+0700`, `GMT+7`, `(UTC+07:00)`, `GMT+0700 (Indochina Time)`, `ICT`, `Z`.
_ZONE = (
    rf"\(?(?:(?:etc/)?(?:gmt|utc|ut)\s?(?P<from_gmt>{_OFFSET.format(' ?')})|(?P<offset>{_OFFSET.format('')})"
    rf"|(?:etc/)?(?P<zone>{'|'.join(_ZONE_HOURS)})\b(?!/))\)?{_ZONE_COMMENT}"
)
_OFFSET_PARTS = re.compile(r"([+\-\u2212]) ?(\d{1,2}):?(\d{2})?")

_MONTHS_OF_YEAR = 12
_DAY_LENGTH = timedelta(days=1)
_NOON = 12
_END_OF_MIDDAY = 4  # o'clock, until which it is "trưa" (midday)

_MINUTE_WORDS = r"(?:phút|p|m|['\u2019])"
_HOURS = (
    r"(?<![\d:.,/])(?P<hour>\d{1,2})(?:"
    r"\s?:\s?(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,]\d{1,9})?)?(?!\d)"
    rf"|\s?(?:giờ|h|g)(?:\s?(?P<minute_2>\d{{1,2}})\s?{_MINUTE_WORDS}?(?![/.\-]?\d))?(?!\w)"
    r")['\u2019]?"
)
_DAY_PART = r"(?:\s?(?P<day_part>a\.?m\b\.?|p\.?m\b\.?|sa\b|ch\b|sáng|trưa|chiều|tối|giờ sáng|giờ chiều))?"
_TIME = rf"{_HOURS}{_DAY_PART}(?:\s{{0,3}}{_ZONE})?"
_WEEKDAY = (
    r"(?:thứ\s{1,3}(?:hai|ba|tư|năm|sáu|bảy|bẩy|[2-7])|chủ\s{1,3}nhật|t[2-7]|cn"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?)"
)

_TIME_AFTER = re.compile(
    rf"[\s,|\u2013\u2014•·\-\[(]{{0,9}}(?:t|lúc|vào lúc|at|@|à|um)?\s{{0,3}}{_TIME}", re.IGNORECASE
)
_TIME_BEFORE = re.compile(
    rf"{_TIME}[\s,|\u2013\u2014•·\-(]{{0,9}}(?:{_WEEKDAY}[\s,|\u2013\u2014\-]{{0,4}})?"
    r"(?:(?:ngày|on|am)\s?:?\s{0,3})?$",
    re.IGNORECASE,
)
# A label and the weekday before a date.
_PRELUDE = re.compile(
    r"(?:(?<!\w)(?:(?:ngày|được|đã)\s{1,3})?(?:cập nhật|đăng tải|đăng tin|đăng|xuất bản|ban hành|thời gian"
    r"|posted|published|updated|date)(?:\s{1,3}(?:lúc|ngày|vào|vào lúc|on|at|cuối)){0,3}\s?:?[\s,]{0,3})?"
    rf"(?:(?<!\w){_WEEKDAY}[\s,|\u2013\u2014\-]{{0,4}})?(?:(?<!\w)(?:ngày|lúc|vào lúc)\s?:?\s{{0,3}})?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Match:
    """A date in a text, and its span there."""

    published: Published
    start: int
    end: int


def parse(text: str, zone: ZoneInfo, now: datetime, order: str = "dmy") -> Published | None:
    """Return the date that a text is: that of a feed or the content of a date's element.

    Words around the date are ignored; digits attached to it make it invalid. Unix times are accepted.

    Args:
        text: as it is written.
        zone: for dates without one.
        now: years from 1990 to two years ahead are accepted.
        order: `mdy` where 10/2/2026 is a day in October.
    """
    text = plain_text.visible_text(text[: _MAX_LENGTH * 2]).strip()
    if len(text) > _MAX_LENGTH:
        return None
    if text[:9].isdecimal() or _COMPACT.fullmatch(text) or _DOT_NET.fullmatch(text):
        return _parse_digits(text, zone, now)
    day = next(_days(text), None)
    match = _date_at(text, day, zone, now, order) if day else None
    if match is None or (_ATTACHED.match(text, match.end) and not _GO_ZONE.fullmatch(text, match.end)):
        return None
    return match.published


def order_of(texts: Iterable[str], default: str) -> str:
    """Return the order of day and month in dates such as 11/27/2020: the default, unless all tell another.

    It takes one date that is none in the default order, and none that is only one in it.
    """
    orders = {
        "mdy" if int(day["second"]) > _MONTHS_OF_YEAR else "dmy"
        for text in texts
        for day in _NUMERIC_DAY.finditer(text)
        if int(day["first"]) > _MONTHS_OF_YEAR or int(day["second"]) > _MONTHS_OF_YEAR
    }
    return orders.pop() if len(orders) == 1 else default


def find(
    text: str, zone: ZoneInfo, now: datetime, order: str = "dmy"
) -> tuple[Published, tuple[int, int]] | None:
    """Return the date in a longer text (in NFC), and its span with weekday and label.

    The last date in brackets of its own is taken, as portals append it to titles; else the first date.
    The span does not include the brackets.
    """
    matches = list(_all_dates(text, zone, now, order))
    bracketed = [match for match in matches if _is_bracketed(text, match)]
    chosen = bracketed[-1] if bracketed else next(iter(matches), None)
    return (chosen.published, (chosen.start, chosen.end)) if chosen else None


def without_nukeviet_minutes(published: Sequence[Published | None]) -> list[Published | None]:
    """Return a feed's dates without the minutes that are months.

    NukeViet writes `gmdate('D, j M Y H:m:s')`, and PHP's `m` is the month: 08:15 on 7 March becomes
    `01:03:00 GMT`. Where all dates of a feed (three or more) are GMT and the minute equals the month, day and
    hour are right and the minute is unknown: it becomes 0. Other feeds are returned unchanged.
    """
    known = [item for item in published if item is not None]
    if len(known) < _MIN_NUKEVIET_ITEMS or not all(map(_minute_is_month, known)):
        return list(published)
    return [item and replace(item, at=item.at.replace(minute=0, second=0)) for item in published]


def _minute_is_month(published: Published) -> bool:
    at = published.at
    return not published.date_only and at.utcoffset() == timedelta(0) and at.minute == at.month


def _all_dates(text: str, zone: ZoneInfo, now: datetime, order: str) -> Iterator[_Match]:
    end = 0
    for day in _days(text):
        match = _date_at(text, day, zone, now, order) if day.start() >= end else None
        if match:
            end = match.end
            before = text[max(0, match.start - _NEARBY) : match.start]
            prelude = _PRELUDE.search(before)
            yield replace(match, start=match.start - len(before) + prelude.start()) if prelude else match


def _is_bracketed(text: str, match: _Match) -> bool:
    before = text[max(0, match.start - _NEARBY) : match.start].rstrip()[-1:]
    after = text[match.end : match.end + _NEARBY].lstrip()[:1]
    return before + after in _BRACKETS


def _date_at(text: str, day: re.Match[str], zone: ZoneInfo, now: datetime, order: str) -> _Match | None:
    """Return the date of the day that was matched; None where there is no such day or time."""
    try:
        when = _parse_day(day, order, now.year)
        clock, start, end = _clock_beside(text, day)
        if clock is None:
            return _Match(Published(datetime.combine(when, time(), zone), date_only=True), start, end)
        return _Match(_published(when, _parse_time(clock), _parse_zone(clock) or zone), start, end)
    except (ValueError, OverflowError):
        return None


def _clock_beside(text: str, day: re.Match[str]) -> tuple[re.Match[str] | None, int, int]:
    """Return the time within, after or before the day, and the span of both."""
    start, end = day.span("whole")
    inside = day.groupdict().get("clock")
    if inside:
        return _TIME_AFTER.fullmatch(inside), start, end
    after = _TIME_AFTER.match(text, end)
    if after:
        return after, start, after.end()
    before = _TIME_BEFORE.search(text[max(0, start - _NEARBY) : start])
    if before:
        return before, max(0, start - _NEARBY) + before.start(), end
    return None, start, end


def _published(day: date, clock: timedelta, zone: tzinfo) -> Published:
    at = datetime.combine(day, time(), zone) + clock
    at.astimezone(UTC)  # raises OverflowError at the ends of the calendar
    return Published(at)


def _parse_digits(text: str, zone: ZoneInfo, now: datetime) -> Published | None:
    """Parse a Unix time in seconds or milliseconds, `20200307T081500Z`, or `/Date(1583543700000+0700)/`."""
    try:
        compact = _COMPACT.fullmatch(text)
        published = _parse_compact(compact, zone) if compact else _parse_unix_time(text, zone)
    except (ValueError, OverflowError, OSError):
        return None
    in_range = published and _FIRST_YEAR <= published.at.year <= now.year + _YEARS_AHEAD
    return published if in_range else None


def _parse_unix_time(text: str, zone: ZoneInfo) -> Published | None:
    dot_net = _DOT_NET.fullmatch(text)
    if dot_net:
        offset = _parse_offset(dot_net["offset"]) if dot_net["offset"] else zone
        return Published(datetime.fromtimestamp(int(dot_net["time"]) / 1000, offset))
    if not _UNIX_TIME.fullmatch(text):
        return None
    seconds = float(text)
    seconds = seconds / 1000 if seconds >= _MIN_MILLISECONDS else seconds
    return Published(datetime.fromtimestamp(seconds, zone))


def _parse_compact(match: re.Match[str], zone: ZoneInfo) -> Published:
    day = date.fromisoformat(match["day"])
    if not match["hour"]:
        return Published(datetime.combine(day, time(), zone), date_only=True)
    offset = UTC if match["utc"] else _parse_offset(match["offset"]) if match["offset"] else zone
    return _published(day, _since_midnight(match["hour"], match["minute"], match["second"]), offset)


def _days(text: str) -> Iterator[re.Match[str]]:
    """Yield where the text may have a day (group `whole`), in order; at one position the longest first."""
    matches = chain.from_iterable(pattern.finditer(text) for pattern in _DAY_PATTERNS)
    days = (match for match in matches if "word" not in match.groupdict() or _months_named(match["word"]))
    return iter(sorted(days, key=lambda match: (match.start(), -match.end("whole"))))


def _parse_day(match: re.Match[str], order: str, this_year: int) -> date:
    """Raise ValueError when there is no such day, or it lies before 1990 or more than two years ahead."""
    groups = match.groupdict()
    if "first" in groups:
        first, second = int(groups["first"]), int(groups["second"])
        is_month_first = second > _MONTHS_OF_YEAR or (order == "mdy" and first <= _MONTHS_OF_YEAR)
        day, month = (second, first) if is_month_first else (first, second)
    else:
        day = int(groups["day"])
        month = _named_month(groups["word"]) if "word" in groups else _numbered_month(groups["month"])
    year = _full_year(groups["year"], this_year)
    if not _FIRST_YEAR <= year <= this_year + _YEARS_AHEAD:
        raise ValueError(f"{year} is no year of a publication")
    return date(year, month, day)


def _numbered_month(text: str) -> int:
    """Return the month of "11" or of "mười một", behind the word "tháng"."""
    return int(text) if text.isdecimal() else _VIETNAMESE_MONTH_NUMBERS[" ".join(text.lower().split())]


def _named_month(word: str) -> int:
    months = _months_named(word)
    if len(months) != 1:
        raise ValueError(f"{word!r} is not one month")
    return months[0]


def _months_named(word: str) -> list[int]:
    """Return the months whose name begins like this; several for an ambiguous beginning ("jui")."""
    name = fold(word)
    return [
        number
        for number, names in enumerate(_MONTHS, 1)
        if len(name) >= _MIN_MONTH_NAME and any(full.startswith(name) for full in names.split())
    ]


def _full_year(text: str, this_year: int) -> int:
    year = int(text)
    if len(text) > 2:  # noqa: PLR2004 - digits
        return year
    century = this_year - this_year % 100
    return century + year if century + year <= this_year + _YEARS_AHEAD else century - 100 + year


def _parse_time(match: re.Match[str]) -> timedelta:
    """Return the time since midnight; raise ValueError for one that no clock shows."""
    hour, day_part = int(match["hour"]), (match["day_part"] or "").lower().replace(".", "")
    # Windows in Vietnam writes SA before noon and CH after; an hour past twelve needs neither.
    if day_part in ("am", "sa", "sáng") and hour == _NOON:
        hour = 0
    is_afternoon = day_part in ("pm", "ch", "chiều", "tối") and 0 < hour < _NOON
    if is_afternoon or (day_part == "trưa" and 0 < hour < _END_OF_MIDDAY):
        hour += _NOON
    return _since_midnight(hour, match["minute"] or match["minute_2"], match["second"])


def _since_midnight(hour: str | int, minute: str | None, second: str | None) -> timedelta:
    """Raise ValueError for what no clock shows; 24:00 is the end of the day, 23:59:60 a leap second."""
    clock = timedelta(hours=int(hour), minutes=int(minute or 0), seconds=int(second or 0))
    is_leap = second == "60" and minute == "59"
    if int(minute or 0) >= 60 or (int(second or 0) >= 60 and not is_leap) or clock > _DAY_LENGTH:  # noqa: PLR2004 - of a minute and an hour
        raise ValueError(f"{hour}:{minute}:{second} is no time of a day")
    return clock


def _parse_zone(match: re.Match[str]) -> tzinfo | None:
    """Return the zone beside a time, None where there is no zone.

    Raises:
        ValueError: for an offset that no place on Earth has.
    """
    offset, name = match["from_gmt"] or match["offset"], match["zone"]
    if not offset:
        return _fixed_zone(timedelta(hours=_ZONE_HOURS[name.lower()])) if name else None
    return _parse_offset(offset)


def _parse_offset(offset: str) -> tzinfo:
    """Raise ValueError for an offset that no place on Earth has."""
    parts = _OFFSET_PARTS.fullmatch(offset)
    if parts is None or int(parts[3] or 0) >= 60:  # noqa: PLR2004 - minutes of an hour
        raise ValueError(f"{offset} is no offset from UTC")
    distance = timedelta(hours=int(parts[2]), minutes=int(parts[3] or 0))
    if distance > _MAX_OFFSET:
        raise ValueError(f"no zone is {offset} from UTC")
    return _fixed_zone(distance if parts[1] == "+" else -distance)


def _fixed_zone(offset: timedelta) -> tzinfo:
    return timezone(offset) if offset else UTC
