"""The start page: every choice an editor has, and the snippets that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from service.domain.places import Place
from service.locales.speech import Speech
from service.locales.units import Units
from service.widgets.heights import HEIGHTS, NARROWEST, PICTURE
from service.widgets.options import Layout, Options, Theme

FOUND_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Offer:
    """One value that a field may take."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One choice to make."""

    name: str
    label: str
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Snippet:
    """Something to copy."""

    label: str
    code: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that the search found."""

    name: str
    where: str
    url: str


@dataclass(frozen=True, slots=True)
class StartView:
    """What the template places."""

    title: str
    notes: tuple[str, ...]
    query: str
    found: tuple[Hit, ...]
    nothing_found: str | None
    fields: tuple[Field, ...]
    frame_url: str | None
    frame_title: str
    height: int
    size: str
    snippets: tuple[Snippet, ...]
    json_url: str
    accent: str


def present(  # noqa: PLR0913 - one argument for each thing the page is made of
    *,
    place: Place | None,
    places: Sequence[Place],
    found: Sequence[Place],
    query: str,
    options: Options,
    base_url: str,
    prefix: str,
    public: bool,
    sample: bool,
    languages: Sequence[str],
    speech: Speech,
) -> StartView:
    """The page for these choices; without a place it says that there is none of that id."""
    chosen = dict(options.given)
    written = {name: value for name, value in chosen.items() if value}
    title = speech.text("weather.in_place", place=place.name(options.language)) if place else ""
    tail = f"?{urlencode(written)}" if written else ""
    path = f"/widgets/weather/{place.id}" if place else ""
    height = HEIGHTS[options.layout]
    return StartView(
        title=speech.text("start.title"),
        notes=_notes(place, speech, public=public, sample=sample),
        query=query,
        found=tuple(_hit(hit, written, prefix, speech) for hit in found),
        nothing_found=speech.text("state.no_match", query=query) if query and not found else None,
        fields=_fields(place, places, options, languages, speech),
        frame_url=f"{prefix}{path}{tail}" if place else None,
        frame_title=title,
        height=height,
        size=speech.text("start.size", height=height, width=NARROWEST),
        snippets=_snippets(f"{base_url}{path}", tail, title, height, speech) if place else (),
        json_url=f"{prefix}/api/v1/weather/{place.id}" if place else "",
        accent=f"#{options.accent}" if options.accent else "",
    )


def _notes(place: Place | None, speech: Speech, *, public: bool, sample: bool) -> tuple[str, ...]:
    said = {
        "demo": sample,
        "start.public_url_missing": not public,
        "state.unknown_place": place is None,
    }
    return tuple(speech.text(key) for key, holds in said.items() if holds)


def _hit(place: Place, written: dict[str, str], prefix: str, speech: Speech) -> Hit:
    query = urlencode({"city": place.id, **written})
    return Hit(place.name(speech.language), ", ".join(dict.fromkeys(place.provinces)), f"{prefix}/?{query}")


def _fields(
    place: Place | None, places: Sequence[Place], options: Options, languages: Sequence[str], speech: Speech
) -> tuple[Field, ...]:
    cities = [(other.id, other.name(options.language)) for other in places]
    return (
        _field("city", speech.text("place.label_any"), cities, place.id if place else ""),
        _field("layout", speech.text("start.layout"), _named(Layout, "layout", speech), options.layout),
        _field("theme", speech.text("theme.label"), _named(Theme, "theme", speech), options.theme),
        _field(
            "lang",
            speech.text("language.label"),
            [(language, speech.text(f"language.{language}")) for language in languages],
            options.language,
        ),
        _field("units", speech.text("units.label"), _named(Units, "units", speech), options.units),
        _field(
            "select",
            speech.text("select.label"),
            [("yes", speech.text("yes")), ("no", speech.text("no"))],
            "yes" if options.select else "no",
        ),
    )


def _named(
    values: type[Layout] | type[Theme] | type[Units], kind: str, speech: Speech
) -> list[tuple[str, str]]:
    return [(value.value, speech.text(f"{kind}.{value.value}")) for value in values]


def _field(name: str, label: str, values: Sequence[tuple[str, str]], chosen: str) -> Field:
    return Field(name, label, tuple(Offer(value, text, value == chosen) for value, text in values))


def _snippets(url: str, tail: str, title: str, height: int, speech: Speech) -> tuple[Snippet, ...]:
    frame = (
        f'<iframe src="{escape(url + tail)}" title="{escape(title)}" width="100%" height="{height}" '
        f'loading="lazy" referrerpolicy="strict-origin-when-cross-origin" style="border:0"></iframe>'
    )
    size = f'width="{PICTURE[0]}" height="{PICTURE[1]}"'
    picture = f'<img src="{escape(f"{url}.svg{tail}")}" alt="{escape(title)}" {size}>'
    return (
        Snippet(speech.text("start.code_iframe"), frame),
        Snippet(speech.text("start.code_picture"), picture),
    )
