"""Loading the configuration: a TOML file, overridden by the environment, validated as a whole."""

import difflib
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields

from service.core.errors import SettingsError
from service.core.secrets import loggable_url
from service.settings import schema
from service.settings.environment import CONFIG, DEMO, FEEDS, STORM, override
from service.settings.fields import UNKNOWN_KEY, parse_boolean, share_address, sqlite_path
from service.settings.model import (
    ArticleSettings,
    CacheSettings,
    CollectorSettings,
    EmbedSettings,
    LimitSettings,
    LogSettings,
    Settings,
    SiteSettings,
    StatusSettings,
    StoreSettings,
    UpstreamSettings,
    WeatherSettings,
)
from service.settings.toml_file import read_toml

_DEMO_PREFIX = "demo-"  # of the store's file name
SECRET_KEYS = {"api_key"}
ADDRESS_KEYS = {"url", "base_url", "proxy", "share", "site", "public_url"}
_MAX_QUOTED = 100  # characters
_MAX_ID = 64  # characters
_NOT_IN_ID = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings, and what they were made from.

    Attributes:
        settings: the result.
        tables: of the file, overridden by the environment.
        variables: the names of the variables that override a key, by its path in the file.
    """

    settings: Settings
    tables: Mapping[str, Any]
    variables: Mapping[tuple[str, ...], str]


def load(environment: Mapping[str, str]) -> Settings:
    """Load the settings from the file that the environment names, and from the environment itself.

    Raises:
        SettingsError: with a line for every fault.
    """
    return load_configuration(environment).settings


def load_configuration(environment: Mapping[str, str]) -> Configuration:
    """Load the settings likewise, and return them with what they were made from.

    Raises:
        SettingsError: with a line for every fault.
    """
    file = environment.get(CONFIG, "")
    return _configuration(read_toml(file) if file else {}, environment)


def load_tables(tables: dict[str, Any], environment: Mapping[str, str]) -> Settings:
    """Load the settings from the parsed content of a file, which is changed, and from the environment.

    Raises:
        SettingsError: with a line for every fault.
    """
    return _configuration(tables, environment).settings


def _configuration(tables: dict[str, Any], environment: Mapping[str, str]) -> Configuration:
    variables: dict[tuple[str, ...], str] = {}
    faults = list(override(tables, environment, variables))
    _add_feeds(tables, environment.get(FEEDS, ""))
    try:
        loaded = schema.File().load(tables)
    except ValidationError as error:
        faults += _faults(schema.File(), error.messages_dict, tables, "")
    if faults:
        raise SettingsError([_on_one_line(fault) for fault in faults])
    return Configuration(_settings(loaded, environment), tables, variables)


def _add_feeds(written: dict[str, Any], feeds: str) -> None:
    """Append the feeds of `serve --feed` to the sources of the file, unless those are malformed."""
    articles = written.setdefault("articles", {}) if feeds else None
    sources = articles.setdefault("source", []) if isinstance(articles, dict) else None
    if isinstance(sources, list):
        taken = [name for one in sources if isinstance(one, dict) and isinstance(name := one.get("id"), str)]
        sources += feed_tables(feeds.split("\n"), taken)


def feed_tables(urls: Sequence[str], taken: Collection[str]) -> Iterator[dict[str, str]]:
    """Yield a `[[articles.source]]` table for each URL; `taken` are the ids of the file's sources.

    The id is made from the host, so that a URL has the same id at every start with the same file.
    """
    ids = set(taken)
    for url in dict.fromkeys(urls):
        host = _host(url)
        source_id = _free_id(host, url, ids)
        ids.add(source_id)
        yield {"id": source_id, "name": host, "url": url}


def _host(url: str) -> str:
    """Return the host; empty for a malformed URL, which the validation of the sources then refuses."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _free_id(host: str, url: str, taken: Collection[str]) -> str:
    plain = _NOT_IN_ID.sub("-", host.removeprefix("www.")).strip("-")[:_MAX_ID]
    if plain and plain not in taken:
        return plain
    suffix = blake2b(url.encode(errors="surrogateescape"), digest_size=4).hexdigest()
    return f"{plain[: _MAX_ID - 9]}-{suffix}".strip("-")


def _faults(table: Schema, messages: Mapping[Any, Any], written: Any, path: str) -> Iterator[str]:
    """Yield a line for each fault: where it is, what is wrong, and what was written."""
    fields_by_key = {field.data_key or name: field for name, field in table.fields.items()}
    for key, errors in messages.items():
        here = f"{path}{key}" if key != "_schema" else path.rstrip(".")
        value = written.get(key) if isinstance(written, dict) else None
        field = fields_by_key.get(key)
        if isinstance(field, fields.Nested) and isinstance(errors, dict):
            yield from _faults(field.schema, errors, value, f"{here}.")
        elif isinstance(field, fields.List) and isinstance(errors, dict):
            yield from _faults_of_items(field, errors, value, here)
        else:
            yield from _lines(here, errors, value, table, key)


def _faults_of_items(
    field: fields.List[Any], errors: Mapping[Any, Any], value: Any, path: str
) -> Iterator[str]:
    items = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    for index, messages in errors.items():
        item = items[index] if isinstance(items, list) and isinstance(index, int) else None
        if isinstance(field.inner, fields.Nested) and isinstance(messages, dict):
            name = item.get("id") if isinstance(item, dict) else None
            label = name if isinstance(name, str) and name else f"#{index + 1}"
            yield from _faults(field.inner.schema, messages, item, f"{path}[{label}].")
        else:
            yield from _lines(path, messages, item, None, None)


def _lines(path: str, errors: Any, value: Any, table: Schema | None, key: object) -> Iterator[str]:
    if isinstance(errors, dict):  # the keys and values of a table of names
        errors = [message for messages in errors.values() for message in _flatten(messages)]
    for message in errors if isinstance(errors, list) else [errors]:
        if message == UNKNOWN_KEY and table is not None:
            yield f"{path}: {message}{_nearest(str(key), table)}"
        else:
            wrong, remedy, rest = message.partition(";")
            yield f"{path}: {wrong}{_quoted(value, key)}{remedy}{rest}"


def _flatten(messages: Any) -> list[str]:
    if isinstance(messages, dict):
        return [line for inner in messages.values() for line in _flatten(inner)]
    return list(messages) if isinstance(messages, list) else [str(messages)]


def _nearest(key: str, table: Schema) -> str:
    names = [field.data_key or name for name, field in table.fields.items()]
    close = difflib.get_close_matches(key, names, n=1, cutoff=0)
    return f' (nearest: "{close[0]}")' if close else ""


def _quoted(value: object, key: object) -> str:
    """Return what was written, in parentheses; nothing for a secret or a whole table."""
    if value is None or isinstance(value, dict | list) or key in SECRET_KEYS:
        return ""
    written = str(value)
    if key in ADDRESS_KEYS or "://" in written or "@" in written:
        written = loggable_url(written)
    written = written if len(written) <= _MAX_QUOTED else written[: _MAX_QUOTED - 1] + "…"
    return f' ("{written}")' if isinstance(value, str) else f" ({written})"


def _on_one_line(fault: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in fault)


def _settings(loaded: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    weather, site, limits = loaded["weather"], loaded["site"], loaded["limits"]
    demo = parse_boolean(environment.get(DEMO, "")) is True
    return Settings(
        site=SiteSettings(**(site | {"public_url": site["public_url"].rstrip("/")})),
        # Sample data never leave this host.
        store=StoreSettings(
            _store_path(loaded["store"]["url"], environment, demo=demo),
            share_address(share) if (share := loaded["store"]["share"]) and not demo else None,
        ),
        weather=WeatherSettings(
            providers=tuple(dict.fromkeys(weather["providers"])),
            provider_settings={name: weather[name.replace("-", "_")] for name in schema.PROVIDER_TABLES},
            refresh=weather["refresh"],
            stale_after=weather["stale_after"],
            hide_after=weather["hide_after"],
            cities=_cities(weather["cities"]),
            city=tuple(weather["city"]),
        ),
        articles=ArticleSettings(**(loaded["articles"] | {"source": tuple(loaded["articles"]["source"])})),
        embed=EmbedSettings(tuple(loaded["embed"]["frame_ancestors"])),
        collector=CollectorSettings(external=loaded["collector"]["mode"] == "external"),
        edge=CacheSettings(loaded["edge"]["memory"]),
        limits=LimitSettings(limits["pictures"], tuple(limits["trusted_proxies"])),
        log=LogSettings(**loaded["log"]),
        status=StatusSettings(tuple(loaded["status"]["allow"])),
        upstream=UpstreamSettings(
            tuple(loaded["upstream"]["allow_private"]),
            loaded["upstream"]["proxy"],
            loaded["upstream"]["ca_file"],
        ),
        demo=demo,
        storm=demo and parse_boolean(environment.get(STORM, "")) is True,
    )


def _cities(cities: Sequence[str]) -> tuple[str, ...] | None:
    return None if list(cities) == ["all"] else tuple(dict.fromkeys(cities))


def _store_path(url: str, environment: Mapping[str, str], *, demo: bool) -> Path:
    """Return the configured file, or the default one; sample data has a file of its own beside it."""
    path = sqlite_path(url) if url else _default_path(environment)
    return path.with_name(_DEMO_PREFIX + path.name.removeprefix(_DEMO_PREFIX)) if demo else path


def _default_path(environment: Mapping[str, str]) -> Path:
    """Return the path in the user's data directory (XDG)."""
    data = environment.get("XDG_DATA_HOME", "")
    home = Path(data) if os.path.isabs(data) else Path("~/.local/share").expanduser()  # noqa: PTH117 - a string is asked
    return home / "portal-widgets" / "store.sqlite3"
