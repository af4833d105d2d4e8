import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.errors import Cause
from service.weather import records
from service.weather.model import (
    Condition,
    Current,
    DetailedCondition,
    Extremes,
    HourlyForecast,
    HourlyPoint,
    Intensity,
    PolarSun,
    StoredWeather,
    SunTimes,
)
from service.weather.quota import ProviderQuota, Window
from service.weather.records import StoredResponse

numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-500, 500)
zones = st.sampled_from([UTC, timezone(timedelta(hours=7)), timezone(timedelta(hours=5, minutes=45))])
moments = st.datetimes(datetime(1971, 1, 1), datetime(2099, 1, 1), timezones=zones)
whole_moments = moments.map(lambda moment: moment.astimezone(UTC).replace(microsecond=0))
conditions = st.builds(DetailedCondition, st.sampled_from(Condition), st.sampled_from(Intensity))
yes_or_no = st.none() | st.booleans()
currents = st.builds(
    Current,
    time=moments,
    condition=conditions,
    temperature=numbers,
    apparent_temperature=numbers,
    apparent_temperature_derived=st.booleans(),
    humidity=numbers,
    wind_speed=numbers,
    wind_direction=numbers,
    wind_gust=numbers,
    pressure=numbers,
    cloud_cover=numbers,
    precipitation_rate=numbers,
    is_day=yes_or_no,
)
steps = st.builds(
    HourlyPoint,
    whole_moments,
    conditions,
    numbers,
    numbers,
    numbers,
    numbers,
    yes_or_no,
)
suns = st.builds(
    SunTimes,
    st.dates(date(1971, 1, 1)),
    st.none() | moments,
    st.none() | moments,
    st.none() | st.sampled_from(PolarSun),
)
extremes = st.builds(Extremes, whole_moments, st.integers(1, 6), numbers, numbers)
outlooks = st.builds(
    HourlyForecast,
    st.lists(steps, max_size=5).map(tuple),
    st.lists(suns, max_size=3).map(tuple),
    st.lists(extremes, max_size=3).map(tuple),
)
windows = st.none() | st.builds(Window, moments, st.floats(0, 1e6))
quotas = st.builds(
    ProviderQuota,
    windows,
    windows,
    windows,
    st.integers(0, 1000),
    st.none() | moments,
    st.none() | st.sampled_from(Cause),
    st.none() | moments,
    st.dictionaries(st.from_regex(r"[a-z0-9-]{1,64}(/current)?", fullmatch=True), moments, max_size=3),
    st.none() | moments,
    st.none() | moments,
    st.none() | moments,
)


def kept(values: st.SearchStrategy[Any]) -> st.SearchStrategy[StoredWeather[Any]]:
    others = st.dictionaries(st.sampled_from(["open-meteo", "met-norway"]), moments)
    return st.builds(
        StoredWeather, values, st.text(), st.none() | moments, moments, st.none() | moments, others
    )


@settings(max_examples=60, deadline=None)
@given(kept(currents))
def test_current_values_come_back_as_they_were(record: StoredWeather[Current]) -> None:
    assert records.current_from_bytes(records.current_to_bytes(record)) == record


@settings(max_examples=60, deadline=None)
@given(kept(outlooks))
def test_an_outlook_comes_back_as_it_was(record: StoredWeather[HourlyForecast]) -> None:
    assert records.hourly_from_bytes(records.hourly_to_bytes(record)) == record


@settings(max_examples=60, deadline=None)
@given(quotas)
def test_a_ledger_comes_back_as_it_was(quota: ProviderQuota) -> None:
    assert records.quota_from_bytes(records.quota_to_bytes(quota)) == quota


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=2_000), st.dictionaries(st.text(max_size=9), st.text(max_size=30), max_size=3))
def test_an_answer_comes_back_as_it_was(body: bytes, validators: dict[str, str]) -> None:
    answer = StoredResponse(body, validators)
    assert records.response_from_bytes(records.response_to_bytes(answer)) == answer


@settings(max_examples=40, deadline=None)
@given(moments)
def test_a_moment_comes_back_as_it_was(moment: datetime) -> None:
    assert records.instant_from_bytes(records.instant_to_bytes(moment)) == moment


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=9), st.tuples(st.floats(-90, 90), st.floats(-180, 180)), max_size=3))
def test_spots_come_back_as_they_were(spots: dict[str, tuple[float, float]]) -> None:
    assert records.locations_from_bytes(records.locations_to_bytes(spots)) == spots


MOMENT = datetime(2026, 11, 22, 3, tzinfo=UTC)
CURRENT = records.current_to_bytes(
    StoredWeather(Current(MOMENT, temperature=27.1), "open-meteo", None, MOMENT)
)
OUTLOOK = records.hourly_to_bytes(
    StoredWeather(HourlyForecast((HourlyPoint(MOMENT),)), "open-meteo", None, MOMENT)
)
LEDGER = records.quota_to_bytes(ProviderQuota(failures=3, backoff_until=MOMENT))
ANSWER = records.response_to_bytes(StoredResponse(b"{}", {"if-none-match": '"1"'}))
INSTANT = records.instant_to_bytes(MOMENT)
SPOTS = records.locations_to_bytes({"hue": (16.0, 107.0)})
READERS = [
    (records.current_from_bytes, CURRENT, None),
    (records.hourly_from_bytes, OUTLOOK, None),
    (records.quota_from_bytes, LEDGER, ProviderQuota()),
    (records.response_from_bytes, ANSWER, None),
    (records.instant_from_bytes, INSTANT, None),
    (records.locations_from_bytes, SPOTS, {}),
]


@pytest.mark.parametrize(
    ("read", "record", "nothing"), READERS, ids=lambda value: getattr(value, "__name__", "")
)
@pytest.mark.parametrize("noise", [None, b"", b"{", b"[]", b"null", b"[" * 100_000, b"\xff\xfe"])
def test_what_is_no_record_is_as_if_it_were_not_there(
    read: Any, record: bytes, nothing: Any, noise: bytes | None
) -> None:
    assert read(record) != nothing
    assert read(noise) == nothing


def test_a_sentence_that_an_earlier_version_kept_is_a_failure_of_unknown_cause() -> None:
    fields = json.loads(LEDGER)
    del fields["cause"]
    quota = records.quota_from_bytes(json.dumps(fields | {"trouble": "It said: sig=a1b2c3"}).encode())
    assert quota == ProviderQuota(failures=3, backoff_until=MOMENT, cause=Cause.UNKNOWN)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_nothing_that_stands_in_a_record_raises(data: st.DataObject) -> None:
    for read, record, _ in READERS:
        head, newline, body = record.partition(b"\n")
        fields = json.loads(head)
        fields[data.draw(st.sampled_from(sorted(fields)))] = data.draw(anything)
        read(json.dumps(fields).encode() + newline + body)
        read(data.draw(st.binary(max_size=50)))
