"""How a time of day is written beside a day."""

import re
from datetime import time, tzinfo

from service.articles.text.dates_zones import ZONE, zone_of

_NOON = 12
_EARLY_AFTERNOON = 4  # "trưa" is used up to then

_MINUTE_WORDS = r"(?:phút|p|m|['\u2019])"
_HOURS = (
    r"(?<![\d:.,/])(?P<hour>\d{1,2})(?:"
    r"\s?:\s?(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,]\d{1,9})?)?(?!\d)"
    rf"|\s?(?:giờ|h|g)(?:\s?(?P<minute_2>\d{{1,2}})\s?{_MINUTE_WORDS}?(?![/.\-]?\d))?(?!\w)"
    r")['\u2019]?"
)
_HALF = r"(?:\s?(?P<half>a\.?m\b\.?|p\.?m\b\.?|sa\b|ch\b|sáng|trưa|chiều|tối|giờ sáng|giờ chiều))?"
_TIME = rf"{_HOURS}{_HALF}(?:\s{{0,3}}{ZONE})?"
_WEEKDAY = (
    r"(?:thứ\s{1,3}(?:hai|ba|tư|năm|sáu|bảy|bẩy|[2-7])|chủ\s{1,3}nhật|t[2-7]|cn"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?)"
)

AFTER = re.compile(
    rf"[\s,|\u2013\u2014•·\-\[(]{{0,9}}(?:t|lúc|vào lúc|at|@|à|um)?\s{{0,3}}{_TIME}", re.IGNORECASE
)
BEFORE = re.compile(
    rf"{_TIME}[\s,|\u2013\u2014•·\-(]{{0,9}}(?:{_WEEKDAY}[\s,|\u2013\u2014\-]{{0,4}})?"
    r"(?:(?:ngày|on|am)\s?:?\s{0,3})?$",
    re.IGNORECASE,
)
# What belongs to a date and says nothing more: a label and the weekday.
PRELUDE = re.compile(
    r"(?:(?<!\w)(?:(?:ngày|được|đã)\s{1,3})?(?:cập nhật|đăng tải|đăng tin|đăng|xuất bản|ban hành|thời gian"
    r"|posted|published|updated|date)(?:\s{1,3}(?:lúc|ngày|vào|vào lúc|on|at|cuối)){0,3}\s?:?[\s,]{0,3})?"
    rf"(?:(?<!\w){_WEEKDAY}[\s,|\u2013\u2014\-]{{0,4}})?(?:(?<!\w)(?:ngày|lúc|vào lúc)\s?:?\s{{0,3}})?$",
    re.IGNORECASE,
)


def time_of(match: re.Match[str]) -> tuple[time, tzinfo | None]:
    """The time, and the zone where one stands beside it.

    Raises:
        ValueError: when no clock shows it.
    """
    hour = _hour(int(match["hour"]), (match["half"] or "").lower().replace(".", ""))
    minute = match["minute"] or match["minute_2"] or 0
    return time(hour, int(minute), int(match["second"] or 0)), zone_of(match)


def _hour(hour: int, half: str) -> int:
    """Windows in Vietnam writes SA before noon and CH after; an hour past twelve needs neither."""
    if half in ("am", "sa", "sáng") and hour == _NOON:
        return 0
    if half in ("pm", "ch", "chiều", "tối") and 0 < hour < _NOON:
        return hour + _NOON
    return hour + _NOON if half == "trưa" and 0 < hour < _EARLY_AFTERNOON else hour
