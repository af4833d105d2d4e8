"""Records that an earlier or a later version wrote: what they say is read, what they lack is null."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.articles.model import Article, ArticleImage, Declared, Published, SourceState, StoredImage
from service.articles.store import listings
from service.articles.store import records as article_records
from service.articles.store.listings import LastListing, ListedEntry, PageChecks, Postponed
from service.core.errors import Cause
from service.core.request_history import RequestHistory
from service.weather import records
from service.weather.model import (
    UNKNOWN_CONDITION,
    Condition,
    Current,
    DetailedCondition,
    Extremes,
    HourlyForecast,
    HourlyPoint,
    Intensity,
    StoredWeather,
    SunTimes,
)
from service.weather.quota import ProviderQuota, Window
from service.weather.records import StoredResponse

AT = datetime(2026, 11, 22, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
CURRENT = StoredWeather(
    Current(
        AT,
        DetailedCondition(Condition.RAIN, Intensity.HEAVY),
        *(27.1, 31.0, True, 79, 8.4, 315, 13.5, 1009.4, 92, 1.2, True),
    ),
    "open-meteo",
    AT,
    AT,
    AT + HOUR,
    {"met-norway": AT + 2 * HOUR},
)  # fmt: skip
OUTLOOK = StoredWeather(
    HourlyForecast(
        (
            HourlyPoint(AT, DetailedCondition(Condition.FOG), 21.5, 0.1, 20, 2.0, is_day=True),
            HourlyPoint(AT + HOUR, DetailedCondition(Condition.THUNDER), 22.5, 4.0, 80, 3.0, is_day=False),
            HourlyPoint(AT + 7 * HOUR, DetailedCondition(Condition.CLEAR), 20.0, 0.0, 5, 1.0, is_day=False),
        ),
        (SunTimes(AT.date(), AT - 4 * HOUR, AT + 7 * HOUR),),
        (Extremes(AT + HOUR, 6, 19.0, 23.5),),
    ),
    "met-norway",
    AT,
    AT,
    AT + HOUR,
    {"open-meteo": AT + 2 * HOUR},
)
HISTORY = RequestHistory().add(AT, is_answered=True).add(AT, is_answered=False)
LEDGER = ProviderQuota(
    Window(AT, 1), Window(AT, 2), Window(AT, 3), 4, AT, Cause.BROKEN, AT, {"hue/current": AT}, AT, AT, AT,
    AT, HISTORY,
)  # fmt: skip
ANSWER = StoredResponse(b'{"a": 1}', {"if-none-match": '"1"'})
STATE = SourceState(
    AT, Cause.BROKEN, 3, AT, {"if-none-match": 'W/"a"'}, 7, AT, 1, Cause.FORBIDDEN, ("a1", "a2"),
    "0f1e", HISTORY,
)  # fmt: skip
LISTING = LastListing(
    (
        ListedEntry(
            "k1", "a1", "", "https://a.example/1", "Tin", Published(AT, date_only=True), "f0", "c", "h"
        ),
        ListedEntry("k2", merged_with="b7"),
    )
)
POSTPONED = Postponed({"a1": AT}, {"a1": 3, "a2": 1})
CHECKS = PageChecks({"a1": AT}, {"a2": AT + HOUR}, {"a.example:8080": AT})
ARTICLE = Article(
    id="a1",
    source="tinh",
    title="Cầu gỗ mở lại",
    url="https://tinh.example/1",
    published=Published(AT - HOUR, date_only=True),
    first_seen=AT,
    changed_at=AT + HOUR,
    sort_key=AT - HOUR,
    lead="Sau ba tuần sửa.",
    whole_lead="Sau ba tuần sửa. Người đi bộ qua lại được.",
    author="Trần Thị Lụa",
    organisation="Văn phòng",
    language="en",
    image=ArticleImage((StoredImage("aa", 480, 300), StoredImage("bb", 960, 600)), "Ván", "Chú thích", "https://x/"),
    body_html="<p>Toàn văn</p>",
    categories=("Giao thông", "Đô thị"),
    canonical_url="tinh.example/1",
    content_hash="r1",
    fetch_url="https://tinh.example/1?token=a1b2c3",
    declared=Declared("a1", "https://x/logo.png", AT.date(), lead_is_alone=True, shown=Published(AT)),
    reading=1,
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A kind of record: how it is read, what it cannot be without, and what stands for the rest."""

    read: Callable[[bytes], Any]
    record: bytes
    needed: frozenset[str]
    without: Mapping[str, Callable[[Any], Any]]


def value_without(name: str, default: Any = None) -> Callable[[Any], Any]:
    return lambda kept: replace(kept, value=replace(kept.value, **{name: default}))


ATTRIBUTES = {
    "identity": "canonical_url",
    "revision": "content_hash",
    "illustration": "image",
    "hour_precipitation": "precipitation",
    "hour_precipitation_probability": "precipitation_probability",
}


def article_without(key: str, default: Any = None) -> Callable[[Any], Any]:
    return kept_without(ATTRIBUTES.get(key, key), default)


def kept_without(name: str, default: Any = None) -> Callable[[Any], Any]:
    return lambda kept: replace(kept, **{name: default})


def steps_without(name: str, default: Any = None) -> Callable[[Any], Any]:
    def change(kept: Any) -> Any:
        steps = tuple(step._replace(**{name: default}) for step in kept.value.points)
        return replace(kept, value=replace(kept.value, points=steps))

    return change


MEASURED = ("temperature", "hour_precipitation", "hour_precipitation_probability", "wind_speed")
OF_KEPT = {"source": kept_without("provider_id", ""), "updated_at": kept_without("updated_at"),
           "not_before": kept_without("not_before"),
           "others_not_before": kept_without("others_not_before", {})}  # fmt: skip
MOMENTS = {"published", "first_seen", "changed_at", "order"}
KINDS = {
    "current": Kind(
        records.current_from_bytes,
        records.current_to_bytes(CURRENT),
        frozenset({"fetched_at"}),
        {
            **OF_KEPT,
            "time": value_without("time"),
            "sky": value_without("condition", UNKNOWN_CONDITION),
            "apparent_temperature_derived": value_without("apparent_temperature_derived", default=False),
            **{
                name: value_without(name)
                for name in (
                    "temperature", "apparent_temperature", "humidity", "wind_speed", "wind_direction",
                    "wind_gust", "pressure", "cloud_cover", "precipitation_rate", "is_day",
                )
            },
        },
    ),
    "outlook": Kind(
        records.hourly_from_bytes,
        records.hourly_to_bytes(OUTLOOK),
        frozenset({"fetched_at", "times"}),
        {
            **OF_KEPT,
            "hour_skies": steps_without("condition", UNKNOWN_CONDITION),
            "suns": value_without("sun_times", ()),
            "extremes": value_without("extremes", ()),
            **{
                name: steps_without(ATTRIBUTES.get(name, name))
                for name in (*MEASURED, "is_day")
            },
        },
    ),
    "ledger": Kind(
        records.quota_from_bytes,
        records.quota_to_bytes(LEDGER),
        frozenset(),
        {
            "windows": lambda kept: replace(kept, minute=None, hour=None, day=None),
            "failures": kept_without("failures", 0),
            "rest_until": kept_without("backoff_until"),
            "cause": kept_without("cause"),
            "last_success": kept_without("last_success"),
            "refused": kept_without("skipped_places", {}),
            "failed_at": kept_without("failed_at"),
            "retry_after": kept_without("retry_after"),
            "expires": kept_without("expires"),
            "next_due": kept_without("next_due"),
            "history": kept_without("history", RequestHistory()),
        },
    ),
    "answer": Kind(
        records.response_from_bytes,
        records.response_to_bytes(ANSWER),
        frozenset(),
        {"validators": kept_without("validators", {})},
    ),
    "instant": Kind(records.instant_from_bytes, records.instant_to_bytes(AT), frozenset({"at"}), {}),
    "spots": Kind(
        records.locations_from_bytes,
        records.locations_to_bytes({"hue": (16.0, 107.0)}),
        frozenset(),
        {"spots": lambda _: {}},
    ),
    "providers": Kind(
        records.providers_from_bytes,
        records.providers_to_bytes({"open-meteo": ("0f1e", None), "met-norway": ("2d3c", AT)}),
        frozenset(),
        {"providers": lambda _: {}},
    ),
    "state": Kind(
        article_records.state_from_bytes,
        article_records.state_to_bytes(STATE),
        frozenset(),
        {
            "fetched_at": kept_without("fetched_at"),
            "cause": kept_without("cause"),
            "failures": kept_without("failures", 0),
            "due": kept_without("due"),
            "validators": kept_without("validators", {}),
            "unchanged": kept_without("unchanged", 0),
            "read_at": kept_without("read_at"),
            "reading": kept_without("reading", 0),
            "page_cause": kept_without("page_cause"),
            "unread": kept_without("unread", ()),
            "settings_digest": kept_without("settings_digest", ""),
            "history": kept_without("history", RequestHistory()),
        },
    ),
    "listing": Kind(
        listings.listing_from_bytes,
        listings.listing_to_bytes(LISTING),
        frozenset(),
        {"entries": kept_without("entries", ())},
    ),
    "checks": Kind(
        listings.checks_from_bytes,
        listings.checks_to_bytes(CHECKS),
        frozenset(),
        {name: kept_without(name, {}) for name in ("checked", "missing", "without_head")},
    ),
    "postponed": Kind(
        listings.postponed_from_bytes,
        listings.postponed_to_bytes(POSTPONED),
        frozenset(),
        {name: kept_without(name, {}) for name in ("until", "times")},
    ),
    "article": Kind(
        article_records.article_from_bytes,
        article_records.article_to_bytes(ARTICLE),
        frozenset(),
        {
            **{name: article_without(name) for name in ("url", "author", "organisation", "illustration")},
            "fetch_url": article_without("fetch_url"),
            "declared": article_without("declared"),
            "reading": article_without("reading", 0),
            **{name: article_without(name, "") for name in ("id", "source", "identity", "revision")},
            "whole_lead": article_without("whole_lead", ""),
            "language": article_without("language", "vi"),
            "categories": article_without("categories", ()),
            "has_body": lambda kept: kept,  # the body itself shows that there is one
        },
    ),
}  # fmt: skip
UNKNOWN = st.dictionaries(
    st.sampled_from(["uv_index", "air", "zz", ""]),
    st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2),
    max_size=3,
)
kinds = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def parts(record: bytes) -> tuple[dict[str, Any], bytes]:
    head, newline, body = record.partition(b"\n")
    return json.loads(head), newline + body


@kinds
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_a_record_is_read_whatever_it_lacks_and_whatever_more_it_has(kind: Kind, data: st.DataObject) -> None:
    fields, body = parts(kind.record)
    dropped = data.draw(st.sets(st.sampled_from(sorted(kind.without))) if kind.without else st.just(set()))
    more = data.draw(UNKNOWN)
    form = data.draw(st.sampled_from([{}, {"v": 1}, {"v": 2}, {"v": 999}, {"v": "x"}]))
    expected = kind.read(kind.record)
    for name in dropped:
        expected = kind.without[name](expected)
    rest = {name: value for name, value in fields.items() if name not in {*dropped, "v"}}
    assert kind.read(json.dumps(more | rest | form).encode() + body) == expected


@kinds
def test_every_field_is_told_of_by_these_tests(kind: Kind) -> None:
    told = kind.without.keys() | kind.needed | {"v"}
    if kind is KINDS["article"]:
        told |= MOMENTS | {"title", "lead"}
    assert parts(kind.record)[0].keys() == told


@kinds
def test_only_without_what_it_cannot_be_without_is_a_record_as_if_it_were_not_there(kind: Kind) -> None:
    fields, body = parts(kind.record)
    nothing = kind.read(b"no record")
    for name in kind.needed:
        rest = {key: value for key, value in fields.items() if key != name}
        assert kind.read(json.dumps(rest).encode() + body) == nothing
        assert kind.read(json.dumps(fields | {name: None}).encode() + body) == nothing


WRONG = (None, True, 5, -1.5, "nonsense", [], {}, [[]], {"a": []}, 10**400, "2026-11-22T03:00:00")


@kinds
def test_a_value_of_another_kind_costs_its_own_field_and_no_other(kind: Kind) -> None:
    fields, body = parts(kind.record)
    whole = kind.read(kind.record)
    for name, lacking in kind.without.items():
        for value in WRONG:
            read = kind.read(json.dumps(fields | {name: value}).encode() + body)
            allowed = changed(lacking(whole), whole) | {ATTRIBUTES.get(name, name)}
            assert changed(read, whole) <= allowed, (name, value)


def changed(one: Any, other: Any) -> set[str]:
    """The names of the fields in which two values differ; a record that was not read differs in itself."""
    found, expected = dict(_leaves(one)), dict(_leaves(other))
    differing = [path for path in found | expected if found.get(path) != expected.get(path)]
    return {path.split("/")[-1] for path in differing}


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    told = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    if isinstance(told, dict) and told:
        for name, inner in told.items():
            yield from _leaves(inner, f"{path}/{name}")
    elif isinstance(told, tuple | list) and told:
        for index, inner in enumerate(told):
            yield from _leaves(inner, f"{path}[{index}]")
    else:
        yield path, told


# Precipitation before it meant one thing: docs/decisions/0019


def earlier(source: str | None, **columns: list[Any]) -> tuple[HourlyPoint, ...]:
    """The points of a record as commit 27ebb81 wrote it, of hours from AT on."""
    length = max(len(column) for column in columns.values())
    fields = {
        "v": 1,
        "source": source,
        "fetched_at": AT.isoformat(),
        "times": [int((AT + n * HOUR).timestamp()) for n in range(length)],
        "hours": [1] * length,
        **columns,
    }
    read = records.hourly_from_bytes(json.dumps(fields).encode())
    assert read is not None
    return read.value.points


COLUMNS: dict[str, list[Any]] = {
    "skies": ["rain/heavy", "clear/plain", "thunder/plain"],
    "temperature": [20.0, 21.0, 22.0],
    "precipitation": [7.0, 0.0, 20.0],
    "precipitation_probability": [70, 0, 99],
    "wind_speed": [1.0, 2.0, 3.0],
    "is_day": [False, True, True],
}
RAIN = DetailedCondition(Condition.RAIN, Intensity.HEAVY)
CLEAR, THUNDER = DetailedCondition(Condition.CLEAR), DetailedCondition(Condition.THUNDER)


def test_hours_of_open_meteo_that_an_earlier_version_stored_move_to_their_beginning() -> None:
    assert earlier("open-meteo", **COLUMNS) == (
        HourlyPoint(AT - HOUR, RAIN, None, 7.0, 70),
        HourlyPoint(AT, CLEAR, 20.0, 0.0, 0, 1.0, is_day=False),
        HourlyPoint(AT + HOUR, THUNDER, 21.0, 20.0, 99, 2.0, is_day=True),
        HourlyPoint(AT + 2 * HOUR, UNKNOWN_CONDITION, 22.0, None, None, 3.0, is_day=True),
    )


@pytest.mark.parametrize("source", ["met-norway", "openweather", "balloon", "", None])
def test_hours_that_others_told_by_their_beginning_stay(source: str | None) -> None:
    assert earlier(source, **COLUMNS) == (
        HourlyPoint(AT, RAIN, 20.0, 7.0, 70, 1.0, is_day=False),
        HourlyPoint(AT + HOUR, CLEAR, 21.0, 0.0, 0, 2.0, is_day=True),
        HourlyPoint(AT + 2 * HOUR, THUNDER, 22.0, 20.0, 99, 3.0, is_day=True),
    )


def test_what_an_earlier_record_lacks_is_null_where_it_would_have_moved_to() -> None:
    points = earlier("open-meteo", precipitation=[1.0, 2.0], skies=["rain/heavy"], temperature=[20.0])
    assert points == (
        HourlyPoint(AT - HOUR, RAIN, None, 1.0),
        HourlyPoint(AT, UNKNOWN_CONDITION, 20.0, 2.0),
        HourlyPoint(AT + HOUR),
    )


@pytest.mark.parametrize("hours", [[6, 6, 1], [6, None, "six"], ["", 6.0], []])
def test_a_point_of_six_hours_is_shared_out_over_them(hours: list[Any]) -> None:
    times = [int((AT + n * HOUR).timestamp()) for n in (0, 6, 12)]
    first, *between, sixth = earlier("met-norway", **COLUMNS | {"times": times, "hours": hours})[:6]
    assert first == HourlyPoint(AT, RAIN, 20.0, 7.0 / 6, 70, 1.0)
    assert [point.is_day for point in between] == [None, None, False, None]  # that of the middle
    assert sixth == HourlyPoint(AT + 5 * HOUR, RAIN, None, 7.0 / 6, 70)
    points = earlier("met-norway", **COLUMNS | {"times": times, "hours": hours})
    assert [point.time for point in points] == [AT + n * HOUR for n in range(13)]
    assert sum(point.precipitation or 0 for point in points) == pytest.approx(27.0)


@pytest.mark.parametrize("hours", [10**12, 600, 13])
def test_no_point_is_shared_out_over_more_hours_than_a_block_can_have(hours: int) -> None:
    assert len(earlier("met-norway", hours=[hours], precipitation=[12.0])) == 12
    assert len(earlier("met-norway", hours=[hours, 1], precipitation=[12.0, 0.0])) == 2


@pytest.mark.parametrize(
    ("source", "fallen", "rate"),
    [
        ("open-meteo", 1.2, None),
        ("open-meteo", 0.0, 0.0),
        ("open-meteo", False, None),
        ("met-norway", 1.2, 1.2),
        ("openweather", 1.2, 1.2),
    ],
)
def test_precipitation_now_of_an_earlier_record_is_a_rate_only_where_it_was_of_an_hour(
    source: str, fallen: float, rate: float | None
) -> None:
    fields, _ = parts(KINDS["current"].record)
    del fields["precipitation_rate"]
    read = records.current_from_bytes(
        json.dumps(fields | {"source": source, "precipitation": fallen}).encode()
    )
    assert read is not None
    assert read.value.precipitation_rate == rate


# Columns and other things inside


@pytest.mark.parametrize("name", MEASURED)
@settings(deadline=None, max_examples=20)
@given(good=st.lists(st.booleans(), max_size=3))
def test_a_short_column_and_values_of_another_kind_cost_those_values_only(
    name: str, good: list[bool]
) -> None:
    fields, _ = parts(KINDS["outlook"].record)
    column = [value if is_good else "warm" for value, is_good in zip(fields[name], good, strict=False)]
    read = records.hourly_from_bytes(json.dumps(fields | {name: column}).encode())
    assert read is not None
    there = [*good, False, False, False][:3]
    for step, before, is_good in zip(read.value.points, OUTLOOK.value.points, there, strict=True):
        assert step == (before if is_good else before._replace(**{ATTRIBUTES.get(name, name): None}))


def test_a_time_of_another_kind_costs_its_step_and_a_column_that_is_too_long_nothing() -> None:
    fields, _ = parts(KINDS["outlook"].record)
    times = [fields["times"][0], "soon", fields["times"][2]]
    read = records.hourly_from_bytes(json.dumps(fields | {"times": times}).encode())
    assert read is not None
    assert read.value.points == (OUTLOOK.value.points[0], OUTLOOK.value.points[2])
    longer = fields | {"temperature": [*fields["temperature"], 1.0, 2.0]}
    assert records.hourly_from_bytes(json.dumps(longer).encode()) == OUTLOOK


@pytest.mark.parametrize(
    ("told", "sky"),
    [
        ("dust_devil/plain", UNKNOWN_CONDITION),
        ("rain/biblical", DetailedCondition(Condition.RAIN)),
        ("rain", DetailedCondition(Condition.RAIN)),
        ("", UNKNOWN_CONDITION),
        (7, UNKNOWN_CONDITION),
        (["rain"], UNKNOWN_CONDITION),
    ],
)
def test_a_sky_that_only_another_version_knows_is_unknown_and_hides_nothing_else(
    told: object, sky: DetailedCondition
) -> None:
    fields, _ = parts(KINDS["current"].record)
    read = records.current_from_bytes(json.dumps(fields | {"sky": told}).encode())
    assert read == replace(CURRENT, value=replace(CURRENT.value, condition=sky))


def test_a_sun_a_window_and_a_refusal_of_another_kind_cost_themselves_only() -> None:
    fields, _ = parts(KINDS["outlook"].record)
    suns = [["2026-11-22"], ["soon", None, None], 5, ["2026-11-23", 7, AT.isoformat(), "and more"]]
    outlook = records.hourly_from_bytes(json.dumps(fields | {"suns": suns}).encode())
    assert outlook is not None
    assert outlook.value.sun_times == (
        SunTimes(AT.date(), None, None),
        SunTimes(AT.date() + 24 * HOUR, None, AT),
    )
    fields, _ = parts(KINDS["ledger"].record)
    windows = [["soon", 1], [AT.isoformat(), 2.0], None, [AT.isoformat(), 9.0]]
    refused = {"hue": "soon", "vinh": AT.isoformat()}
    quota = records.quota_from_bytes(json.dumps(fields | {"windows": windows, "refused": refused}).encode())
    assert quota == replace(LEDGER, minute=None, day=None, skipped_places={"vinh": AT})


def test_a_picture_of_another_kind_costs_itself_and_the_last_one_the_illustration() -> None:
    fields, body = parts(KINDS["article"].record)
    good, bad = ["bb", 960, 600, "avif"], ["aa", "wide", 300]

    def with_pictures(*pictures: object) -> ArticleImage | None:
        told = fields | {"illustration": {"pictures": pictures, "focus": [1, 2]}}
        article = article_records.article_from_bytes(json.dumps(told).encode() + body)
        assert article is not None
        assert replace(article, image=None) == replace(ARTICLE, image=None)
        return article.image

    assert with_pictures(bad, good) == ArticleImage((StoredImage("bb", 960, 600),))
    assert with_pictures(bad) is None


@pytest.mark.parametrize(
    ("lacking", "expected"),
    [
        ({"published"}, {"published": None}),
        ({"first_seen"}, {"first_seen": AT - HOUR}),  # its order is the earliest that is known
        ({"changed_at"}, {"changed_at": AT}),
        ({"order"}, {"sort_key": AT - HOUR}),  # when it was published
        ({"published", "order"}, {"published": None, "sort_key": AT}),  # when it was first seen
        ({"first_seen", "order"}, {"first_seen": AT + HOUR, "sort_key": AT - HOUR}),
        (
            {"first_seen", "order", "changed_at"},
            {"first_seen": AT - HOUR, "sort_key": AT - HOUR, "changed_at": AT - HOUR},
        ),
        ({"title"}, {"title": ARTICLE.lead}),
        ({"title", "lead"}, {"title": ARTICLE.url, "lead": ""}),
    ],
)
def test_what_an_article_lacks_follows_from_what_it_has(lacking: set[str], expected: dict[str, Any]) -> None:
    fields, body = parts(KINDS["article"].record)
    rest = {name: value for name, value in fields.items() if name not in lacking}
    assert article_records.article_from_bytes(json.dumps(rest).encode() + body) == replace(
        ARTICLE, **expected
    )


def test_an_article_without_any_moment_is_as_if_it_were_not_there() -> None:
    fields, body = parts(KINDS["article"].record)
    rest = {name: value for name, value in fields.items() if name not in MOMENTS}
    assert article_records.article_from_bytes(json.dumps(rest).encode() + body) is None


def test_bytes_that_are_no_letters_cost_those_letters_of_a_text() -> None:
    head = KINDS["article"].record.partition(b"\n")[0]
    read = article_records.article_from_bytes(head + b"\n<p>Ch\xff</p>")
    assert read == replace(ARTICLE, body_html="<p>Ch\ufffd</p>")
