"""The table `[articles]`: where news come from."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields as fields_of
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from service.settings.fields import (
    Duration,
    Text,
    Whole,
    YesNo,
    charset,
    language_tag,
    site_url,
    timezone,
    upstream_url,
)
from service.settings.model import ArticleSource, Selectors
from service.settings.section import MISSING, Section
from service.settings.weather_schema import an_id

_SELECTORS = tuple(one.name for one in fields_of(Selectors))


def _one_of(*choices: str) -> validate.OneOf:
    return validate.OneOf(choices, error="must be one of {choices}")


class SourceSection(Section):
    """One source. The seven from `links` to `body` are CSS selectors, for pages."""

    id = Text(required=True, validate=an_id, error_messages=MISSING)
    kind = Text(load_default=ArticleSource.kind, validate=_one_of("feed", "page", "wordpress"))
    name = Text(load_default="")
    url = Text(required=True, validate=upstream_url, error_messages=MISSING)
    language = Text(load_default=ArticleSource.language, validate=language_tag)
    timezone = Text(load_default=ArticleSource.timezone, validate=timezone)
    charset = Text(load_default=ArticleSource.charset, validate=charset)
    date_order = Text(load_default=ArticleSource.date_order, validate=_one_of("dmy", "mdy"))
    full_text = YesNo(load_default=ArticleSource.full_text)
    links = Text(load_default="")
    title = Text(load_default="")
    date = Text(load_default="")
    lead = Text(load_default="")
    author = Text(load_default="")
    image = Text(load_default="")
    body = Text(load_default="")
    site = Text(load_default=ArticleSource.site, validate=site_url)

    @post_load
    def _source(self, data: Mapping[str, Any], **_: Any) -> ArticleSource:
        selectors = Selectors(**{name: data[name] for name in _SELECTORS})
        others = {name: value for name, value in data.items() if name not in _SELECTORS}
        return ArticleSource(**{**others, "name": data["name"] or data["id"]}, selectors=selectors)


class ArticlesSection(Section):
    refresh = Duration(load_default=timedelta(minutes=15))
    stale_after = Duration(load_default=timedelta(hours=3))
    keep = Whole(1, 10_000, load_default=200)
    source = fields.List(
        fields.Nested(SourceSection),
        load_default=list,
        error_messages={"invalid": "must be [[articles.source]] tables"},
    )

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def _ids_differ(self, _data: object, original: Mapping[str, Any], **_: Any) -> None:
        written = original.get("source") if isinstance(original, dict) else None
        tables = [table for table in written if isinstance(table, dict)] if isinstance(written, list) else []
        ids = Counter(name for table in tables if isinstance(name := table.get("id"), str))
        twice = [f'two sources have the id "{name}"' for name, count in ids.items() if count > 1]
        if twice:
            raise ValidationError(twice, "source")
