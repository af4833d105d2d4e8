"""What a configuration file may hold. Values not written take the defaults given here."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from marshmallow import (
    RAISE,
    Schema,
    ValidationError,
    fields,
    post_load,
    pre_load,
    validate,
    validates_schema,
)

from service.domain.places import PLACE_ID, Place
from service.settings.fields import (
    Duration,
    Listed,
    Text,
    base_url,
    frame_ancestor,
    host_or_network,
    http_url,
    names,
    readable_file,
    sqlite_path,
    timezone,
)

UNKNOWN_KEY = "unknown key"
PROVIDERS = ("open-meteo", "met-norway")
OPEN_METEO_URL = "https://api.open-meteo.com/v1/forecast"
MET_NORWAY_URL = "https://api.met.no/weatherapi/locationforecast/2.0/complete"

_an_id = validate.Regexp(PLACE_ID.pattern + r"\Z", error="must be 1 to 64 of a-z, 0-9 and -")


def _number(low: float, high: float) -> fields.Float:
    limits = validate.Range(low, high, error=f"must be from {low:g} to {high:g}")
    return fields.Float(required=True, validate=limits, error_messages={"invalid": "not a number"})


class Section(Schema):
    """A table of the file: unknown keys are faults."""

    class Meta:
        unknown = RAISE

    error_messages: ClassVar[dict[str, str]] = {  # type: ignore[misc] # marshmallow declares it loosely
        "type": "must be a table",
        "unknown": UNKNOWN_KEY,
    }

    @pre_load
    def _tables_left_out(self, data: object, **_: Any) -> object:
        """A table that is not written is an empty one, so that its defaults apply."""
        if not isinstance(data, dict):
            return data
        tables = [f.data_key or name for name, f in self.fields.items() if isinstance(f, fields.Nested)]
        return {table: {} for table in tables} | data


class SiteSection(Section):
    public_url = Text(load_default="", validate=base_url)
    contact = Text(load_default="")
    language = Text(
        load_default="vi", validate=validate.OneOf(["vi", "en"], error="must be one of {choices}")
    )
    default_city = Text(load_default="", validate=lambda city: city and _an_id(city))


class StoreSection(Section):
    url = Text(load_default="", validate=lambda url: url and sqlite_path(url))


class ProviderSection(Section):
    base_url = Text(load_default="", validate=http_url)


class OpenMeteoSection(ProviderSection):
    api_key = Text(load_default="")
    daily_budget = fields.Float(
        load_default=10_000.0,
        validate=validate.Range(100, 1e9, error="must be from 100 to 1000000000"),
        error_messages={"invalid": "not a number"},
    )


class CitySection(Section):
    """One place of the configuration; it is added, or replaces the built-in one of that id."""

    id = Text(required=True, validate=_an_id)
    name = fields.Dict(keys=Text(), values=Text(), required=True, validate=names)
    country = Text(
        load_default="VN",
        validate=validate.Regexp(r"[A-Z]{2}\Z", error="not a country; write for example VN"),
    )
    latitude = _number(-90, 90)
    longitude = _number(-180, 180)
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
        Text(validate=validate.OneOf(PROVIDERS, error="no such provider; known are {choices}")),
        load_default=lambda: list(PROVIDERS),
        validate=validate.Length(min=1, error="needs at least one provider"),
    )
    refresh = Duration(load_default=timedelta(minutes=15))
    stale_after = Duration(load_default=timedelta(minutes=90))
    hide_after = Duration(load_default=timedelta(hours=6))
    cities = Listed(load_default=lambda: ["all"])
    open_meteo = fields.Nested(OpenMeteoSection, data_key="open-meteo")
    met_norway = fields.Nested(ProviderSection, data_key="met-norway")
    city = fields.List(
        fields.Nested(CitySection),
        load_default=list,
        error_messages={"invalid": "must be [[weather.city]] tables"},
    )

    @validates_schema
    def _ladder_rises(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["hide_after"] < data["stale_after"]:
            raise ValidationError("must not be shorter than weather.stale_after", "hide_after")


class EmbedSection(Section):
    frame_ancestors = Listed(Text(validate=frame_ancestor), load_default=list)


class CollectorSection(Section):
    mode = Text(
        load_default="auto", validate=validate.OneOf(["auto", "external"], error="must be one of {choices}")
    )


class UpstreamSection(Section):
    allow_private = Listed(Text(validate=host_or_network), load_default=list)
    proxy = Text(load_default="", validate=http_url)
    ca_file = Text(load_default="", validate=readable_file)


class File(Section):
    """The whole file."""

    site = fields.Nested(SiteSection)
    store = fields.Nested(StoreSection)
    weather = fields.Nested(WeatherSection)
    embed = fields.Nested(EmbedSection)
    collector = fields.Nested(CollectorSection)
    upstream = fields.Nested(UpstreamSection)
