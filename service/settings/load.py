"""Reading the configuration: one file, overlaid with the environment, checked as a whole."""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError, fields

from service.core.errors import SettingsError
from service.core.secrets import loggable_url
from service.settings import cli_feeds, schema
from service.settings.fields import sqlite_path, yes_or_no
from service.settings.model import (
    ArticleSettings,
    CacheSettings,
    CollectorSettings,
    EmbedSettings,
    LimitSettings,
    Settings,
    SiteSettings,
    StoreSettings,
    UpstreamSettings,
    WeatherSettings,
)
from service.settings.section import UNKNOWN_KEY
from service.settings.weather_schema import PROVIDER_TABLES

PREFIX = "PORTAL_WIDGETS_"
CONFIG = PREFIX + "CONFIG"
DEMO = PREFIX + "DEMO"
STORM = PREFIX + "STORM"
_OF_DEMO = "demo-"
_SECRET = {"api_key"}
_ADDRESSES = {"url", "base_url", "proxy", "share", "site", "public_url"}
_LONGEST_SAID = 100


def load(environment: Mapping[str, str]) -> Settings:
    """The settings from the file that the environment names, and from the environment itself.

    Raises:
        SettingsError: with one line for every fault.
    """
    return load_written(_read_file(environment.get(CONFIG, "")), environment)


def load_written(written: dict[str, Any], environment: Mapping[str, str]) -> Settings:
    """The settings from what stands in a file, and from the environment.

    Raises:
        SettingsError: with one line for every fault.
    """
    faults = _overlay(written, environment)
    _add_feeds(written, environment.get(cli_feeds.FEEDS, ""))
    try:
        loaded = schema.File().load(written)
    except ValidationError as error:
        faults += list(_faults(schema.File(), error.messages_dict, written, ""))
    if faults:
        raise SettingsError([_on_one_line(fault) for fault in faults])
    return _settings(loaded, environment)


def _read_file(name: str) -> dict[str, Any]:
    if not name:
        return {}
    try:
        return tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError([f"{name}: cannot be read ({error.strerror})"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"{name}: not TOML in UTF-8 ({error})"]) from error


def _overlay(written: dict[str, Any], environment: Mapping[str, str]) -> list[str]:
    """Put the variables of the environment over what the file says; what cannot be put is a fault."""
    faults = []
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or "__" not in variable:
            continue
        *tables, key = (part.lower() for part in variable.removeprefix(PREFIX).split("__"))
        place: Any = written
        known: Schema | None = schema.File()
        for table in tables:
            name, known = _inner(known, table)
            place = place.setdefault(name, {}) if isinstance(place, dict) else None
        field = known.fields.get(key) if known else None
        if not isinstance(place, dict) or isinstance(field, fields.Nested):
            faults.append(f"{variable}: names no single key of the configuration")
        else:
            place[key] = environment[variable]
    return faults


def _add_feeds(written: dict[str, Any], told: str) -> None:
    """Put what `serve --feed` names behind the sources of the file, where that has a list of them at all."""
    articles = written.setdefault("articles", {}) if told else None
    sources = articles.setdefault("source", []) if isinstance(articles, dict) else None
    if isinstance(sources, list):
        taken = [name for one in sources if isinstance(one, dict) and isinstance(name := one.get("id"), str)]
        sources += cli_feeds.sources_of(told, taken)


def _inner(known: Schema | None, table: str) -> tuple[str, Schema | None]:
    """The name of a table as the file writes it, and its schema if there is such a table."""
    for name, field in (known.fields if known else {}).items():
        if isinstance(field, fields.Nested) and name == table:
            return field.data_key or name, field.schema
    return table, None


def _faults(known: Schema, messages: Mapping[Any, Any], written: Any, path: str) -> Iterator[str]:
    """One line for each fault: where it is, what is wrong, and what was written."""
    fields_by_key = {field.data_key or name: field for name, field in known.fields.items()}
    for key, found in messages.items():
        here = f"{path}{key}" if key != "_schema" else path.rstrip(".")
        value = written.get(key) if isinstance(written, dict) else None
        field = fields_by_key.get(key)
        if isinstance(field, fields.Nested) and isinstance(found, dict):
            yield from _faults(field.schema, found, value, f"{here}.")
        elif isinstance(field, fields.List) and isinstance(found, dict):
            yield from _faults_of_items(field, found, value, here)
        else:
            yield from _lines(here, found, value, known, key)


def _faults_of_items(
    field: fields.List[Any], found: Mapping[Any, Any], value: Any, path: str
) -> Iterator[str]:
    items = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    for index, messages in found.items():
        item = items[index] if isinstance(items, list) and isinstance(index, int) else None
        if isinstance(field.inner, fields.Nested) and isinstance(messages, dict):
            name = item.get("id") if isinstance(item, dict) else None
            label = name if isinstance(name, str) and name else f"#{index + 1}"
            yield from _faults(field.inner.schema, messages, item, f"{path}[{label}].")
        else:
            yield from _lines(path, messages, item, None, None)


def _lines(path: str, found: Any, value: Any, known: Schema | None, key: object) -> Iterator[str]:
    if isinstance(found, dict):  # the keys and values of a table of names
        found = [message for messages in found.values() for message in _flat(messages)]
    for message in found if isinstance(found, list) else [found]:
        if message == UNKNOWN_KEY and known is not None:
            yield f"{path}: {message}{_nearest(str(key), known)}"
        else:
            wrong, remedy, rest = message.partition(";")
            yield f"{path}: {wrong}{_quoted(value, key)}{remedy}{rest}"


def _flat(messages: Any) -> list[str]:
    if isinstance(messages, dict):
        return [line for inner in messages.values() for line in _flat(inner)]
    return list(messages) if isinstance(messages, list) else [str(messages)]


def _nearest(key: str, known: Schema) -> str:
    names = [field.data_key or name for name, field in known.fields.items()]
    close = difflib.get_close_matches(key, names, n=1, cutoff=0)
    return f' (nearest: "{close[0]}")' if close else ""


def _quoted(value: object, key: object) -> str:
    """What was written, unless it is a secret or a whole table."""
    if value is None or isinstance(value, dict | list) or key in _SECRET:
        return ""
    said = str(value)
    if key in _ADDRESSES or "://" in said or "@" in said:
        said = loggable_url(said)
    said = said if len(said) <= _LONGEST_SAID else said[: _LONGEST_SAID - 1] + "…"
    return f' ("{said}")' if isinstance(value, str) else f" ({said})"


def _on_one_line(fault: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in fault)


def _settings(loaded: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    weather, site = loaded["weather"], loaded["site"]
    demo = yes_or_no(environment.get(DEMO, "")) is True
    return Settings(
        site=SiteSettings(**(site | {"public_url": site["public_url"].rstrip("/")})),
        store=StoreSettings(_store_path(loaded["store"]["url"], environment, demo=demo)),
        weather=WeatherSettings(
            providers=tuple(dict.fromkeys(weather["providers"])),
            provider_settings={name: weather[name.replace("-", "_")] for name in PROVIDER_TABLES},
            refresh=weather["refresh"],
            stale_after=weather["stale_after"],
            hide_after=weather["hide_after"],
            cities=_only(weather["cities"]),
            city=tuple(weather["city"]),
        ),
        articles=ArticleSettings(**(loaded["articles"] | {"source": tuple(loaded["articles"]["source"])})),
        embed=EmbedSettings(tuple(loaded["embed"]["frame_ancestors"])),
        collector=CollectorSettings(external=loaded["collector"]["mode"] == "external"),
        edge=CacheSettings(loaded["edge"]["memory"]),
        limits=LimitSettings(loaded["limits"]["pictures"]),
        upstream=UpstreamSettings(
            tuple(loaded["upstream"]["allow_private"]),
            loaded["upstream"]["proxy"],
            loaded["upstream"]["ca_file"],
        ),
        demo=demo,
        storm=demo and yes_or_no(environment.get(STORM, "")) is True,
    )


def _only(cities: Sequence[str]) -> tuple[str, ...] | None:
    return None if list(cities) == ["all"] else tuple(dict.fromkeys(cities))


def _store_path(url: str, environment: Mapping[str, str], *, demo: bool) -> Path:
    """The configured file, or the usual one; sample data has a file of its own beside it."""
    path = sqlite_path(url) if url else _usual_path(environment)
    return path.with_name(_OF_DEMO + path.name.removeprefix(_OF_DEMO)) if demo else path


def _usual_path(environment: Mapping[str, str]) -> Path:
    """In the user's data directory (XDG)."""
    data = environment.get("XDG_DATA_HOME", "")
    home = Path(data) if os.path.isabs(data) else Path("~/.local/share").expanduser()  # noqa: PTH117 - a string is asked
    return home / "portal-widgets" / "store.sqlite3"
