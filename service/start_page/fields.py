"""The fields of the start page's form: those of the chosen widget, each with what is chosen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from service.locales.formatter import Formatter
from service.locales.language_tags import own_name
from service.locales.units import Units
from service.places.model import Place
from service.start_page.choices import LAYOUTS, Choices, Kind
from service.web.options import MOST_ARTICLES, Theme

HOUSE_COLOUR = "0b61a4"


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


def present_fields(
    choices: Choices,
    places: Sequence[Place],
    languages: Sequence[str],
    sources: Sequence[tuple[str, str]],
    formatter: Formatter,
) -> FieldsView:
    """For these choices; the first language is the site's own."""
    look, kind = dict(choices.look), choices.kind
    usual = usual_values(kind, languages)
    layouts = _named("layout", LAYOUTS[kind], formatter)
    ticked = look.get("source", "").split(",")
    accent = look.get("accent", "")
    return FieldsView(
        kinds=_offers([(each, formatter.text(f"start.type_{each}")) for each in Kind], kind),
        usual=urlencode(usual),
        places=_places(choices, places, formatter),
        layouts=_offers(layouts, look.get("layout", usual.get("layout", ""))),
        sources=tuple(Option(source, name, source in ticked) for source, name in _shown(choices, sources)),
        selects=_selects(choices, languages, usual | look, formatter),
        limit=look.get("limit", "") if choices.shows_articles else None,
        most=MOST_ARTICLES,
        accent=accent,
        picked=f"#{accent or HOUSE_COLOUR}",
    )


def usual_values(kind: Kind, languages: Sequence[str]) -> dict[str, str]:
    """What a widget does where its address is silent; the first language is the site's own."""
    usual = {"type": Kind.WEATHER.value, "theme": Theme.AUTO.value, "lang": languages[0]}
    if kind is not Kind.ARTICLES:
        usual["units"] = Units.METRIC.value
    if kind is Kind.PORTAL:
        usual["select"] = "yes"
    if LAYOUTS[kind]:
        usual["layout"] = LAYOUTS[kind][0].value
    return usual


def _places(choices: Choices, places: Sequence[Place], formatter: Formatter) -> tuple[Option, ...]:
    """With the province, where that is another name."""
    if not choices.shows_weather:
        return ()
    chosen = choices.place.id if choices.place else ""
    return tuple(
        Option(place.id, _full_name(place, formatter.language), place.id == chosen) for place in places
    )


def _full_name(place: Place, language: str) -> str:
    name = place.name(language)
    where = [province for province in dict.fromkeys(place.provinces) if province != name]
    return f"{name} ({', '.join(where)})" if where else name


def _shown(choices: Choices, sources: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    return sources if choices.shows_articles else ()


def _selects(
    choices: Choices, languages: Sequence[str], chosen: dict[str, str], formatter: Formatter
) -> tuple[Select, ...]:
    tongues = [(language, own_name(language)) for language in languages]
    fields = [
        ("theme", "theme.label", _named("theme", Theme, formatter)),
        ("lang", "start.widget_language", tongues),
    ]
    if choices.shows_weather:
        answers = [("yes", formatter.text("yes")), ("no", formatter.text("no"))]
        auto = [] if choices.kind is Kind.PORTAL else [("", formatter.text("start.select_auto"))]
        fields += [
            ("units", "units.label", _named("units", Units, formatter)),
            ("select", "select.label", [*auto, *answers]),
        ]
    return tuple(
        Select(name, formatter.text(label), _offers(values, chosen.get(name, "")))
        for name, label, values in fields
    )


def _named(kind: str, values: Iterable[StrEnum], formatter: Formatter) -> list[tuple[str, str]]:
    return [(value.value, formatter.text(f"{kind}.{value.value}")) for value in values]


def _offers(values: Iterable[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(str(value), text, value == chosen) for value, text in values)
