"""The sample articles: an RSS feed, an Atom feed with Media RSS, and a portal without any feed.

Their texts are in articles.toml; people, places and plans are invented. Every article is published at a
fixed time after the start of the demo and again every fifteen days, so that a portal never falls silent; its
earlier publication is then gone.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from functools import cache
from hashlib import blake2b
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from service.demo.conditional import DemoResponse, http_date, is_not_modified
from service.demo.sample_weather import floor

_PICTURES = "/demo/pictures/"
_VIETNAM = timezone(timedelta(hours=7))
_PERIOD = timedelta(days=15)
_QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Source:
    """A `[[source]]` of articles.toml: who publishes."""

    id: str
    name: str
    folder: str
    table: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Article:
    """An `[[article]]` of articles.toml."""

    slug: str
    sources: Sequence[str]
    section: str
    age: float
    title: str
    lead: str
    paragraphs: Sequence[str]
    author: str
    organisation: str
    caption: str
    language: str = "vi"
    picture: str = ""
    rows: Sequence[Sequence[str]] = ()

    @property
    def byline(self) -> str:
        """The signature as portals write it: the person, a hyphen, the office; either may be missing."""
        return " - ".join(filter(None, (self.author, self.organisation)))


@dataclass(frozen=True, slots=True)
class Publication:
    """An article that was published `at` a time in Vietnam's zone."""

    article: Article
    at: datetime

    @property
    def name(self) -> str:
        """Identifies the publication in all sources; another time is another publication."""
        return f"{self.article.slug}-{self.at:%Y%m%d}"

    @property
    def path(self) -> str:
        """The path of the article's page, which is at its first source."""
        home = next(source for source in sources() if source.id == self.article.sources[0])
        return f"{home.folder}{self.name}.html"


@cache
def sources() -> list[Source]:
    return [Source(**table) for table in _read_toml()["source"]]


@cache
def articles() -> list[Article]:
    return [Article(**table) for table in _read_toml()["article"]]


def publications(source: Source, started: datetime, now: datetime) -> list[Publication]:
    """Return what a source has published by `now`, newest first: never empty, nothing from the future.

    A demo that is `started` again in the same quarter of an hour has the same publications.
    """
    published = []
    for article in articles():
        if source.id in article.sources:
            first = floor(started, _QUARTER) - timedelta(minutes=round(60 * article.age))
            at = (first + (now - first) // _PERIOD * _PERIOD).astimezone(_VIETNAM)
            published.append(Publication(article, at))
    return sorted(published, key=lambda publication: publication.at, reverse=True)


def source_tables(url: str) -> tuple[dict[str, Any], ...]:
    """Return an `[[articles.source]]` table for each source; `url` is the server's own."""
    return tuple(
        {"id": f"{source.id}-mau", "name": source.name, **source.table, "url": url + source.table["url"]}
        for source in sources()
    )


def response(
    path: str, headers: Mapping[str, str], url: str, started: datetime, now: datetime
) -> DemoResponse | None:
    """Return a feed, a page of a source or a picture; None for any other path.

    Names of request headers are lower case; `url` is the server's own, without a slash at the end.
    """
    for source in sources():
        published = publications(source, started, now)
        if path.startswith(source.folder):
            return page(path, source, published)
        if path == source.table["url"]:
            template = path.rpartition("/")[2]
            feed = _render(template, source=source, publications=published, url=url, path=path)
            media_type = f"application/{template.replace('.', '+')}; charset=utf-8"
            return _feed_response(feed, media_type, published[0].at, headers)
    return _picture(path.removeprefix(_PICTURES)) if path.startswith(_PICTURES) else None


def page(path: str, source: Source, published: Sequence[Publication]) -> DemoResponse:
    """Return a source's front page at its own path, an article's page below it, else a 404 with a page."""
    found = next((one for one in published if one.path == path and path.startswith(source.folder)), None)
    body = _render("portal.html", path=path, source=source, publications=published, publication=found)
    status = HTTPStatus.OK if found or path == source.folder else HTTPStatus.NOT_FOUND
    return status, {"Content-Type": "text/html; charset=utf-8"}, body


def _feed_response(body: bytes, kind: str, changed: datetime, headers: Mapping[str, str]) -> DemoResponse:
    tag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
    validators = {"ETag": tag, "Last-Modified": http_date(changed)}
    if is_not_modified(headers, changed, tag):
        return HTTPStatus.NOT_MODIFIED, validators, b""
    return HTTPStatus.OK, {"Content-Type": kind, **validators}, body


def _picture(name: str) -> DemoResponse | None:
    if name not in {article.picture for article in articles() if article.picture}:
        return None
    file = files("service.demo").joinpath(f"samples/pictures/{name}")
    return HTTPStatus.OK, {"Content-Type": "image/webp"}, file.read_bytes()


def _render(template: str, **values: object) -> bytes:
    return _templates().get_template(template).render(pictures=_PICTURES, **values).encode()


@cache
def _templates() -> Environment:
    loader = PackageLoader("service.demo", "samples")
    templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    templates.trim_blocks = templates.lstrip_blocks = True
    templates.filters["rfc5322"] = format_datetime
    return templates


@cache
def _read_toml() -> dict[str, Any]:
    return tomllib.loads(files("service.demo").joinpath("articles.toml").read_text(encoding="utf-8"))
