"""Dates as portals write them, Vietnamese ones first. Pure: the clock tells only which years can be."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from service.articles.model import Published
from service.articles.text import dates_days, dates_times, unicode

_LONGEST = 300  # characters of a text that is a date
_NEAR = 80  # characters beside a day in which its time, weekday and label stand
_OLDEST_YEAR = 1990
_MILLISECONDS = 100_000_000_000  # a number of seconds from here on is one of milliseconds

_NUMBER = re.compile(r"\d{9,13}(?:\.\d{1,9})?", re.ASCII)
_DIGITS_ONLY = re.compile(
    r"(?P<day>(?:19|20)\d{6})(?:T?(?P<clock>\d{6}|(?<=T)\d{4})(?P<utc>Z|\+0000)?(?P<offset>[+-]\d{4})?)?",
    re.ASCII,
)
_GLUED = re.compile(r"\w|\s?[+\-\u2212]\w|[:./,]\d")
_BRACKETS = ("()", "[]")

_ENOUGH_ITEMS = 3  # of a feed, to know NukeViet's fault from chance


@dataclass(frozen=True, slots=True)
class _Place:
    """A date in a text, and from where to where it is written."""

    published: Published
    start: int
    end: int


def read(text: str, zone: ZoneInfo, now: datetime, order: str = "dmy") -> Published | None:
    """The date that a text is: a feed's or the content of a date's element.

    Words around the date are passed over; figures that stick to it make it none. A Unix time is one, too.

    Args:
        text: as it is written.
        zone: of dates that name none.
        now: years from 1990 to two years hence are dates of publications.
        order: `mdy` where 10/2/2026 is a day in October.
    """
    text = unicode.visible(text[: _LONGEST * 2]).strip()
    if len(text) > _LONGEST:
        return None
    if text[:9].isdecimal() or _DIGITS_ONLY.fullmatch(text):
        return _of_figures(text, zone, now)
    day = next(dates_days.days_in(text), None)
    place = _at(text, day, zone, now, order) if day else None
    if place is None or _GLUED.match(text, place.end):
        return None
    return place.published


def find(
    text: str, zone: ZoneInfo, now: datetime, order: str = "dmy"
) -> tuple[Published, tuple[int, int]] | None:
    """The date in a longer text (in NFC), and the span it takes up there with its weekday and label.

    The last date that has brackets of its own is taken, as portals write it behind a title; else the first.
    The brackets are not in the span.
    """
    places = list(_all(text, zone, now, order))
    bracketed = [place for place in places if _is_bracketed(text, place)]
    chosen = bracketed[-1] if bracketed else next(iter(places), None)
    return (chosen.published, (chosen.start, chosen.end)) if chosen else None


def nukeviet_minute(published: Sequence[Published | None]) -> list[Published | None]:
    """A feed's dates without the minutes that are months.

    NukeViet writes `gmdate('D, j M Y H:m:s')`, and PHP's `m` is the month: 08:15 on 7 March becomes
    `01:03:00 GMT`. Where all dates of a feed (three or more) are GMT with the month for a minute, day and
    hour are true and the minute is not known: the hour is kept as a full one. Others stay as they are.
    """
    known = [one for one in published if one is not None]
    if len(known) < _ENOUGH_ITEMS or not all(_minute_is_the_month(one) for one in known):
        return list(published)
    return [one and replace(one, at=one.at.replace(minute=0, second=0)) for one in published]


def _minute_is_the_month(published: Published) -> bool:
    at = published.at
    return not published.date_only and at.utcoffset() == timedelta(0) and at.minute == at.month


def _all(text: str, zone: ZoneInfo, now: datetime, order: str) -> Iterator[_Place]:
    end = 0
    for day in dates_days.days_in(text):
        place = _at(text, day, zone, now, order) if day.start() >= end else None
        if place:
            end = place.end
            yield _with_prelude(text, place)


def _at(text: str, day: re.Match[str], zone: ZoneInfo, now: datetime, order: str) -> _Place | None:
    """The date whose day stands here; None when there is no such day or time."""
    try:
        when = dates_days.day_of(day, order, now.year)
        clock, start, end = _clock(text, day)
        if clock is None:
            return _Place(Published(datetime.combine(when, time(), zone), date_only=True), start, end)
        written, named = dates_times.time_of(clock)
        return _Place(_published(when, written, named or zone), start, end)
    except (ValueError, OverflowError):
        return None


def _clock(text: str, day: re.Match[str]) -> tuple[re.Match[str] | None, int, int]:
    """The time within, after or before the day, and from where to where both are written."""
    start, end = day.span("whole")
    inside = day.groupdict().get("clock")
    if inside:
        return dates_times.AFTER.fullmatch(inside), start, end
    after = dates_times.AFTER.match(text, end)
    if after:
        return after, start, after.end()
    before = dates_times.BEFORE.search(text[max(0, start - _NEAR) : start])
    if before:
        return before, max(0, start - _NEAR) + before.start(), end
    return None, start, end


def _published(day: date, clock: time, zone: tzinfo) -> Published:
    at = datetime.combine(day, clock, zone)
    at.astimezone(UTC)  # raises where the calendar ends
    return Published(at)


def _with_prelude(text: str, place: _Place) -> _Place:
    nearby = text[max(0, place.start - _NEAR) : place.start]
    prelude = dates_times.PRELUDE.search(nearby)
    return replace(place, start=place.start - len(nearby) + prelude.start()) if prelude else place


def _is_bracketed(text: str, place: _Place) -> bool:
    before = text[max(0, place.start - _NEAR) : place.start].rstrip()[-1:]
    after = text[place.end : place.end + _NEAR].lstrip()[:1]
    return before + after in _BRACKETS


def _of_figures(text: str, zone: ZoneInfo, now: datetime) -> Published | None:
    """A Unix time in seconds or milliseconds, or `20200307T081500Z`."""
    try:
        compact = _DIGITS_ONLY.fullmatch(text)
        published = _compact(compact, zone) if compact else _unix(text, zone)
    except (ValueError, OverflowError, OSError):
        return None
    in_range = published and _OLDEST_YEAR <= published.at.year <= now.year + 2
    return published if in_range else None


def _unix(text: str, zone: ZoneInfo) -> Published | None:
    if not _NUMBER.fullmatch(text):
        return None
    seconds = float(text)
    return Published(datetime.fromtimestamp(seconds / 1000 if seconds >= _MILLISECONDS else seconds, zone))


def _compact(match: re.Match[str], zone: ZoneInfo) -> Published:
    day = date.fromisoformat(match["day"])
    if not match["clock"]:
        return Published(datetime.combine(day, time(), zone), date_only=True)
    written = "Z" if match["utc"] else match["offset"] or ""
    clock = time.fromisoformat(match["clock"] + written)
    return _published(day, clock.replace(tzinfo=None), clock.tzinfo or zone)
