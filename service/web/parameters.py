"""Query parameters: the fields that a view may declare, and the validation of a request's query.

Unknown parameters are ignored, and a parameter with an empty value counts as absent. An invalid value becomes
a fault, which names the parameter and its valid values.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar, cast
from unicodedata import normalize
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

from service.locales.formatter import Formatter
from service.locales.numbers import Units
from service.places.model import PLACE_ID
from service.web.widget_options import Theme

MAX_HEADING = 60  # characters
MAX_PLACES = 50  # in one request for the weather of several
MAX_ROWS = 20  # in a table of several

_COLOUR = re.compile(r"[0-9a-f]{6}\Z")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,20})?)?)?)"
    r"([Zz]|[+ -][0-9]{2}:?[0-9]{2})?",
    re.ASCII,
)
_DIGITS = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?(?:[eE]-?[0-9]{1,2})?")  # programs write 1e-07


@dataclass(frozen=True, slots=True)
class Fault:
    """An invalid parameter.

    Attributes:
        values: the valid values: a list, or a description if `described` is set.
        example: of a colour.
        key: the text of its message for readers, where it needs one of its own; `high` is its `{max}`.
        low, high: the range of a number.
    """

    name: str
    values: str = ""
    described: bool = False
    example: str = ""
    low: int | None = None
    high: int | None = None
    key: str = ""

    def sentence(self, formatter: Formatter) -> str:
        """Return the message for readers, in the formatter's language."""
        if self.key:
            return formatter.text(self.key, name=self.name, max=self.high)
        if self.low is not None:
            return formatter.text("error.parameter_range", name=self.name, min=self.low, max=self.high)
        if self.example:
            return formatter.text("error.parameter_colour", name=self.name, example=self.example)
        return formatter.text("error.parameter", name=self.name, values=self.values)

    def phrase(self) -> str:
        """Return the message for programs, for the `errors` of a problem."""
        if self.low is not None:
            return f"Must be a whole number from {self.low} to {self.high}."
        if self.example:
            return f"Must be six hex digits, such as {self.example}."
        return f"Must be {self.values}." if self.described else f"Must be one of: {self.values}."


class ParameterError(Exception):
    """Some parameters are invalid; `faults` has all of them."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(", ".join(fault.name for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of one request.

    Attributes:
        values: by name, with defaults; an invalid parameter has its default.
        given: the valid parameters of the URL as text, in the order of the declaration, for forms and links.
        faults: the invalid parameters.
    """

    values: dict[str, Any]
    given: dict[str, str]
    faults: tuple[Fault, ...] = ()

    def address(self, path: str, *, without: str = "") -> str:
        """Return the path with the valid parameters of the URL, except the parameter `without`."""
        given = [(name, value) for name, value in self.given.items() if name != without]
        return f"{path}?{urlencode(given)}" if given else path

    def __getitem__(self, name: str) -> Any:
        """Return the value of a declared parameter."""
        return self.values[name]


def _list_pattern(values: Collection[str]) -> str:
    """Return the pattern, for programmers, of some of these values with commas between them."""
    one = "|".join(map(re.escape, values))
    return f"^(?:{one})(?:,(?:{one}))*$" if one else "^$"


class OneOf(fields.String):
    """One of a closed list of values."""

    def __init__(self, values: Collection[str], default: str | None) -> None:
        super().__init__(load_default=default, validate=validate.OneOf(tuple(values)))
        self.values = tuple(values)

    def fault(self) -> Fault:
        return Fault(self.name or "", ", ".join(self.values))


class Accent(fields.String):
    """A colour as six hex digits; people paste it with a leading #."""

    def __init__(self) -> None:
        super().__init__(load_default=None, validate=validate.Regexp(_COLOUR))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return super()._deserialize(value, attr, data, **kwargs).removeprefix("#").lower()

    def fault(self) -> Fault:
        return Fault(self.name or "", example="0b61a4")


class WholeNumber(fields.Integer):
    """A whole number within a range."""

    def __init__(self, low: int, high: int, default: int | None) -> None:
        super().__init__(load_default=default, validate=validate.Range(low, high))
        self.low, self.high = low, high

    def _validated(self, value: Any) -> int:
        if not _DIGITS.fullmatch(value):  # int() also takes 1_0 and digits of other scripts
            raise self.make_error("invalid", input=value)
        return super()._validated(value)

    def fault(self) -> Fault:
        return Fault(self.name or "", low=self.low, high=self.high)


class Coordinate(fields.Float):
    """A latitude or longitude in degrees, as a decimal number from -`limit` to `limit`."""

    def __init__(self, limit: int) -> None:
        super().__init__(load_default=None, validate=validate.Range(-limit, limit))
        self._limit = limit

    def _validated(self, value: Any) -> float:
        if not _DECIMAL.fullmatch(value):  # float() also takes 1_0, nan and digits of other scripts
            raise self.make_error("invalid", input=value)
        return super()._validated(value)

    def fault(self) -> Fault:
        values = f"a decimal number from -{self._limit} to {self._limit}"
        return Fault(self.name or "", values, described=True)


class Moment(fields.String):
    """A day, or a time of it, by ISO 8601; the value is an aware datetime.

    Without an offset it is a time of the zone, and a day begins at midnight. A space before the offset is the
    plus that a URL may not have as it is.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        kinds = [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]
        super().__init__(load_default=None, metadata={"anyOf": kinds})
        self._zone = zone

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        match = _MOMENT.fullmatch(text)
        try:
            at = datetime.fromisoformat(
                f"{match[1]}{(match[2] or '').replace(' ', '+')}".upper() if match else ""
            )
        except ValueError:
            raise self.make_error("invalid") from None
        try:
            return (at if at.tzinfo else at.replace(tzinfo=self._zone)).astimezone(UTC)
        except OverflowError:  # hours before the first year or after the last: no article is near
            return at.replace(tzinfo=UTC)

    def fault(self) -> Fault:
        values = "a day or a time, such as 2026-11-22 or 2026-11-22T10:00:00+07:00"
        return Fault(self.name or "", values, described=True)


class SomeOf(fields.String):
    """Some of a closed list of values, separated by commas; the value is a list. All of them by default."""

    def __init__(self, values: Collection[str]) -> None:
        told = {"default": ",".join(values), "pattern": _list_pattern(values)}
        super().__init__(load_default=list(values), metadata=told)
        self.values = tuple(values)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        chosen = super()._deserialize(value, attr, data, **kwargs).split(",")
        if not set(chosen) <= set(self.values):
            raise self.make_error("invalid")
        return chosen

    def fault(self) -> Fault:
        return Fault(
            self.name or "", f"some of {', '.join(self.values)}, with commas between them", described=True
        )


class PlaceIds(fields.String):
    """Ids of places, separated by commas; the value is a list."""

    def __init__(self) -> None:
        ids = f"{PLACE_ID.pattern}(?:,{PLACE_ID.pattern}){{0,{MAX_PLACES - 1}}}"
        super().__init__(required=True, metadata={"pattern": f"^{ids}$"})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        ids = super()._deserialize(value, attr, data, **kwargs).split(",")
        if len(ids) > MAX_PLACES or not all(map(PLACE_ID.fullmatch, ids)):
            raise self.make_error("invalid")
        return ids

    def fault(self) -> Fault:
        values = f"1 to {MAX_PLACES} ids of /api/v1/cities, with commas between them"
        return Fault(self.name or "", values, described=True)


class Rows(fields.String):
    """Ids of the places in a table, separated by commas; the value is a list of distinct ones.

    Any text counts as an id: a wrong one has a row that says so, and takes no other row away.
    """

    def __init__(self) -> None:
        super().__init__(load_default=[])

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        ids = list(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))
        if not 1 <= len(ids) <= MAX_ROWS:
            raise self.make_error("invalid")
        return ids

    def fault(self) -> Fault:
        return Fault(self.name or "", key="error.parameter_places", high=MAX_ROWS)


class SourceIds(fields.String):
    """Ids of configured article sources, separated by commas; the value is a list of distinct ids.

    With `any_if_none`, while no source is configured at all, every value is valid and means no source.
    """

    def __init__(self, known: Collection[str], *, any_if_none: bool = False) -> None:
        super().__init__(load_default=[], metadata={"default": "", "pattern": _list_pattern(known)})
        self._known, self._any = tuple(known), any_if_none and not known

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if self._any:
            return []
        ids = dict.fromkeys(super()._deserialize(value, attr, data, **kwargs).split(","))
        if not all(source in self._known for source in ids):
            raise self.make_error("invalid")
        return list(ids)

    def fault(self) -> Fault:
        return Fault(self.name or "", ", ".join(self._known) or "(no source is configured)")


class Text(fields.String):
    """Any text. With `repeated`, the values of a repeated parameter are joined by commas.

    `values` are named to programmers only: the view finds out about others.
    """

    def __init__(
        self, default: str | None = "", *, repeated: bool = False, values: Collection[str] = ()
    ) -> None:
        super().__init__(load_default=default, metadata={"enum": list(values)} if values else None)
        self.repeated = repeated

    def fault(self) -> Fault:
        return Fault(self.name or "", "text", described=True)


class EmbeddedUrl(fields.String):
    """The URL of a page of ours; whether there is one is for the view to find out."""

    def __init__(self) -> None:
        super().__init__(required=True, metadata={"format": "uri"})

    def fault(self) -> Fault:
        return Fault(self.name or "", "the address of a widget or an article here", described=True)


class Heading(fields.String):
    """A heading of the editor's own: one line, without control characters."""

    def __init__(self) -> None:
        super().__init__(load_default="", validate=validate.Length(max=MAX_HEADING))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = normalize("NFC", super()._deserialize(value, attr, data, **kwargs).strip())
        if not text.isprintable():
            raise self.make_error("invalid")
        return text

    def fault(self) -> Fault:
        values = f"one line of at most {MAX_HEADING} characters"
        return Fault(self.name or "", values, described=True, key="error.parameter_line", high=MAX_HEADING)


class Parameter(Protocol):
    """The type of one declared parameter; its `metadata` may have a `description` for programmers."""

    required: bool
    load_default: Any
    metadata: Any

    def fault(self) -> Fault:
        """Return the fault for an invalid value."""


P = TypeVar("P", bound=Parameter)


def described(about: str, parameter: P) -> P:
    """Return the parameter with its description for programmers."""
    parameter.metadata["description"] = about
    return parameter


class Parameters:
    """The parameters of a view, by name, in the order that links and forms use."""

    def __init__(self, **declared: Parameter) -> None:
        self.fields = declared
        self._schema: Schema = Schema.from_dict(cast("dict[str, fields.Field[Any]]", declared))(
            unknown=EXCLUDE
        )
        self._required = tuple(name for name, field in declared.items() if field.required)

    @property
    def schema(self) -> Schema:
        """The schema that reads them."""
        return self._schema

    def read(self, args: MultiDict[str, str]) -> Query:
        """Return the valid ones of these arguments, with faults for the others."""
        given = {name: value for name in self.fields if (value := self._text(name, args)) != ""}
        faults: tuple[Fault, ...] = ()
        try:
            values: dict[str, Any] = self._schema.load(given)
        except ValidationError as error:
            faults = tuple(self._fault(name) for name in self.fields if name in error.messages_dict)
            given = {name: value for name, value in given.items() if name not in error.messages_dict}
            values = self._schema.load(given, partial=self._required)
        return Query(values, given, faults)

    def _text(self, name: str, args: MultiDict[str, str]) -> str:
        if self.repeated(name):
            return ",".join(value for value in args.getlist(name) if value)
        return args.get(name, "")

    def repeated(self, name: str) -> bool:
        """Return whether all values of this parameter count, not only the first."""
        return bool(getattr(self.fields[name], "repeated", False))

    def _fault(self, name: str) -> Fault:
        return self._schema.fields[name].fault()  # type: ignore[attr-defined,no-any-return]


NO_PARAMETERS = Parameters()
LANGUAGE_OF_ERRORS = Parameters(lang=Text())  # of views whose errors alone are pages; any value is accepted


def language(languages: tuple[str, ...]) -> OneOf:
    """Return the parameter `lang`; the first language is the default."""
    return described("The language of texts and messages.", OneOf(languages, languages[0]))


def theme() -> OneOf:
    """Return the parameter `theme`."""
    return described(
        "`auto` follows the reader's system, or the page in `<portal-widget>`.",
        OneOf(tuple(Theme), Theme.AUTO),
    )


def theme_of(query: Query) -> Theme:
    """Return the theme; what is transparent lies on the page, of whose ground the system tells nothing."""
    chosen = Theme(query["theme"])
    return Theme.LIGHT if chosen is Theme.AUTO and query.values.get("transparent") == "yes" else chosen


def card() -> dict[str, Parameter]:
    """Return the parameters of the card's look."""
    return {
        "accent": described("The colour of links and marks, as six hex digits.", Accent()),
        "transparent": described("Whether the card has no ground of its own.", OneOf(("yes", "no"), "no")),
        "border": described("Whether the card has a border.", OneOf(("yes", "no"), "yes")),
    }


def units() -> OneOf:
    """Return the parameter `units`."""
    return described("The system of units.", OneOf(tuple(Units), Units.METRIC))


def city_select(default: str | None = None) -> OneOf:
    """Return the parameter `select`; if its default is None, the layout decides."""
    return described("Whether readers may choose another place.", OneOf(("yes", "no"), default))
