"""Whatever a file or an environment says: settings or faults, one line each, and nothing else."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema, fields

from service.core.errors import SettingsError
from service.settings import schema
from service.settings.load import load, load_tables
from service.settings.model import Settings

KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
scalars = (
    st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.datetimes()
    | st.dates()
    | st.times()
    | st.sampled_from(["15m", "all", "https://a.vn", "hue", "1MB", "sqlite:///x", 10**400, "9" * 400])
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=5,
)


def a_table(known: Schema) -> st.SearchStrategy[dict[str, Any]]:
    """A table with some of its keys, each with what it may hold or with anything."""
    values = {}
    for name, field in known.fields.items():
        if isinstance(field, fields.Nested):
            inner: st.SearchStrategy[Any] = a_table(field.schema)
        elif isinstance(field, fields.List) and isinstance(field.inner, fields.Nested):
            inner = st.lists(a_table(field.inner.schema), max_size=2)
        else:
            inner = st.nothing()
        values[field.data_key or name] = inner | anything
    return st.fixed_dictionaries({}, optional=values)


def told(read: Callable[[], Settings]) -> list[str]:
    """The faults, none where there are settings."""
    try:
        assert isinstance(read(), Settings)
    except SettingsError as error:
        return error.faults or [""]
    return []


def are_lines(faults: list[str]) -> bool:
    return all(fault and len(fault.splitlines()) == 1 for fault in faults)


@settings(max_examples=60, deadline=None)
@given(a_table(schema.File()) | st.dictionaries(KEYS, anything, max_size=4))
def test_any_file_gives_settings_or_faults_of_one_line(written: dict[str, Any]) -> None:
    assert are_lines(told(lambda: load_tables(written, {})))


WORDS = ["SITE", "WEATHER", "OPEN_METEO", "CITY", "LANGUAGE", "REFRESH", "API_KEY", "ARTICLES", "0", ""]
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map("__".join)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(NAMES, st.text(max_size=10), max_size=4))
def test_any_environment_gives_settings_or_faults_of_one_line(environment: dict[str, str]) -> None:
    prefixed = {f"PORTAL_WIDGETS_{name}": value for name, value in environment.items()}
    assert are_lines(told(lambda: load(prefixed)))
