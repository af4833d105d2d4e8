"""What a configuration file may hold. Values not written take the defaults given here."""

from pathlib import Path

from marshmallow import fields, validate

from service.settings.articles_schema import ArticlesSection
from service.settings.fields import (
    Listed,
    Size,
    Text,
    base_url,
    certificates,
    frame_ancestor,
    host_or_network,
    http_url,
    sqlite_path,
)
from service.settings.section import Section
from service.settings.weather_schema import WeatherSection, an_id

# A folder of service/locales is a language; what it holds is no business of the settings.
LANGUAGES = tuple(
    sorted(file.parent.name for file in (Path(__file__).parents[1] / "locales").glob("*/messages.po"))
)


class SiteSection(Section):
    public_url = Text(load_default="", validate=base_url)
    contact = Text(load_default="")
    language = Text(load_default="vi", validate=validate.OneOf(LANGUAGES, error="must be one of {choices}"))
    default_city = Text(load_default="", validate=lambda city: city and an_id(city))


class StoreSection(Section):
    url = Text(load_default="", validate=lambda url: url and sqlite_path(url))
    share = Text(
        load_default="",
        validate=validate.Equal("", error="several hosts that share are not available in this version"),
    )


class EmbedSection(Section):
    frame_ancestors = Listed(Text(validate=frame_ancestor), load_default=list)


class CollectorSection(Section):
    mode = Text(
        load_default="auto", validate=validate.OneOf(["auto", "external"], error="must be one of {choices}")
    )


class EdgeSection(Section):
    memory = Size(load_default=32 * 1024**2)


class LimitsSection(Section):
    pictures = Size(load_default=200 * 1024**2)


class UpstreamSection(Section):
    allow_private = Listed(Text(validate=host_or_network), load_default=list)
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
    upstream = fields.Nested(UpstreamSection)
