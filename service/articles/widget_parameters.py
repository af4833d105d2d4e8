"""What may be asked of the pages that show articles; `parameters.parsed` reads it."""

from collections.abc import Collection, Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, fields

from service.articles.parameters import _Sources
from service.locales.units import Units
from service.web.options import MOST_ARTICLES, USUAL_ARTICLES, ArticleLayout, ArticleOptions, Layout, Theme
from service.web.parameters import _Accent, _OneOf, _Whole, parsed

GIVEN = ("lang", "theme", "layout", "accent", "source", "limit")


def articles_query(languages: tuple[str, ...], sources: Collection[str]) -> Schema:
    """The parameters of the article widget; the first language is the site's own."""
    layout = {"layout": _OneOf(tuple(ArticleLayout), ArticleLayout.LIST)}
    return _schema(_look(languages) | layout | _choice(sources))


def portal_query(languages: tuple[str, ...], sources: Collection[str]) -> Schema:
    """The parameters of weather and headlines in one frame."""
    return _schema(_look(languages) | _weather() | _choice(sources))


def article_query(languages: tuple[str, ...]) -> Schema:
    """The parameters of the page of one article, with the weather beside it."""
    return _schema(_look(languages) | _weather())


def article_options(schema: Schema, given: Mapping[str, str]) -> ArticleOptions:
    """How articles are to look; beside the weather they are headlines (ParameterError: see `parsed`)."""
    query = parsed(schema, given)
    beside_weather = "units" in query
    layout = ArticleLayout.HEADLINES if beside_weather else ArticleLayout(query["layout"])
    return ArticleOptions(
        language=query["lang"],
        theme=Theme(query["theme"]),
        layout=layout,
        accent=query["accent"],
        sources=tuple(query.get("source", ())),
        limit=query.get("limit") or USUAL_ARTICLES[layout],
        given=tuple((name, given[name]) for name in GIVEN if given.get(name)),
    )


def _schema(parameters: dict[str, fields.Field[Any]]) -> Schema:
    return Schema.from_dict(parameters)(unknown=EXCLUDE)


def _look(languages: tuple[str, ...]) -> dict[str, fields.Field[Any]]:
    return {
        "lang": _OneOf(languages, languages[0]),
        "theme": _OneOf(tuple(Theme), Theme.AUTO),
        "accent": _Accent(),
    }


def _weather() -> dict[str, fields.Field[Any]]:
    """Those of the weather in its compact form, which is the only one that stands with articles."""
    return {
        "units": _OneOf(tuple(Units), Units.METRIC),
        "layout": fields.Constant(Layout.COMPACT),
        "select": _OneOf(("yes", "no"), None),
    }


def _choice(sources: Collection[str]) -> dict[str, fields.Field[Any]]:
    """Which articles, and how many. Where no source is configured, none can be wrong."""
    return {
        "source": _Sources(sources) if sources else fields.Constant([]),
        "limit": _Whole(1, MOST_ARTICLES, None),
    }
