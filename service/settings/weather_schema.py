"""The table `[weather]`: providers, goals, places."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from service.places.model import PLACE_ID, Place
from service.settings.fields import Duration, Listed, Number, Text, http_url, names, timezone
from service.settings.model import MET_NORWAY_URL, OPEN_METEO_DAILY_BUDGET, OPEN_METEO_URL, ProviderSettings
from service.settings.section import MISSING, Section

_ID = re.compile(PLACE_ID.pattern + r"\Z")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")

an_id = validate.Regexp(_ID, error="must be 1 to 64 of a-z, 0-9 and -")


class ProviderSection(Section):
    """The table of a weather provider. An empty `base_url` stands for the provider's own endpoint."""

    default_url: ClassVar[str] = ""

    base_url = Text(load_default="", validate=http_url)

    @post_load
    def _settings(self, data: Mapping[str, Any], **_: Any) -> ProviderSettings:
        return ProviderSettings(**{**data, "base_url": data["base_url"] or self.default_url})


class OpenMeteoSection(ProviderSection):
    default_url = OPEN_METEO_URL

    api_key = Text(load_default="")
    daily_budget = Number(100, 1e9, load_default=OPEN_METEO_DAILY_BUDGET)


class MetNorwaySection(ProviderSection):
    default_url = MET_NORWAY_URL


class OpenWeatherSection(ProviderSection):
    api_key = Text(load_default="")


# The table of each provider by its id, in the default order of preference.
PROVIDER_TABLES: Mapping[str, type[ProviderSection]] = {
    "open-meteo": OpenMeteoSection,
    "met-norway": MetNorwaySection,
    "openweather": OpenWeatherSection,
}
_NOT_AVAILABLE = {"openweather"}  # its table is read already, so that one file serves several versions
PROVIDERS = tuple(name for name in PROVIDER_TABLES if name not in _NOT_AVAILABLE)


def _provider(name: str) -> None:
    if name not in PROVIDERS:
        what = "not available in this version" if name in _NOT_AVAILABLE else "no such provider"
        raise ValidationError(f"{what}; known are {', '.join(PROVIDERS)}")


class CitySection(Section):
    """One place of the configuration; it is added, or replaces the built-in one of that id."""

    id = Text(required=True, validate=an_id, error_messages=MISSING)
    name = fields.Dict(
        keys=Text(),
        values=Text(),
        required=True,
        validate=names,
        error_messages=MISSING | {"invalid": "must be a table of names by language"},
    )
    country = Text(
        load_default="VN",
        validate=validate.Regexp(_COUNTRY, error="not a country; write for example VN"),
    )
    latitude = Number(-90, 90, required=True, error_messages=MISSING)
    longitude = Number(-180, 180, required=True, error_messages=MISSING)
    timezone = Text(load_default="Asia/Ho_Chi_Minh", validate=timezone)

    @post_load
    def _place(self, data: Mapping[str, Any], **_: Any) -> Place:
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

    providers = Listed(
        Text(validate=_provider),
        load_default=lambda: list(PROVIDERS),
        validate=validate.Length(min=1, error="needs at least one provider"),
    )
    refresh = Duration(load_default=timedelta(minutes=15))
    stale_after = Duration(load_default=timedelta(minutes=90))
    hide_after = Duration(load_default=timedelta(hours=6))
    cities = Listed(load_default=lambda: ["all"])
    city = fields.List(
        fields.Nested(CitySection),
        load_default=list,
        error_messages={"invalid": "must be [[weather.city]] tables"},
    )

    @validates_schema(skip_on_field_errors=False)
    def _ladder_rises(self, data: Mapping[str, Any], **_: Any) -> None:
        stale_after, hide_after = data.get("stale_after"), data.get("hide_after")
        if stale_after and hide_after and hide_after < stale_after:
            raise ValidationError("must not be shorter than weather.stale_after", "hide_after")
