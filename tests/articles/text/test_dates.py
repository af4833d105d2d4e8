"""Dates as sources write them."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.articles.model import Published
from service.articles.text import dates

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def read(text: str, order: str = "dmy") -> Published | None:
    return dates.parse(text, HERE, NOW, order)


def found(text: str) -> tuple[date, str] | None:
    place = dates.find(text, HERE, NOW)
    return (place[0].at.date(), text[slice(*place[1])]) if place else None


@pytest.mark.parametrize(
    "text",
    [
        "07/03/2020",
        "(07/03/2020)",
        "7/3/2020",
        "07 / 03 / 2020",
        "07.03.2020",
        "7-3-2020",
        "07/03/20",
        "Thứ Bảy, 07/03/2020",
        "T7, 07/03/2020",
        "thứ 7 ngày 07/03/2020",
        "ngày 7 tháng 3 năm 2020",
        "Thứ bảy , ngày 07 tháng 03 năm 2020",
        "Ngày 7 tháng Ba năm 2020",
        "7 thg 3, 2020",
        "Tháng Ba 7, 2020",
        "Th3 7, 2020",
        "Ngày đăng: 07/03/2020",
        "2020-03-07",
        "2020/03/07",
        "20200307",
        "7 March 2020",
        "March 7th, 2020",
        "Sat, 07 Mar 2020",
        "7 mars 2020",
        "7 de marzo de 2020",
        "7. März 2020",
        "2020年3月7日",
        "07/03/2020 - Lượt xem: 123",
    ],
)
def test_a_day_without_a_time_stays_a_day(text: str) -> None:
    assert read(text) == Published(datetime(2020, 3, 7, tzinfo=HERE), date_only=True)


@pytest.mark.parametrize(
    "text",
    [
        "Thứ Bảy, 07/03/2020 08:15",
        "Thứ bảy, 7/3/2020, 08:15 (GMT+7)",
        "07/03/2020 | 08:15 | Lượt xem: 1.234",
        "07/03/2020 08:15 - 123 lượt xem",
        "Cập nhật lúc 08:15 07/03/2020",
        "Cập nhật: 08:15, Thứ Bảy, ngày 07/03/2020",
        "08:15 ngày 07/03/2020",
        "08h15 ngày 7/3/2020",
        "8h15' 07/03/2020",
        "8 giờ 15 phút ngày 7 tháng 3 năm 2020",
        "8 giờ 15 phút, 7/3/2020",
        "07/03/2020 8:15:00 SA",
        "7/3/2020 lúc 08:15",
        "(07/03/2020 08:15)",
        "Sat, 07 Mar 2020 08:15:00 +0700",
        "Sat, 7 Mar 20 08:15 +0700",
        "Sat, 07 Mar 2020 01:15:00 GMT",
        "Sat, 07 Mar 2020 01:15:00 -0000",
        "Sat, 07 Mar 2020 08:15:00 ICT",
        "Sat, 07 Mar 2020 08:15:00 UTC+7",
        "Sat, 07 Mar 2020 08:15:00 GMT+7",
        "Sat, 07 Mar 2020 08:15:00",
        "Fri, 06 Mar 2020 20:15:00 EST",
        "Sat Mar 07 2020 08:15:00 GMT+0700 (Indochina Time)",
        "Sat Mar  7 08:15:00 2020",
        "Sat Mar  7 01:15:00 +0000 2020",
        "2020-03-07T08:15:00",
        "2020-03-07 08:15:00",
        "2020-03-07T08:15:00+07:00",
        "2020-03-07T08:15:00.000+0700",
        "2020-03-07T01:15:00.123456789Z",
        "2020-03-07T08:15",
        "20200307T011500Z",
        "20200307081500",
        "202003070815",
        "20200307 0815",
        "20200307-081500",
        "20200307081500.0",
        "20200307081500123",
        "202003070115Z",
        "20200307T081500+07:00",
        "20200307011500 UTC",
        "2020-03-07 08:15:00 +0700 +07 m=+0.013457",
        "2020-03-07 08:15:00.123456789 +0700 +07 m=-12.5",
        "2020-03-07 08:15:00 +0700 +07",
        "2020-03-07 08:15:00 +0700 ICT m=+0.01",
        "2020-03-07 01:15:00 +0000 UTC m=+1200.000000001",
        "2020-03-07 01:15:00 +0000 UTC",
        "Sat Mar  7 08:15:00 +07 2020",
        "/Date(1583543700000)/",
        "/Date(1583543700000+0700)/",
        "/Date(1583543700123-0500)/",
        r"\/Date(1583543700000)\/",
        "new Date(1583543700000)",
        "1583543700",
        "1583543700000",
        "1583543700.5",
    ],
)
def test_every_way_to_write_a_moment_means_the_same_moment(text: str) -> None:
    published = read(text)
    assert published is not None
    assert published.at.replace(microsecond=0) == datetime(2020, 3, 7, 1, 15, tzinfo=UTC)
    assert not published.date_only


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("10/02/2026 9:25:00 SA", 9),
        ("10/02/2026 9:25:00 CH", 21),
        ("10/02/2026 12:25:00 SA", 0),
        ("10/02/2026 12:25 CH", 12),
        ("10/02/2026 0:25 CH", 0),
        ("0 giờ trưa 10/02/2026", 0),
        ("10/02/2026 9:25 PM", 21),
        ("10/02/2026 21:25 PM", 21),
        ("9 giờ 25 phút sáng ngày 10/02/2026", 9),
        ("3 giờ chiều ngày 10/02/2026", 15),
        ("8 giờ tối 10/02/2026", 20),
        ("1 giờ trưa 10/02/2026", 13),
    ],
)
def test_halves_of_the_day_are_told_in_vietnamese_and_in_english(text: str, hour: int) -> None:
    published = read(text)
    assert published is not None
    assert (published.at.date(), published.at.hour) == (date(2026, 2, 10), hour)


def test_the_month_comes_first_only_where_the_source_says_so() -> None:
    assert read("10/2/2026 9:25:00 AM") == Published(datetime(2026, 2, 10, 9, 25, tzinfo=HERE))
    assert read("10/2/2026 9:25:00 AM", "mdy") == Published(datetime(2026, 10, 2, 9, 25, tzinfo=HERE))
    assert read("2026-10-02", "mdy") == Published(datetime(2026, 10, 2, tzinfo=HERE), date_only=True)


@pytest.mark.parametrize("order", ["dmy", "mdy"])
@pytest.mark.parametrize(
    "text", ["27/2/2026 9:25:00 AM", "2/27/2026 9:25:00 AM", "02-27-26 09:25", "9:25 27.2.2026"]
)
def test_a_day_beyond_twelve_is_no_month_in_either_order(text: str, order: str) -> None:
    assert read(text, order) == Published(datetime(2026, 2, 27, 9, 25, tzinfo=HERE))
    assert read("13/13/2026", order) is None
    assert read("2/30/2026", order) is None
    assert read("2026/27/02", order) is None


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["10/2/2026", "11/27/2026", "1/9/2026"], "mdy"),
        (["10/2/2026", "27/11/2026"], "dmy"),
        (["10/2/2026"], None),
        (["11/27/2026", "27/11/2026"], None),
        (["2026-11-27", "27 tháng 11 năm 2026"], None),
        ([], None),
    ],
)
def test_one_date_tells_the_order_of_all_unless_another_contradicts_it(
    texts: list[str], order: str | None
) -> None:
    for default in ("dmy", "mdy"):
        assert dates.order_of(texts, default) == (order or default)


@pytest.mark.parametrize(
    "text",
    [
        "24:00:00 27/11/2020",
        "24:00 ngày 27/11/2020",
        "24h ngày 27/11/2020",
        "24 giờ ngày 27/11/2020",
        "2020-11-27T24:00:00",
        "2020-11-27T24:00:00+07:00",
        "Fri, 27 Nov 2020 24:00:00 +0700",
        "20201127240000",
        "202011272400",
    ],
)
def test_twenty_four_o_clock_is_the_beginning_of_the_next_day(text: str) -> None:
    published = read(text)
    assert published is not None
    assert published.at == datetime(2020, 11, 28, tzinfo=HERE)
    assert not published.date_only


def test_a_leap_second_is_the_first_of_the_next_minute() -> None:
    published = read("2016-12-31T23:59:60Z")
    assert published is not None
    assert published.at == datetime(2017, 1, 1, tzinfo=UTC)


def test_milliseconds_of_dot_net_are_shown_in_the_zone_beside_them() -> None:
    published = read("/Date(1583543700000-0500)/")
    assert published is not None
    assert published.at.utcoffset() == timedelta(hours=-5)


def test_a_date_keeps_the_zone_it_was_written_in() -> None:
    published = read("2020-03-07T08:15:00+09:00")
    assert published is not None
    assert published.at.utcoffset() == timedelta(hours=9)


def test_a_date_without_a_zone_is_in_the_zone_of_its_source() -> None:
    published = dates.parse("07/03/2020 08:15", ZoneInfo("Europe/Berlin"), NOW)
    assert published is not None
    assert published.at == datetime(2020, 3, 7, 8, 15, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Tin tức",
        "2020-13-07",
        "2021-02-29",
        "31/4/2020",
        "00/03/2020",
        "32/01/2020",
        "07/03/2020 25:00",
        "07/03/2020 08:61",
        "25:00 07/03/2020",
        "2020-03-07T25:14:55Z",
        "24:01 07/03/2020",
        "24:00:01 07/03/2020",
        "2020-03-07T10:14:60Z",
        "202003072401",
        "202013070815",
        "202003078115",
        "/Date(heute)/",
        "/Date(99999999999999999)/",
        "/Date(1583543700000+9900)/",
        "/Date(-1583543700000)/",
        "2020-03-07 08:15:00 +0700 +07 m=x",
        "2020-03-07T10:14:55+99:99",
        "2020-03-07T08:15:00+07:00Textra",
        "2020-03-07T09:xx:00Z",
        "Sat, 07 Mar 2020 1:2:3:4 GMT",
        "Sat, 07 zzz 2020 08:15:00 GMT",
        "Sat, 07 Mar 2020 08:15:00 +00:zz",
        "2020-01-27-01",
        "1989-12-31",
        "2029-01-01",
        "9999-12-31T23:59:59Z",
        "tháng 3 năm 2020",
        "7/3",
        "10:00 ngày 27/11",
        "2020",
        "2003-12",
        "12/2020/QĐ-UBND",
        "192.168.1.10",
        "0233.3852.476",
        "99999999999999999999",
        "123456789",
        "2 giờ trước",
        "7/3/2020 " * 100,
    ],
)
def test_what_is_no_date_is_never_guessed(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize("year", [1990, 2028])
def test_years_of_publications_end_two_years_hence(year: int) -> None:
    assert read(f"07/03/{year}") is not None


@pytest.mark.parametrize(("text", "year"), [("07/03/28", 2028), ("07/03/29", None), ("07/03/90", 1990)])
def test_a_year_of_two_digits_is_the_nearest_that_can_be(text: str, year: int | None) -> None:
    published = read(text)
    assert (published and published.at.year) == year


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Đông Hà đón xuân (07/03/2020)", "07/03/2020"),
        ("Đông Hà đón xuân (Thứ Bảy, 07/03/2020 08:15)", "Thứ Bảy, 07/03/2020 08:15"),
        ("Đông Hà đón xuân [Cập nhật lúc 08:15 07/03/2020]", "Cập nhật lúc 08:15 07/03/2020"),
        ("Kế hoạch ngày 15/02/2020 về lễ hội (07/03/2020)", "07/03/2020"),
        ("Hạn 15/02/2020 (07/03/2020) của phường", "07/03/2020"),
        ("07/03/2020 - Đông Hà đón xuân", "07/03/2020"),
        ("Họp lúc 8 giờ 15 phút ngày 7/3/2020 tại phường", "lúc 8 giờ 15 phút ngày 7/3/2020"),
        ("Số 12/2020/QĐ, hạn 31/4/2020, ký 07/03/2020.", "07/03/2020"),
    ],
)
def test_a_date_is_found_within_a_title_with_its_span(text: str, written: str) -> None:
    assert found(text) == (date(2020, 3, 7), written)


def test_a_title_without_a_date_has_none() -> None:
    assert found("Quyết định 12/2020/QĐ-UBND về giá đất năm 2020") is None


def nukeviet(day: int, month: int, minute: int | None = None) -> Published:
    return Published(datetime(2020, month, day, 1, month if minute is None else minute, 27, tzinfo=UTC))


def test_the_minute_of_nukeviet_that_is_the_month_is_dropped() -> None:
    feed = [nukeviet(7, 3), None, nukeviet(6, 3), nukeviet(28, 2)]
    hours = [one and one.at for one in dates.without_nukeviet_minutes(feed)]
    assert hours == [
        datetime(2020, 3, 7, 1, tzinfo=UTC),
        None,
        datetime(2020, 3, 6, 1, tzinfo=UTC),
        datetime(2020, 2, 28, 1, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    "feed",
    [
        [],
        [nukeviet(7, 3), nukeviet(6, 3)],
        [nukeviet(7, 3), nukeviet(6, 3), nukeviet(5, 3, minute=4)],
        [Published(one.at.astimezone(HERE)) for one in (nukeviet(7, 3), nukeviet(6, 3), nukeviet(5, 3))],
        [Published(datetime(2020, 3, day, tzinfo=UTC), date_only=True) for day in (7, 6, 5)],
    ],
)
def test_other_feeds_keep_their_minutes(feed: list[Published]) -> None:
    assert dates.without_nukeviet_minutes(feed) == feed


DAYS = st.dates(date(1990, 1, 1), date(2028, 12, 31))
FORMS = st.sampled_from(
    [
        "%d/%m/%Y",
        "(%d/%m/%Y)",
        "ngày %d tháng %m năm %Y",
        "%Y-%m-%d",
        "%d-%m-%Y",
        "%d.%m.%Y",
        "Đăng ngày %d/%m/%Y",
    ]
)


@settings(deadline=None, max_examples=100)
@given(DAYS, FORMS)
def test_every_day_is_read_back_from_every_form(day: date, form: str) -> None:
    published = read(day.strftime(form))
    assert published is not None
    assert (published.at.date(), published.date_only) == (day, True)


@settings(deadline=None, max_examples=100)
@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2028, 12, 30)),
    st.integers(-12 * 60, 14 * 60),
)
def test_every_moment_with_an_offset_is_read_back(moment: datetime, offset: int) -> None:
    at = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=offset)))
    for text in (at.isoformat(), at.strftime("%a, %d %b %Y %H:%M:%S %z")):
        published = read(text)
        assert published is not None
        assert published.at == at


@settings(deadline=None, max_examples=100)
@given(
    st.text(st.sampled_from("0123456789 /-.:TZ+()ngàythMar,hSACHg|"), max_size=60),
    st.sampled_from(["dmy", "mdy"]),
)
def test_any_text_is_a_sound_date_or_none(text: str, order: str) -> None:
    published = read(text, order)
    place = dates.find(text, HERE, NOW, order)
    assert published is None or (published.at.tzinfo and 1990 <= published.at.year <= 2028)
    assert place is None or 0 <= place[1][0] < place[1][1] <= len(text)
