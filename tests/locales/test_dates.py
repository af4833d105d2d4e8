from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.locales.formatter import Formatter

FRIDAY = date(2020, 11, 27)
TEN = datetime(2020, 11, 27, 10, 0)


def test_the_clock_has_24_hours_and_two_digits(vi: Formatter, en: Formatter) -> None:
    for formatter in (vi, en):
        assert formatter.time(TEN) == "10:00"
        assert formatter.time(datetime(2020, 3, 7, 7, 5)) == "07:05"
        assert formatter.time(datetime(2020, 3, 7, 15, 0)) == "15:00"
        assert formatter.time(datetime(2020, 3, 7, 0, 0)) == "00:00"


def test_the_clock_is_the_places_though_another_zone_asked_for_the_same_instant(vi: Formatter) -> None:
    utc = datetime(2020, 11, 27, 20, 0, tzinfo=UTC)
    local = utc.astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    assert [vi.time(utc), vi.time(local)] == ["20:00", "03:00"]
    assert [vi.date(utc), vi.date(local)] == ["27/11/2020", "28/11/2020"]


def test_dates_are_day_first_and_the_english_month_is_a_word(vi: Formatter, en: Formatter) -> None:
    assert [vi.date(FRIDAY), vi.date(date(2020, 3, 7))] == ["27/11/2020", "07/03/2020"]
    assert [en.date(FRIDAY), en.date(date(2020, 3, 7))] == ["27 Nov 2020", "7 Mar 2020"]
    assert [vi.short_date(FRIDAY), en.short_date(FRIDAY)] == ["27/11", "27 Nov"]


def test_the_stamp_puts_the_time_before_the_day(vi: Formatter, en: Formatter) -> None:
    assert vi.updated(TEN) == "Cập nhật lúc 10:00 ngày 27/11/2020"
    assert en.updated(TEN) == "Updated at 10:00 on 27 Nov 2020"
    assert vi.stamped("status.at", TEN) == "10:00 ngày 27/11/2020"


def test_stale_data_says_since_when(vi: Formatter) -> None:
    assert vi.stale_since(datetime(2020, 11, 27, 10, 2)) == "Số liệu cũ, lấy lúc 10:02 ngày 27/11/2020."


def test_the_days_of_a_week_from_today(vi: Formatter, en: Formatter) -> None:
    week = [FRIDAY + timedelta(days=n) for n in range(7)]
    assert [vi.day_name(day, FRIDAY) for day in week] == [
        "Hôm nay",
        "Ngày mai",
        "Chủ nhật",
        "Thứ Hai",
        "Thứ Ba",
        "Thứ Tư",
        "Thứ Năm",
    ]
    assert [vi.weekday_short(day) for day in week] == ["T6", "T7", "CN", "T2", "T3", "T4", "T5"]
    assert [en.day_name(day, FRIDAY) for day in week[:3]] == ["Today", "Tomorrow", "Sunday"]


@pytest.mark.parametrize(
    ("seconds", "age"),
    [
        (-5, "0 giây"),
        (59, "59 giây"),
        (60, "1 phút"),
        (119, "1 phút"),
        (3599, "59 phút"),
        (90 * 60, "1 giờ"),
        (119 * 60, "1 giờ"),
        (86399, "23 giờ"),
        (2 * 86400 - 1, "1 ngày"),
    ],
)
def test_ages_are_rounded_down(vi: Formatter, seconds: int, age: str) -> None:
    assert vi.age(timedelta(seconds=seconds)) == age
