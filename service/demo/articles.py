"""The sample articles, and which of them are out at a given time.

What they say stands in articles.toml; people, places and plans are invented. Every article comes out at a
fixed time after the demo began and again every fifteen days, so that a portal that is looked at never falls
silent: what is older is not there any more.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from typing import Any

VIETNAM = timezone(timedelta(hours=7))

_ROUND = timedelta(days=15)
_QUARTER = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=VIETNAM)


@dataclass(frozen=True, slots=True)
class Outlet:
    """Who publishes: `folder` is the path of the front page, and of the articles' pages below it."""

    id: str
    name: str
    folder: str


CITY = Outlet("cong", "Cổng thông tin mẫu", "/demo/cong/")
NEWSPAPER = Outlet("bao", "Báo mẫu", "/demo/bao/")
WARD = Outlet("phuong", "UBND phường mẫu", "/demo/portal/")
OUTLETS = (CITY, NEWSPAPER, WARD)

PICTURES = "/demo/pictures/"


@dataclass(frozen=True, slots=True)
class Story:
    """What an article says, as plain text.

    Attributes:
        outlets: ids; the first has the article's page, the others point to it.
        age: how long before the demo began it came out.
        picture: the light, and what is drawn in it; empty without a picture.
        rows: a table below the text, its first row the headings.
    """

    slug: str
    outlets: tuple[str, ...]
    age: timedelta
    title: str
    lead: str
    paragraphs: tuple[str, ...]
    author: str
    organisation: str
    language: str
    caption: str
    picture: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def byline(self) -> str:
        """As portals sign: the person, a hyphen, the office; either may be missing."""
        return " - ".join(filter(None, (self.author, self.organisation)))

    @property
    def home(self) -> Outlet:
        """Who has the article's page."""
        return next(outlet for outlet in OUTLETS if outlet.id == self.outlets[0])


@dataclass(frozen=True, slots=True)
class Issue:
    """A story that has come out; `at` is in Vietnam's zone, on a quarter of an hour and a bit."""

    story: Story
    at: datetime

    @property
    def name(self) -> str:
        """What is the same wherever this issue is told of, and new when the story comes out again."""
        return f"{self.story.slug}-{self.at:%Y%m%d}"

    @property
    def path(self) -> str:
        """Of the article's page."""
        return f"{self.story.home.folder}{self.name}.html"

    @property
    def picture_path(self) -> str | None:
        """Of its picture; None without one."""
        return picture_path(self.story) if self.story.picture else None


def picture_path(story: Story) -> str:
    """The same for every issue."""
    return f"{PICTURES}{story.slug}.png"


@cache
def stories() -> tuple[Story, ...]:
    """All that was written, in the file's order."""
    text = files("service.demo").joinpath("articles.toml").read_text(encoding="utf-8")
    return tuple(map(_story, tomllib.loads(text)["article"]))


def issues(outlet: Outlet, began: datetime, now: datetime) -> tuple[Issue, ...]:
    """What an outlet has out `now`, newest first: never empty, nothing from the future.

    `began` is when the demo did; both are aware.
    """
    mine = (story for story in stories() if outlet.id in story.outlets)
    out = (Issue(story, _came_out(story, began, now)) for story in mine)
    return tuple(sorted(out, key=lambda issue: issue.at, reverse=True))


def found(path: str, known: Sequence[Issue]) -> Issue | None:
    """The issue whose page has this path."""
    return next((issue for issue in known if issue.path == path), None)


def _came_out(story: Story, began: datetime, now: datetime) -> datetime:
    """On quarters of an hour the demo's beginning, so that one that starts again says nearly the same."""
    first = began - (began - _EPOCH) % _QUARTER - story.age
    return (first + (now - first) // _ROUND * _ROUND).astimezone(VIETNAM)


def _story(written: dict[str, Any]) -> Story:
    return Story(
        slug=written["slug"],
        outlets=tuple(written["outlets"]),
        age=timedelta(minutes=round(written["age"] * 60)),
        title=written["title"],
        lead=written["lead"],
        paragraphs=tuple(written["paragraphs"]),
        author=written["author"],
        organisation=written["organisation"],
        language=written.get("language", "vi"),
        caption=written["caption"],
        picture=tuple(written.get("picture", ())),
        rows=tuple(map(tuple, written.get("rows", ()))),
    )
