from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.http_client.caching_headers import conditional_headers, fresh_until, http_date, retry_after

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"],
)
def test_the_three_forms_of_http_dates_are_read(text: str) -> None:
    assert http_date(text) == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


def test_a_date_is_given_in_utc() -> None:
    date = http_date("Sun, 06 Nov 1994 15:49:37 +0700")
    assert date == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
    assert date.tzinfo is UTC


@pytest.mark.parametrize(
    "text", [None, "", "0", "-1", "tomorrow", "Sun, 31 Feb 2026 00:00:00 GMT", "Chủ nhật"]
)
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert http_date(text) is None


@settings(deadline=None, max_examples=100)
@given(st.one_of(st.text(), st.from_regex(r"\A\w{3}, \d+ Nov \d+ \d+:\d+:\d+ [+-]?\d+\Z")))
def test_no_text_brings_the_reading_of_dates_down(text: str) -> None:
    date = http_date(text)
    rest = retry_after(text, NOW)
    assert date is None or date.tzinfo is UTC
    assert rest is None or timedelta(0) <= rest <= timedelta(days=1)
    assert fresh_until({"expires": text, "cache-control": text, "age": text, "date": text}, NOW) != NOW


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("0", timedelta(0)),
        (" 90 ", timedelta(seconds=90)),
        ("86401", timedelta(days=1)),
        ("Sun, 22 Nov 2026 03:00:30 GMT", timedelta(seconds=30)),
        ("Sun, 22 Nov 2026 02:59:00 GMT", timedelta(0)),
        ("Fri, 01 Jan 2027 00:00:00 GMT", timedelta(days=1)),
        ("1.5", None),
        ("-1", None),
        ("٣", None),
        ("9" * 5_000, None),
        (None, None),
    ],
)
def test_retry_after_is_bounded_and_garbage_is_ignored(text: str | None, rest: timedelta | None) -> None:
    assert retry_after(text, NOW) == rest


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        ({}, None),
        ({"expires": "Sun, 22 Nov 2026 03:30:00 GMT"}, NOW + timedelta(minutes=30)),
        ({"expires": "Sun, 22 Nov 2026 02:30:00 GMT"}, None),
        ({"expires": "0"}, None),
        ({"cache-control": "public, max-age=600"}, NOW + timedelta(minutes=10)),
        ({"cache-control": "max-age=600", "age": "500"}, NOW + timedelta(seconds=100)),
        ({"cache-control": "max-age=600", "age": "700"}, None),
        ({"cache-control": "s-maxage=600"}, None),
        (
            {"cache-control": "max-age=60", "expires": "Sun, 22 Nov 2026 05:00:00 GMT"},
            NOW + timedelta(minutes=1),
        ),
    ],
)
def test_an_answer_says_until_when_it_is_good(headers: dict[str, str], until: datetime | None) -> None:
    assert fresh_until(headers, NOW) == until


def test_expires_is_counted_by_the_clock_of_the_answer() -> None:
    headers = {"date": "Sun, 22 Nov 2026 13:00:00 GMT", "expires": "Sun, 22 Nov 2026 13:20:00 GMT"}
    assert fresh_until(headers, NOW) == NOW + timedelta(minutes=20)


def test_the_next_request_is_conditional_upon_what_the_answer_carried() -> None:
    headers = {"etag": 'W/"1"', "last-modified": "Sun, 22 Nov 2026 03:00:00 GMT", "date": "x"}
    assert conditional_headers(headers) == {
        "if-none-match": 'W/"1"',
        "if-modified-since": headers["last-modified"],
    }
    assert conditional_headers({}) == {}


@pytest.mark.parametrize("etag", ['"' + "a" * 5_000 + '"', '"a\x01"', '"a\x85"', "a\x7f"])
def test_what_no_header_may_carry_is_not_sent_back(etag: str) -> None:
    assert conditional_headers({"etag": etag}) == {}
