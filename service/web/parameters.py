"""Query parameters: what may be asked, and what is wrong with what was. Unknown parameters are ignored."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from service.locales.units import Units
from service.places.model import PLACE_ID
from service.web.options import Layout, Options, Theme

MOST_PLACES = 50
SEVERAL = f"1 to {MOST_PLACES} ids of /api/v1/cities, with commas between them"
MOST_LISTED = 500
USUAL_LISTED = 50

_COLOUR = re.compile(r"[0-9a-f]{6}\Z")
_DIGITS = re.compile(r"[0-9]{1,9}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fault:
    """One parameter that cannot be used: the values it may have, an example of them, or the range.

    `several`: the values are described, not listed.
    """

    name: str
    values: str = ""
    several: bool = False
    example: str = ""
    low: int | None = None
    high: int | None = None


class ParameterError(Exception):
    """Some parameters cannot be used; all of them are named."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        """Keep the faults."""
        super().__init__(", ".join(fault.name for fault in faults))
        self.faults = faults


class _OneOf(fields.String):
    """A closed list of values."""

    def __init__(self, values: tuple[str, ...], default: str | None) -> None:
        super().__init__(load_default=default, validate=validate.OneOf(values))
        self.values = ", ".join(values)


class _Accent(fields.String):
    """Six hex digits; a leading # is what people copy."""

    example = "0b61a4"

    def __init__(self) -> None:
        super().__init__(load_default=None, validate=validate.Regexp(_COLOUR))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return super()._deserialize(value, attr, data, **kwargs).removeprefix("#").lower()


class _Whole(fields.Integer):
    """A whole number within a range."""

    def __init__(self, low: int, high: int, default: int | None) -> None:
        super().__init__(load_default=default, validate=validate.Range(low, high))
        self.low, self.high = low, high

    def _validated(self, value: Any) -> int:
        """Digits alone: int() would also take 1_0 and １２."""  # noqa: RUF002 - wide digits are what is told
        if not _DIGITS.fullmatch(value):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class _Ids(fields.String):
    """Ids with commas between them, as a list."""

    values = SEVERAL

    def __init__(self) -> None:
        super().__init__(required=True)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        ids = super()._deserialize(value, attr, data, **kwargs).split(",")
        if len(ids) > MOST_PLACES or not all(map(PLACE_ID.fullmatch, ids)):
            raise self.make_error("invalid")
        return ids


class _Query(Schema):
    class Meta:
        unknown = EXCLUDE


def _language(site: str, languages: tuple[str, ...]) -> fields.Field[str]:
    return _OneOf(languages, site)


def widget_query(site_language: str, languages: tuple[str, ...]) -> Schema:
    """The parameters of the weather widget."""
    return _Query.from_dict(
        {
            "lang": _language(site_language, languages),
            "theme": _OneOf(tuple(Theme), Theme.AUTO),
            "units": _OneOf(tuple(Units), Units.METRIC),
            "layout": _OneOf(tuple(Layout), Layout.COMPACT),
            "accent": _Accent(),
            "select": _OneOf(("yes", "no"), None),
        }
    )()


def weather_query(site_language: str, languages: tuple[str, ...]) -> Schema:
    """The parameters of the weather of one place."""
    return _Query.from_dict(
        {"lang": _language(site_language, languages), "units": _OneOf(tuple(Units), Units.METRIC)}
    )()


def several_query(site_language: str, languages: tuple[str, ...]) -> Schema:
    """The parameters of the weather of several places."""
    return _Query.from_dict(
        {
            "lang": _language(site_language, languages),
            "units": _OneOf(tuple(Units), Units.METRIC),
            "cities": _Ids(),
        }
    )()


def cities_query(site_language: str, languages: tuple[str, ...]) -> Schema:
    """The parameters of the search for places."""
    return _Query.from_dict(
        {
            "q": fields.String(load_default=""),
            "limit": _Whole(1, MOST_LISTED, USUAL_LISTED),
            "lang": _language(site_language, languages),
        }
    )()


def parsed(schema: Schema, given: Mapping[str, str]) -> dict[str, Any]:
    """The parameters with their defaults. One written without a value counts as not written.

    Raises:
        ParameterError: naming every one that cannot be used.
    """
    written = {name: value for name, value in given.items() if value != ""}
    try:
        loaded: dict[str, Any] = schema.load(written)
    except ValidationError as error:
        raise ParameterError(
            tuple(_fault(name, schema.fields[name]) for name in error.messages_dict)
        ) from error
    return loaded


def _fault(name: str, field: fields.Field[Any]) -> Fault:
    if isinstance(field, _Whole):
        return Fault(name, low=field.low, high=field.high)
    if isinstance(field, _Accent):
        return Fault(name, example=field.example)
    return Fault(name, values=str(getattr(field, "values", "text")), several=isinstance(field, _Ids))


def options(schema: Schema, given: Mapping[str, str]) -> Options:
    """How a widget is to look (ParameterError: see `parsed`)."""
    query = parsed(schema, given)
    usual = "no" if query["layout"] == Layout.STRIP else "yes"
    known = ("lang", "theme", "units", "layout", "accent", "select")
    return Options(
        language=query["lang"],
        theme=Theme(query["theme"]),
        units=Units(query["units"]),
        layout=Layout(query["layout"]),
        accent=query["accent"],
        select=(query["select"] or usual) == "yes",
        given=tuple((name, given[name]) for name in known if given.get(name)),
    )


def usable(schema: Schema, given: Mapping[str, str]) -> dict[str, str]:
    """Those parameters that can be used: what a page about the others is drawn with."""
    written = {name: value for name, value in given.items() if value != ""}
    return {name: value for name, value in written.items() if name not in schema.validate(written)}
