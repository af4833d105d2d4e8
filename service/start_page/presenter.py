"""The start page in words: every choice an editor has, what follows from it, and the embed check."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from service.locales.formatter import Formatter
from service.locales.language_tags import own_name
from service.locales.numbers import Units
from service.places.model import Place
from service.start_page.choices import Choices, StartQuery, Widget
from service.start_page.embed_check import Judgement, Mixing, Origin, judge, origin_of
from service.start_page.snippets import Snippet, snippets
from service.web.heights import NARROWEST
from service.web.rendering import DEFAULT_ACCENT
from service.web.widget_options import MAX_ARTICLES, Theme

_MIXING = {
    Mixing.BOTH_HTTPS: "check.both_https",
    Mixing.BOTH_HTTP: "check.both_http",
    Mixing.HTTPS_IN_HTTP: "check.https_in_http",
    Mixing.BLOCKED: "check.mixed",
}


FOUND_SHOWN = 12


@dataclass(frozen=True, slots=True)
class SiteInfo:
    """What the page says of the service itself.

    Attributes:
        base_url: what absolute addresses begin with.
        prefix: what addresses within the service begin with: the path of the base ("" at a host's root).
        public: whether others can reach the base.
        widgets: in the order in which they are offered.
        languages: tag and own name of each, the site's own language first.
        sources: id and name of each configured source of articles.
        frame_ancestors: the portals that may frame us; none: everybody.
    """

    base_url: str
    prefix: str
    public: bool
    sample: bool
    widgets: tuple[Widget, ...]
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
class Option:
    """One value that a field may take."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Select:
    """A choice of one among a few."""

    name: str
    label: str
    offers: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class FieldsView:
    """The form.

    Attributes:
        usual: the values that need not stand in an address, as a query.
        places: empty where the widget shows no weather; `sources` likewise.
        limit: as it was chosen, "" for the usual; None where the widget shows no articles.
        picked: the colour that a colour picker begins with, as `#rrggbb`.
    """

    kinds: tuple[Option, ...]
    usual: str
    places: tuple[Option, ...]
    layouts: tuple[Option, ...]
    sources: tuple[Option, ...]
    selects: tuple[Select, ...]
    limit: str | None
    most: int
    accent: str
    picked: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence, and whether what it says is well, ill or neither (None)."""

    text: str
    well: bool | None


@dataclass(frozen=True, slots=True)
class Need:
    """A rule for the portal's own policy, and what it is for."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """The answer; without needs where the address could not be read."""

    findings: tuple[Finding, ...]
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class StartView:
    """What the template places. Without a frame there is nothing to copy either."""

    language: str
    notes: tuple[str, ...]
    complaints: tuple[str, ...]
    languages: tuple[LanguageLink, ...]
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
    start: StartQuery,
    site: SiteInfo,
    *,
    places: Sequence[Place],
    found: Sequence[Place],
    formatter: Formatter,
    widgets_formatter: Formatter,
) -> StartView:
    """Return the page; `formatter` has its own language, `widgets_formatter` the one of the chosen widget."""
    choices = start.choices
    tags = [tag for tag, _ in site.languages]
    nothing = bool(start.query and not found)
    frame = _frame(choices, site, formatter, widgets_formatter) if choices.complete else None
    return StartView(
        language=start.language,
        notes=_notes(choices, site, formatter),
        complaints=start.complaints,
        languages=tuple(_language_link(*language, start, site) for language in site.languages),
        query=start.query,
        found=tuple(_place_match(place, start, site) for place in found),
        nothing_found=formatter.text("state.no_match", query=start.query) if nothing else None,
        fields=_fields(choices, places, tags, site, formatter),
        kept_city=choices.place.id if choices.place else "",
        frame=frame,
        snippets=snippets(choices, site.base_url, frame.title, formatter) if frame else (),
        more=_more(choices, site.prefix, formatter) if frame else (),
        portal_url=start.portal_url,
        check=(
            present_check(start.portal_url, site.frame_ancestors, site.base_url, formatter)
            if start.portal_url
            else None
        ),
    )


def _notes(choices: Choices, site: SiteInfo, formatter: Formatter) -> tuple[str, ...]:
    said = {
        "demo": site.sample,
        "start.public_url_missing": not site.public,
        "start.no_sources": choices.widget.shows_articles and not site.sources,
    }
    return tuple(formatter.text(key) for key, holds in said.items() if holds)


def _language_link(language: str, name: str, start: StartQuery, site: SiteInfo) -> LanguageLink:
    first = site.widgets[0].kind
    url = f"{site.prefix}/?{urlencode([*start.parameters(first), ('ui', language)], safe=',')}"
    return LanguageLink(language, name, None if language == start.language else url)


def _place_match(place: Place, start: StartQuery, site: SiteInfo) -> PlaceMatch:
    every = start.parameters(site.widgets[0].kind)
    others = [(name, value) for name, value in every if name != "city"]
    query = urlencode([("city", place.id), *others, ("ui", start.language)], safe=",")
    return PlaceMatch(
        place.name(start.language), ", ".join(dict.fromkeys(place.provinces)), f"{site.prefix}/?{query}"
    )


def _frame(choices: Choices, site: SiteInfo, formatter: Formatter, widgets_formatter: Formatter) -> Frame:
    return Frame(
        url=f"{site.prefix}{choices.address}",
        title=choices.title(widgets_formatter),
        height=choices.height,
        size=formatter.text("start.size", height=choices.height, width=NARROWEST),
    )


def _more(choices: Choices, prefix: str, formatter: Formatter) -> tuple[Link, ...]:
    """Return the addresses of the same data for programs."""
    source = {name: value for name, value in choices.look if name == "source"}
    query = f"?{urlencode(source, safe=',')}" if source else ""
    weather = f"/api/v1/weather/{choices.place.id}" if choices.place else ""
    links = [
        (choices.widget.shows_weather, "start.json", weather),
        (choices.widget.shows_articles, "start.feed", f"/feeds/articles.rss{query}"),
    ]
    return tuple(Link(formatter.text(key), f"{prefix}{path}") for wanted, key, path in links if wanted)


def _fields(
    choices: Choices, places: Sequence[Place], languages: Sequence[str], site: SiteInfo, formatter: Formatter
) -> FieldsView:
    """Return the fields of the chosen widget, each with what is chosen."""
    widget, look = choices.widget, dict(choices.look)
    defaults = {"type": site.widgets[0].kind, **widget.defaults}
    kinds = [(offered.kind, formatter.text(f"start.type_{offered.kind}")) for offered in site.widgets]
    layouts = [(layout, formatter.text(f"layout.{layout}")) for layout in widget.layouts]
    ticked = look.get("source", "").split(",")
    accent = look.get("accent", "")
    return FieldsView(
        kinds=_options(kinds, widget.kind),
        usual=urlencode(defaults),
        places=_places(choices, places, formatter),
        layouts=_options(layouts, look.get("layout", defaults.get("layout", ""))),
        sources=tuple(
            Option(source, name, source in ticked)
            for source, name in (site.sources if widget.shows_articles else ())
        ),
        selects=_selects(widget, languages, defaults | look, formatter),
        limit=look.get("limit", "") if widget.shows_articles else None,
        most=MAX_ARTICLES,
        accent=accent,
        picked=f"#{accent or DEFAULT_ACCENT}",
    )


def _places(choices: Choices, places: Sequence[Place], formatter: Formatter) -> tuple[Option, ...]:
    """With the province, where that is another name."""
    if not choices.widget.shows_weather:
        return ()
    chosen = choices.place.id if choices.place else ""
    return tuple(
        Option(place.id, _full_name(place, formatter.language), place.id == chosen) for place in places
    )


def _full_name(place: Place, language: str) -> str:
    name = place.name(language)
    where = [province for province in dict.fromkeys(place.provinces) if province != name]
    return f"{name} ({', '.join(where)})" if where else name


def _selects(
    widget: Widget, languages: Sequence[str], chosen: dict[str, str], formatter: Formatter
) -> tuple[Select, ...]:
    own_names = [(language, own_name(language)) for language in languages]
    fields = [
        ("theme", "theme.label", _named("theme", Theme, formatter)),
        ("lang", "start.widget_language", own_names),
    ]
    if widget.shows_weather:
        answers = [("yes", formatter.text("yes")), ("no", formatter.text("no"))]
        auto = [] if "select" in widget.defaults else [("", formatter.text("start.select_auto"))]
        fields += [
            ("units", "units.label", _named("units", Units, formatter)),
            ("select", "select.label", [*auto, *answers]),
        ]
    return tuple(
        Select(name, formatter.text(label), _options(values, chosen.get(name, "")))
        for name, label, values in fields
    )


def _named(kind: str, values: Iterable[StrEnum], formatter: Formatter) -> list[tuple[str, str]]:
    return [(value.value, formatter.text(f"{kind}.{value.value}")) for value in values]


def _options(values: Iterable[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(str(value), text, value == chosen) for value, text in values)


def present_check(address: str, rules: Sequence[str], base_url: str, formatter: Formatter) -> CheckView:
    """What is said of a portal's address; `base_url` is ours."""
    ours, _ = origin_of(base_url) or (Origin("https", base_url, 443), False)
    judged = judge(address, rules, ours)
    if judged is None:
        return CheckView((Finding(formatter.text("check.no_address", address=address), well=False),))
    return CheckView(
        _findings(judged, formatter),
        (
            Need(f"frame-src {ours}", formatter.text("check.frame_src")),
            Need(f"script-src {ours}", formatter.text("check.script_src")),
        ),
    )


def _findings(judged: Judgement, formatter: Formatter) -> tuple[Finding, ...]:
    origin = str(judged.portal)
    said = []
    if judged.assumed:
        said.append(Finding(formatter.text("check.assumed", origin=origin), well=None))
    admission = "check.everybody" if judged.everybody else "check.admitted"
    key = admission if judged.admitted else "check.refused"
    said.append(Finding(formatter.text(key, origin=origin), judged.admitted))
    mixing = formatter.text(_MIXING[judged.mixing])
    return (*said, Finding(mixing, well=judged.mixing is not Mixing.BLOCKED))
