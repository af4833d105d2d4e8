"""The configuration file as marshmallow schemas: one for each table, with checks and defaults.

A table is read into the dataclass of `model.py` that it becomes where it has one, else into a mapping.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields as fields_of
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from service.places.model import PLACE_ID, Place
from service.settings.fields import (
    Boolean,
    Duration,
    Integer,
    Number,
    ProviderSection,
    Section,
    Size,
    StringList,
    Text,
    base_url,
    certificates,
    charset,
    frame_ancestor,
    host_or_network,
    http_url,
    language_tag,
    names,
    network,
    network_or_unix,
    pattern,
    share_address,
    sqlite_path,
    timezone,
    upstream_url,
    url_without_user,
)
from service.settings.model import (
    ArticleSettings,
    ArticleSource,
    CacheSettings,
    LimitSettings,
    LogSettings,
    ProviderSettings,
    Selectors,
    SiteSettings,
    StatusSettings,
    WeatherSettings,
)

_SERVICE = Path(__file__).parents[1]

# Every folder of service/locales is a language.
LANGUAGES = tuple(sorted(file.parent.name for file in _SERVICE.glob("locales/*/messages.po")))
_MISSING: dict[str, Any] = {"required": "is missing"}
_SELECTORS = tuple(field.name for field in fields_of(Selectors))
_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_ID = re.compile(PLACE_ID.pattern + r"\Z")

_is_id = validate.Regexp(_ID, error="must be 1 to 64 of a-z, 0-9 and -")


def _one_of(*choices: str) -> validate.OneOf:
    return validate.OneOf(choices, error="must be one of {choices}")


class SiteSection(Section):
    public_url = Text(load_default="", validate=base_url)
    contact = Text(load_default="")
    language = Text(load_default=SiteSettings.language, validate=_one_of(*LANGUAGES))
    default_city = Text(load_default="", validate=lambda city: city and _is_id(city))


class StoreSection(Section):
    url = Text(load_default="", validate=lambda url: url and sqlite_path(url))
    share = Text(load_default="", validate=lambda url: url and share_address(url))


def _provider_tables() -> Mapping[str, type[ProviderSection]]:
    """Return the table of each provider that has a folder, in the default order of preference.

    By name, since the settings are below the providers and know none of them.
    """
    folders = [file.parent.name for file in _SERVICE.glob("weather/providers/*/settings.py")]
    tables: dict[str, type[ProviderSection]] = {
        folder.replace("_", "-"): import_module(f"service.weather.providers.{folder}.settings").Table
        for folder in folders
    }
    return dict(sorted(tables.items(), key=lambda named: (named[1].preference, named[0])))


PROVIDER_TABLES = _provider_tables()
PROVIDERS = tuple(PROVIDER_TABLES)
_DEFAULT_PROVIDERS = tuple(name for name, table in PROVIDER_TABLES.items() if not table.needs_key)


def _provider(name: str) -> None:
    if name not in PROVIDERS:
        raise ValidationError(f"no such provider; known are {', '.join(PROVIDERS)}")


class CitySection(Section):
    """A place, which is added or replaces the built-in one of that id."""

    id = Text(required=True, validate=_is_id, error_messages=_MISSING)
    name = fields.Dict(
        keys=Text(),
        values=Text(),
        required=True,
        validate=names,
        error_messages=_MISSING | {"invalid": "must be a table of names by language"},
    )
    country = Text(
        load_default="VN",
        validate=validate.Regexp(_COUNTRY, error="not a country; write for example VN"),
    )
    latitude = Number(-90, 90, required=True, error_messages=_MISSING)
    longitude = Number(-180, 180, required=True, error_messages=_MISSING)
    timezone = Text(load_default="Asia/Ho_Chi_Minh", validate=timezone)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> Place:
        given = {language: name for language, name in data["name"].items() if name}
        return Place(
            id=data["id"],
            names={"en": given["vi"], **given},
            country=data["country"],
            latitude=data["latitude"],
            longitude=data["longitude"],
            timezone=data["timezone"],
        )


class WeatherSection(Section):
    class Meta:
        include: ClassVar = {
            name.replace("-", "_"): fields.Nested(table, data_key=name)
            for name, table in PROVIDER_TABLES.items()
        }

    providers = StringList(
        Text(validate=_provider),
        load_default=lambda: list(_DEFAULT_PROVIDERS),
        validate=validate.Length(min=1, error="needs at least one provider"),
    )
    refresh = Duration(load_default=WeatherSettings.refresh)
    stale_after = Duration(load_default=WeatherSettings.stale_after)
    hide_after = Duration(load_default=WeatherSettings.hide_after)
    cities = StringList(load_default=lambda: ["all"])
    city = fields.List(
        fields.Nested(CitySection),
        load_default=list,
        error_messages={"invalid": "must be [[weather.city]] tables"},
    )

    @validates_schema(skip_on_field_errors=False)
    def _check_order(self, data: Mapping[str, Any], **_: Any) -> None:
        stale_after, hide_after = data.get("stale_after"), data.get("hide_after")
        if stale_after and hide_after and hide_after < stale_after:
            raise ValidationError("must not be shorter than weather.stale_after", "hide_after")

    @validates_schema(skip_on_field_errors=False)
    def _check_keys(self, data: Mapping[str, Any], **_: Any) -> None:
        named = {name: data.get(name.replace("-", "_")) for name in data.get("providers") or ()}
        missing = {
            name: {"api_key": ["is missing; weather.providers names this provider, which needs one"]}
            for name, table in named.items()
            if PROVIDER_TABLES[name].needs_key and not _api_key(table).strip()
        }
        if missing:
            raise ValidationError(missing)


def _api_key(table: ProviderSettings | Mapping[str, Any] | None) -> str:
    """Return the key in a provider's table, which is a mapping of the sound values where it has faults."""
    if isinstance(table, ProviderSettings):
        return table.api_key
    return str((table or {}).get("api_key", ""))


class SourceSection(Section):
    """A source. Those from `links` to `body` are CSS selectors, for kind `page`."""

    id = Text(required=True, validate=_is_id, error_messages=_MISSING)
    kind = Text(load_default=ArticleSource.kind, validate=_one_of("feed", "page", "wordpress"))
    name = Text(load_default="")
    url = Text(required=True, validate=upstream_url, error_messages=_MISSING)
    language = Text(load_default=ArticleSource.language, validate=language_tag)
    timezone = Text(load_default=ArticleSource.timezone, validate=timezone)
    charset = Text(load_default=ArticleSource.charset, validate=charset)
    date_order = Text(load_default=ArticleSource.date_order, validate=_one_of("dmy", "mdy"))
    full_text = Boolean(load_default=ArticleSource.full_text)
    include = StringList(Text(validate=pattern), load_default=list)
    excluded = StringList(  # marshmallow's schemas have an attribute `exclude`
        Text(validate=pattern), data_key="exclude", attribute="exclude", load_default=list
    )
    links = Text(load_default="")
    title = Text(load_default="")
    date = Text(load_default="")
    lead = Text(load_default="")
    author = Text(load_default="")
    image = Text(load_default="")
    body = Text(load_default="")
    site = Text(load_default=ArticleSource.site, validate=url_without_user)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> ArticleSource:
        selectors = Selectors(**{name: data[name] for name in _SELECTORS})
        others = {name: value for name, value in data.items() if name not in _SELECTORS}
        patterns = {name: tuple(dict.fromkeys(data[name])) for name in ("include", "exclude")}
        made = {**others, **patterns, "name": data["name"] or data["id"]}
        return ArticleSource(**made, selectors=selectors)


class ArticlesSection(Section):
    refresh = Duration(load_default=ArticleSettings.refresh)
    stale_after = Duration(load_default=ArticleSettings.stale_after)
    keep = Integer(1, 10_000, load_default=ArticleSettings.keep)
    source = fields.List(
        fields.Nested(SourceSection),
        load_default=list,
        error_messages={"invalid": "must be [[articles.source]] tables"},
    )

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def _check_ids(self, _data: object, original: Mapping[str, Any], **_: Any) -> None:
        written = original.get("source") if isinstance(original, dict) else None
        tables = [table for table in written if isinstance(table, dict)] if isinstance(written, list) else []
        ids = Counter(name for table in tables if isinstance(name := table.get("id"), str))
        twice = [f'two sources have the id "{name}"' for name, count in ids.items() if count > 1]
        if twice:
            raise ValidationError(twice, "source")


class EmbedSection(Section):
    frame_ancestors = StringList(Text(validate=frame_ancestor), load_default=list)


class CollectorSection(Section):
    mode = Text(load_default="auto", validate=_one_of("auto", "external"))


class EdgeSection(Section):
    memory = Size(load_default=CacheSettings.memory)


class LimitsSection(Section):
    pictures = Size(load_default=LimitSettings.pictures)
    trusted_proxies = StringList(
        Text(validate=network_or_unix), load_default=lambda: list(LimitSettings.trusted_proxies)
    )


class LogSection(Section):
    format = Text(load_default=LogSettings.format, validate=_one_of("text", "json"))
    level = Text(load_default=LogSettings.level, validate=_one_of("debug", "info", "warning", "error"))
    access = Boolean(load_default=LogSettings.access)
    addresses = Text(load_default=LogSettings.addresses, validate=_one_of("full", "cut"))


class StatusSection(Section):
    allow = StringList(Text(validate=network), load_default=lambda: list(StatusSettings.allow))


class UpstreamSection(Section):
    allow_private = StringList(Text(validate=host_or_network), load_default=list)
    proxy = Text(load_default="", validate=http_url)
    ca_file = Text(load_default="", validate=certificates)


class File(Section):
    """The whole file."""

    site = fields.Nested(SiteSection)
    store = fields.Nested(StoreSection)
    weather = fields.Nested(WeatherSection)
    articles = fields.Nested(ArticlesSection)
    embed = fields.Nested(EmbedSection)
    collector = fields.Nested(CollectorSection)
    edge = fields.Nested(EdgeSection)
    limits = fields.Nested(LimitsSection)
    log = fields.Nested(LogSection)
    status = fields.Nested(StatusSection)
    upstream = fields.Nested(UpstreamSection)
