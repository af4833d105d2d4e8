"""The table `[weather]`: providers, goals, places."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from service.places.model import PLACE_ID, Place
from service.settings.fields import Duration, Listed, Number, Text, http_url, names, timezone
from service.settings.section import MISSING, Section

PROVIDERS = ("open-meteo", "met-norway")
OPEN_METEO_URL = "https://api.open-meteo.com/v1/forecast"
MET_NORWAY_URL = "https://api.met.no/weatherapi/locationforecast/2.0/complete"

_TO_COME = ("openweather",)  # its table is read already, so that one file serves several versions

_ID = re.compile(PLACE_ID.pattern + r"\Z")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")

an_id = validate.Regexp(_ID, error="must be 1 to 64 of a-z, 0-9 and -")


def _provider(name: str) -> None:
    if name not in PROVIDERS:
        what = "not available in this version" if name in _TO_COME else "no such provider"
        raise ValidationError(f"{what}; known are {', '.join(PROVIDERS)}")


class ProviderSection(Section):
    base_url = Text(load_default="", validate=http_url)


class OpenWeatherSection(ProviderSection):
    api_key = Text(load_default="")


class OpenMeteoSection(ProviderSection):
    api_key = Text(load_default="")
    daily_budget = Number(100, 1e9, load_default=10_000.0)


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
    providers = Listed(
        Text(validate=_provider),
        load_default=lambda: list(PROVIDERS),
        validate=validate.Length(min=1, error="needs at least one provider"),
    )
    refresh = Duration(load_default=timedelta(minutes=15))
    stale_after = Duration(load_default=timedelta(minutes=90))
    hide_after = Duration(load_default=timedelta(hours=6))
    cities = Listed(load_default=lambda: ["all"])
    open_meteo = fields.Nested(OpenMeteoSection, data_key="open-meteo")
    met_norway = fields.Nested(ProviderSection, data_key="met-norway")
    openweather = fields.Nested(OpenWeatherSection)
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
