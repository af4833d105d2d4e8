"""The start page: every choice an editor has, and what follows from the choices made."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from service.locales.formatter import Formatter
from service.places.model import Place
from service.start_page.choices import Asked, Choices
from service.start_page.fields import FieldsView, present_fields
from service.start_page.snippets import Snippet, snippets
from service.start_page.start_check import CheckView, present_check
from service.web.heights import NARROWEST

FOUND_SHOWN = 12


@dataclass(frozen=True, slots=True)
class SiteInfo:
    """What the page says of the service itself.

    Attributes:
        base_url: what absolute addresses begin with.
        prefix: what addresses within the service begin with: the path of the base ("" at a host's root).
        public: whether others can reach the base.
        languages: tag and own name of each, the site's own language first.
        sources: id and name of each configured source of articles.
        frame_ancestors: the portals that may frame us; none: everybody.
    """

    base_url: str
    prefix: str
    public: bool
    sample: bool
    languages: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]
    frame_ancestors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """An address within the service, and what it is called."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """This page in one language; without an address where it is the one that is read."""

    language: str
    name: str
    url: str | None


@dataclass(frozen=True, slots=True)
class PlaceMatch:
    """A place that the search without script found."""

    name: str
    where: str
    url: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The live widget, at its documented height."""

    url: str
    title: str
    height: int
    size: str


@dataclass(frozen=True, slots=True)
class StartView:
    """What the template places. Without a frame there is nothing to copy either."""

    language: str
    notes: tuple[str, ...]
    complaints: tuple[str, ...]
    tongues: tuple[LanguageLink, ...]
    query: str
    found: tuple[PlaceMatch, ...]
    nothing_found: str | None
    fields: FieldsView
    kept_city: str
    frame: Frame | None
    snippets: tuple[Snippet, ...]
    more: tuple[Link, ...]
    portal_url: str
    check: CheckView | None


def present(  # noqa: PLR0913 - one argument for each thing the page is made of
    asked: Asked,
    premises: SiteInfo,
    *,
    places: Sequence[Place],
    found: Sequence[Place],
    formatter: Formatter,
    widgets_speech: Formatter,
) -> StartView:
    """The page; `speech` is its own language, `widgets_speech` the one that the widget was chosen in."""
    choices = asked.choices
    tags = [tag for tag, _ in premises.languages]
    nothing = bool(asked.query and not found)
    frame = _frame(choices, premises, formatter, widgets_speech) if choices.complete else None
    return StartView(
        language=asked.language,
        notes=_notes(choices, premises, formatter),
        complaints=asked.complaints,
        tongues=tuple(_tongue(*language, asked, premises.prefix) for language in premises.languages),
        query=asked.query,
        found=tuple(_hit(place, asked, premises.prefix) for place in found),
        nothing_found=formatter.text("state.no_match", query=asked.query) if nothing else None,
        fields=present_fields(choices, places, tags, premises.sources, formatter),
        kept_city=choices.place.id if choices.place else "",
        frame=frame,
        snippets=snippets(choices, premises.base_url, frame.title, formatter) if frame else (),
        more=_more(choices, premises.prefix, formatter) if frame else (),
        portal_url=asked.portal_url,
        check=(
            present_check(asked.portal_url, premises.frame_ancestors, premises.base_url, formatter)
            if asked.portal_url
            else None
        ),
    )


def _notes(choices: Choices, premises: SiteInfo, formatter: Formatter) -> tuple[str, ...]:
    said = {
        "demo": premises.sample,
        "start.public_url_missing": not premises.public,
        "start.no_sources": choices.shows_articles and not premises.sources,
    }
    return tuple(formatter.text(key) for key, holds in said.items() if holds)


def _tongue(language: str, name: str, asked: Asked, prefix: str) -> LanguageLink:
    url = f"{prefix}/?{urlencode([*asked.parameters(), ('ui', language)], safe=',')}"
    return LanguageLink(language, name, None if language == asked.language else url)


def _hit(place: Place, asked: Asked, prefix: str) -> PlaceMatch:
    others = [(name, value) for name, value in asked.parameters() if name != "city"]
    query = urlencode([("city", place.id), *others, ("ui", asked.language)], safe=",")
    return PlaceMatch(
        place.name(asked.language), ", ".join(dict.fromkeys(place.provinces)), f"{prefix}/?{query}"
    )


def _frame(choices: Choices, premises: SiteInfo, formatter: Formatter, widgets_speech: Formatter) -> Frame:
    return Frame(
        url=f"{premises.prefix}{choices.address}",
        title=choices.title(widgets_speech),
        height=choices.height,
        size=formatter.text("start.size", height=choices.height, width=NARROWEST),
    )


def _more(choices: Choices, prefix: str, formatter: Formatter) -> tuple[Link, ...]:
    """The same data for programs."""
    source = {name: value for name, value in choices.look if name == "source"}
    query = f"?{urlencode(source, safe=',')}" if source else ""
    weather = f"/api/v1/weather/{choices.place.id}" if choices.place else ""
    links = [
        (choices.shows_weather, "start.json", weather),
        (choices.shows_articles, "start.feed", f"/feeds/articles.rss{query}"),
    ]
    return tuple(Link(formatter.text(key), f"{prefix}{path}") for wanted, key, path in links if wanted)
