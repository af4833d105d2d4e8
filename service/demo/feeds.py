"""The sample articles: an RSS feed, an Atom feed with Media RSS, and a portal without any feed.

What they say stands in articles.toml; people, places and plans are invented. Every article comes out at a
fixed time after the demo began and again every fifteen days, so that a portal that is looked at never falls
silent: what is older is not there any more.
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

from service.demo.conditional import Answer, http_date, is_known
from service.demo.weather import floor

_PICTURES = "/demo/pictures/"
_VIETNAM = timezone(timedelta(hours=7))
_ROUND = timedelta(days=15)
_QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Outlet:
    """Who publishes, as articles.toml has it."""

    id: str
    name: str
    folder: str
    source: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """What an article says, as articles.toml has it."""

    slug: str
    outlets: Sequence[str]
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
        """As portals sign: the person, a hyphen, the office; either may be missing."""
        return " - ".join(filter(None, (self.author, self.organisation)))


@dataclass(frozen=True, slots=True)
class Issue:
    """A story that has come out, `at` a time in Vietnam's zone."""

    story: Story
    at: datetime

    @property
    def name(self) -> str:
        """What is the same wherever this issue is told of, and new when the story comes out again."""
        return f"{self.story.slug}-{self.at:%Y%m%d}"

    @property
    def path(self) -> str:
        """Of the article's page."""
        home = next(outlet for outlet in outlets() if outlet.id == self.story.outlets[0])
        return f"{home.folder}{self.name}.html"


@cache
def outlets() -> list[Outlet]:
    """Who publishes, in the file's order."""
    return [Outlet(**written) for written in _written()["outlet"]]


@cache
def stories() -> list[Story]:
    """All that was written, in the file's order."""
    return [Story(**written) for written in _written()["article"]]


def issues(outlet: Outlet, began: datetime, now: datetime) -> list[Issue]:
    """What an outlet has out `now`, newest first: never empty, nothing from the future.

    `began` is when the demo did; one that begins again in the same quarter of an hour says the same.
    """
    out = []
    for story in stories():
        if outlet.id in story.outlets:
            first = floor(began, _QUARTER) - timedelta(minutes=round(60 * story.age))
            out.append(Issue(story, (first + (now - first) // _ROUND * _ROUND).astimezone(_VIETNAM)))
    return sorted(out, key=lambda issue: issue.at, reverse=True)


def source_tables(url: str) -> tuple[dict[str, Any], ...]:
    """Return an `[[articles.source]]` table for each outlet; `url` is the server's own."""
    return tuple(
        {"id": f"{one.id}-mau", "name": one.name, **one.source, "url": url + one.source["url"]}
        for one in outlets()
    )


def answer(path: str, headers: Mapping[str, str], url: str, began: datetime, now: datetime) -> Answer | None:
    """What is at this path: a feed, a page of an outlet or a picture; None at any other.

    The names of the request's headers are lower case; `url` is the server's own, without a slash at the end.
    """
    for outlet in outlets():
        out = issues(outlet, began, now)
        if path.startswith(outlet.folder):
            return page(path, outlet, out)
        if path == outlet.source["url"]:
            form = path.rpartition("/")[2]
            feed = _drawn(form, outlet=outlet, issues=out, url=url, path=path)
            return _conditional(feed, f"application/{form.replace('.', '+')}", out[0].at, headers)
    return _picture(path.removeprefix(_PICTURES)) if path.startswith(_PICTURES) else None


def page(path: str, outlet: Outlet, out: Sequence[Issue]) -> Answer:
    """The front page for the outlet's own path, an article's for one below it, else 404 and a page."""
    issue = next((one for one in out if one.path == path and path.startswith(outlet.folder)), None)
    body = _drawn("portal.html", path=path, outlet=outlet, issues=out, issue=issue)
    status = HTTPStatus.OK if issue or path == outlet.folder else HTTPStatus.NOT_FOUND
    return status, {"Content-Type": "text/html; charset=utf-8"}, body


def _conditional(body: bytes, kind: str, changed: datetime, headers: Mapping[str, str]) -> Answer:
    """The feed with a tag and a date, or 304."""
    tag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
    about = {"ETag": tag, "Last-Modified": http_date(changed)}
    if is_known(headers, changed, tag):
        return HTTPStatus.NOT_MODIFIED, about, b""
    return HTTPStatus.OK, {"Content-Type": f"{kind}; charset=utf-8", **about}, body


def _picture(name: str) -> Answer | None:
    if name not in {story.picture for story in stories() if story.picture}:
        return None
    file = files("service.demo").joinpath(f"samples/pictures/{name}")
    return HTTPStatus.OK, {"Content-Type": "image/webp"}, file.read_bytes()


def _drawn(template: str, **values: object) -> bytes:
    return _templates().get_template(template).render(pictures=_PICTURES, **values).encode()


@cache
def _templates() -> Environment:
    loader = PackageLoader("service.demo", "samples")
    templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    templates.trim_blocks = templates.lstrip_blocks = True
    templates.filters["rfc5322"] = format_datetime
    return templates


@cache
def _written() -> dict[str, Any]:
    return tomllib.loads(files("service.demo").joinpath("articles.toml").read_text(encoding="utf-8"))
