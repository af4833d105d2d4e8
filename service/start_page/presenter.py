"""The content of the start page: the form with its options, the preview, the code and the embed check."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlencode, urlsplit

from service.locales.catalog import own_name
from service.locales.formatter import Formatter
from service.locales.numbers import Units
from service.places.model import Place
from service.start_page.choices import Choices, StartQuery, Widget
from service.start_page.embed_check import EmbedCheck, MixedContent, Origin, check_embedding, origin_of
from service.start_page.snippets import Snippets, snippets
from service.web.heights import MUCH, USUAL_NARROWEST, USUAL_WIDEST
from service.web.parameters import MAX_HEADING
from service.web.rendering import DEFAULT_ACCENT
from service.web.widget_options import MAX_ARTICLES, Theme

MAX_MATCHES = 12  # places that a search without script lists
SYSTEMS = ("WordPress", "NukeViet", "Joomla", "Liferay")  # the catalogs have steps for each

_TEXT_FIELDS = (  # name, label, the parameter of the widget, and the most characters
    ("title", "start.heading", "title", MAX_HEADING),
    ("words", "start.words", "q", 100),
    ("category", "start.category", "category", 100),
)

_MIXED_CONTENT_KEYS = {
    MixedContent.BOTH_HTTPS: "check.both_https",
    MixedContent.BOTH_HTTP: "check.both_http",
    MixedContent.HTTPS_IN_HTTP: "check.https_in_http",
    MixedContent.BLOCKED: "check.mixed",
}


@dataclass(frozen=True, slots=True)
class SiteInfo:
    """The facts about the service that the page needs.

    Attributes:
        base_url: the beginning of absolute URLs.
        prefix: the path of `base_url`, with which links within the service begin ("" at a host's root).
        public: whether a public URL is configured, so that other sites can use `base_url`.
        widgets: in the order of the form.
        languages: tag and own name of each, the site's own language first.
        sources: id and name of each configured source of articles.
        provinces: the names of those that have places.
        frame_ancestors: the portals that may frame us; empty: all.
    """

    base_url: str
    prefix: str
    public: bool
    sample: bool
    widgets: tuple[Widget, ...]
    languages: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]
    provinces: Sequence[str]
    frame_ancestors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A link within the service."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """The link to this page in one language; `url` is None for the current language."""

    language: str
    name: str
    url: str | None


@dataclass(frozen=True, slots=True)
class PlaceMatch:
    """A result of the search without script; `provinces` is a list with commas."""

    name: str
    provinces: str
    url: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The widget in one width; both sizes are in CSS pixels."""

    label: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Frame:
    """The previews of the widget.

    Attributes:
        previews: in the narrowest and in the widest place.
        size: a sentence about the height to reserve.
    """

    url: str
    title: str
    previews: tuple[Preview, ...]
    size: str


@dataclass(frozen=True, slots=True)
class Steps:
    """How to embed the widget in one system, step by step, and what its administrator can do."""

    system: str
    steps: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values that a field offers."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Select:
    """A `<select>` element with its label."""

    name: str
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class FieldsView:
    """The form.

    Attributes:
        defaults: the values that URLs leave out, as a query.
        places: empty if the widget shows no weather.
        sources: empty if the widget shows no articles.
        texts: name, label, value and most characters of the fields for any text, empty if the widget shows
            no articles.
        widths: name, label and value of the fields for the narrowest and the widest place.
        limit: the chosen value, "" for the default; None if the widget shows no articles.
        max_limit: the largest value of `limit`.
        limit_hint: the values of `limit`, and the default.
        variant: differs wherever the form has other fields.
        picker_colour: the initial colour of the colour picker, as `#rrggbb`.
    """

    kinds: tuple[Option, ...]
    defaults: str
    places: tuple[Option, ...]
    layouts: tuple[Option, ...]
    sources: tuple[Option, ...]
    selects: tuple[Select, ...]
    texts: tuple[tuple[str, str, str, int], ...]
    widths: tuple[tuple[str, str, int], ...]
    limit: str | None
    max_limit: int
    limit_hint: str
    variant: str
    accent: str
    picker_colour: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence of the embed check; `passed` is None for a remark."""

    text: str
    passed: bool | None


@dataclass(frozen=True, slots=True)
class RequiredRule:
    """A rule that the portal's own Content-Security-Policy needs, and the reason."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """The result of the embed check; `remarks` and the required rules are for administrators.

    Without these if the URL was invalid.
    """

    findings: tuple[Finding, ...]
    remarks: tuple[str, ...] = ()
    required_rules: tuple[RequiredRule, ...] = ()


@dataclass(frozen=True, slots=True)
class StartView:
    """The values for the template.

    Attributes:
        no_match: the sentence for a search without results.
        city: the id of the chosen place, which a form without a choice of places passes on.
        grounds: those of other people's pages that the previews can be seen on.
        public: whether other sites can use the code.
        frame: None if no place is chosen; there are no snippets, steps and links then either.
        steps: for each of the systems of portals.
        more: links to the same data for programs.
    """

    language: str
    notes: tuple[str, ...]
    complaints: tuple[str, ...]
    languages: tuple[LanguageLink, ...]
    query: str
    matches: tuple[PlaceMatch, ...]
    no_match: str | None
    fields: FieldsView
    city: str
    grounds: tuple[Option, ...]
    public: bool
    frame: Frame | None
    snippets: Snippets | None
    steps: tuple[Steps, ...]
    more: tuple[Link, ...]
    portal_url: str
    check: CheckView | None


def present(  # noqa: PLR0913 - one argument for each part of the page
    start: StartQuery,
    site: SiteInfo,
    *,
    places: Sequence[Place],
    matches: Sequence[Place],
    formatter: Formatter,
    widget_formatter: Formatter,
) -> StartView:
    """Return the page; `formatter` has its own language, `widget_formatter` that of the chosen widget."""
    choices = start.choices
    tags = [tag for tag, _ in site.languages]
    has_no_match = bool(start.query and not matches)
    frame = _frame(choices, site, formatter, widget_formatter) if choices.complete else None
    page = _page(replace(start, portal_url=""), site, start.language)
    page_url = f"{site.base_url}{page.removeprefix(site.prefix)}"
    return StartView(
        language=start.language,
        notes=_notes(choices, site, formatter),
        complaints=start.complaints,
        languages=tuple(_language_link(*language, start, site) for language in site.languages),
        query=start.query,
        matches=tuple(_place_match(place, start, site) for place in matches),
        no_match=formatter.text("state.no_match", query=start.query) if has_no_match else None,
        fields=_fields(choices, places, tags, site, formatter),
        city=choices.place.id if choices.place else "",
        grounds=_grounds(choices, formatter),
        public=site.public,
        frame=frame,
        snippets=(snippets(choices, site.base_url, page_url, formatter, widget_formatter) if frame else None),
        steps=_steps(choices, site, formatter) if frame else (),
        more=_more(choices, site.prefix, formatter) if frame else (),
        portal_url=start.portal_url,
        check=(
            present_check(start.portal_url, site.frame_ancestors, site.base_url, formatter)
            if start.portal_url
            else None
        ),
    )


def _notes(choices: Choices, site: SiteInfo, formatter: Formatter) -> tuple[str, ...]:
    applies = {
        "demo": site.sample,
        "start.no_sources": choices.widget.shows_articles and not site.sources,
    }
    return tuple(formatter.text(key) for key, holds in applies.items() if holds)


def _language_link(language: str, name: str, start: StartQuery, site: SiteInfo) -> LanguageLink:
    return LanguageLink(language, name, None if language == start.language else _page(start, site, language))


def _page(start: StartQuery, site: SiteInfo, language: str) -> str:
    """Return the path of this page in a language, with all choices."""
    parameters = [*start.parameters(site.widgets[0].kind), ("ui", language)]
    return f"{site.prefix}/?{urlencode(parameters, safe=',')}"


def _place_match(place: Place, start: StartQuery, site: SiteInfo) -> PlaceMatch:
    parameters = start.parameters(site.widgets[0].kind)
    others = [(name, value) for name, value in parameters if name != "city"]
    query = urlencode([("city", place.id), *others, ("ui", start.language)], safe=",")
    return PlaceMatch(
        place.name(start.language), ", ".join(dict.fromkeys(place.provinces)), f"{site.prefix}/?{query}"
    )


def _frame(choices: Choices, site: SiteInfo, formatter: Formatter, widget_formatter: Formatter) -> Frame:
    labels = dict(zip(choices.widths, ("start.preview_narrow", "start.preview_wide"), strict=True))
    return Frame(
        url=f"{site.prefix}{choices.url}",
        title=choices.frame_title(widget_formatter),
        previews=tuple(
            Preview(formatter.text(key, width=width), width, choices.height_at(width))
            for width, key in labels.items()
        ),
        size=_size(choices, formatter),
    )


def _grounds(choices: Choices, formatter: Formatter) -> tuple[Option, ...]:
    """Return the grounds, the one that a transparent widget is for chosen first."""
    is_for_dark = choices.transparent and dict(choices.look).get("theme") == Theme.DARK
    grounds = [
        ("light", formatter.text("start.ground_light")),
        ("dark", formatter.text("start.ground_dark")),
        ("pattern", formatter.text("start.ground_pattern")),
    ]
    return _options(grounds, "dark" if is_for_dark else "light")


def _size(choices: Choices, formatter: Formatter) -> str:
    """Return what to reserve; where a frame would leave much blank, the element is recommended."""
    low, high = choices.heights
    key = "start.size_element" if high - low > MUCH else "start.size"
    narrowest, widest = choices.widths
    return formatter.text(key, height=high, narrowest=narrowest, widest=widest)


def _steps(choices: Choices, site: SiteInfo, formatter: Formatter) -> tuple[Steps, ...]:
    """Return the steps for each system; the catalogs have a line for each step."""
    values = {"url": f"{site.base_url}{choices.url}", "host": urlsplit(site.base_url).hostname or ""}
    return tuple(
        Steps(
            system,
            tuple(formatter.text(f"start.steps_{system.lower()}", **values).splitlines()),
            tuple(formatter.text(f"start.admin_{system.lower()}", **values).splitlines()),
        )
        for system in SYSTEMS
    )


def _more(choices: Choices, prefix: str, formatter: Formatter) -> tuple[Link, ...]:
    """Return links to the same data in JSON and RSS."""
    chosen = {name: value for name, value in choices.look if name in ("source", "q", "category")}
    query = f"?{urlencode(chosen, safe=',')}" if chosen else ""
    weather = f"/api/v1/weather/{choices.place.id}" if choices.place else ""
    links = [
        (choices.widget.takes_place, "start.json", weather),
        (choices.widget.shows_articles, "start.feed", f"/feeds/articles.rss{query}"),
    ]
    return tuple(Link(formatter.text(key), f"{prefix}{path}") for applies, key, path in links if applies)


def _fields(
    choices: Choices, places: Sequence[Place], languages: Sequence[str], site: SiteInfo, formatter: Formatter
) -> FieldsView:
    """Return the fields of the chosen widget with their values."""
    widget, look = choices.widget, dict(choices.look)
    usual = {"narrowest": str(USUAL_NARROWEST), "widest": str(USUAL_WIDEST)}
    defaults = {"type": site.widgets[0].kind, **usual, **widget.defaults}
    kinds = [(option.kind, formatter.text(f"start.type_{option.kind}")) for option in site.widgets]
    layouts = [(layout, formatter.text(f"layout.{layout}")) for layout in widget.layouts]
    chosen_sources = look.get("source", "").split(",")
    accent = look.get("accent", "")
    layout = look.get("layout", defaults.get("layout", ""))
    return FieldsView(
        kinds=_options(kinds, widget.kind),
        defaults=urlencode(defaults),
        places=_places(choices, places, formatter),
        layouts=_options(layouts, layout),
        sources=tuple(
            Option(source, name, source in chosen_sources)
            for source, name in (site.sources if widget.shows_articles else ())
        ),
        selects=_selects(choices, languages, site.provinces, defaults | look, formatter),
        texts=tuple(
            (field, formatter.text(key), look.get(name, ""), longest)
            for field, key, name, longest in _TEXT_FIELDS
            if name in widget.view.parameters.fields
        ),
        widths=(
            ("narrowest", formatter.text("start.narrowest"), choices.widths[0]),
            ("widest", formatter.text("start.widest"), choices.widths[1]),
        ),
        limit=look.get("limit", "") if widget.shows_articles else None,
        max_limit=MAX_ARTICLES,
        limit_hint=(
            formatter.text("start.limit_hint", most=MAX_ARTICLES, usual=widget.usual_limit(layout))
            if widget.shows_articles
            else ""
        ),
        variant=f"{widget.kind} {'transparent' if choices.transparent else ''}",
        accent=accent,
        picker_colour=f"#{accent or DEFAULT_ACCENT}",
    )


def _places(choices: Choices, places: Sequence[Place], formatter: Formatter) -> tuple[Option, ...]:
    if not choices.widget.takes_place:
        return ()
    chosen = choices.place.id if choices.place else ""
    return tuple(
        Option(place.id, _full_name(place, formatter.language), place.id == chosen) for place in places
    )


def _full_name(place: Place, language: str) -> str:
    """Return the name with the provinces, as far as their names differ."""
    name = place.name(language)
    provinces = [province for province in dict.fromkeys(place.provinces) if province != name]
    return f"{name} ({', '.join(provinces)})" if provinces else name


def _selects(
    choices: Choices,
    languages: Sequence[str],
    provinces: Sequence[str],
    chosen: dict[str, str],
    formatter: Formatter,
) -> tuple[Select, ...]:
    widget = choices.widget
    own_names = [(language, own_name(language)) for language in languages]
    yes, no = (("yes", formatter.text("yes")), ("no", formatter.text("no")))
    theme = ("theme", "theme.label", _labelled("theme", Theme, formatter))
    text_colours = [
        ("light", formatter.text("theme.text_light")),
        ("dark", formatter.text("theme.text_dark")),
    ]
    fields = [("lang", "start.widget_language", own_names)]
    if not choices.transparent:
        fields.insert(0, theme)
    if widget.takes_province:
        fields.insert(0, ("province", "start.province", [(name, name) for name in provinces]))
    if widget.shows_weather:
        fields.append(("units", "units.label", _labelled("units", Units, formatter)))
    if widget.takes_place:
        auto = [] if "select" in widget.defaults else [("", formatter.text("start.select_auto"))]
        fields.append(("select", "select.label", [*auto, yes, no]))
    fields.append(("transparent", "start.transparent", [no, yes]))
    if choices.transparent:
        fields.append(("theme", "start.text_colour", text_colours))
    fields.append(("border", "start.border", [yes, no]))
    return tuple(
        Select(name, formatter.text(label), _options(values, chosen.get(name, "")))
        for name, label, values in fields
    )


def _labelled(kind: str, values: Iterable[StrEnum], formatter: Formatter) -> list[tuple[str, str]]:
    return [(value.value, formatter.text(f"{kind}.{value.value}")) for value in values]


def _options(values: Iterable[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(str(value), text, value == chosen) for value, text in values)


def present_check(url: str, rules: Sequence[str], base_url: str, formatter: Formatter) -> CheckView:
    """Return the embed check for a portal's URL; `base_url` is ours."""
    ours, _ = origin_of(base_url) or (Origin("https", base_url, 443), False)
    check = check_embedding(url, rules, ours)
    if check is None:
        return CheckView((Finding(formatter.text("check.no_address", address=url), passed=False),))
    refused = () if check.admitted else (formatter.text("check.frame_ancestors", origin=str(check.portal)),)
    directives = {"frame_src": ours, "script_src": ours, "img_src": ours, "style_src": "'unsafe-inline'"}
    return CheckView(
        _findings(check, formatter),
        remarks=(*refused, formatter.text("check.coep")),
        required_rules=tuple(
            RequiredRule(f"{name.replace('_', '-')} {source}", formatter.text(f"check.{name}"))
            for name, source in directives.items()
        ),
    )


def _findings(check: EmbedCheck, formatter: Formatter) -> tuple[Finding, ...]:
    origin = str(check.portal)
    findings = []
    if check.scheme_assumed:
        findings.append(Finding(formatter.text("check.assumed", origin=origin), passed=None))
    admitted = "check.everybody" if check.unrestricted else "check.admitted"
    key = admitted if check.admitted else "check.refused"
    findings.append(Finding(formatter.text(key, origin=origin), check.admitted))
    sentence = formatter.text(_MIXED_CONTENT_KEYS[check.mixed_content])
    return (*findings, Finding(sentence, passed=check.mixed_content is not MixedContent.BLOCKED))
