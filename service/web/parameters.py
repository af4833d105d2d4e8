"""Query parameters: the fields a view may declare, and how a request's query is read against them.

Unknown parameters are ignored, and one without a value counts as not written. A value that cannot be used
becomes a fault that names the parameter and what it may be.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol, cast
from urllib.parse import urlencode

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

from service.locales.formatter import Formatter
from service.locales.numbers import Units
from service.places.model import PLACE_ID
from service.web.widget_options import Theme

MAX_PLACES = 50  # in one request for the weather of several

_COLOUR = re.compile(r"[0-9a-f]{6}\Z")
_DIGITS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Fault:
    """One parameter that cannot be used.

    Attributes:
        values: what it may be: a list of values, or a description where `described`.
        example: of a colour.
        low, high: the range of a number.
    """

    name: str
    values: str = ""
    described: bool = False
    example: str = ""
    low: int | None = None
    high: int | None = None

    def sentence(self, formatter: Formatter) -> str:
        """Say it to a reader."""
        if self.low is not None:
            return formatter.text("error.parameter_range", name=self.name, min=self.low, max=self.high)
        if self.example:
            return formatter.text("error.parameter_colour", name=self.name, example=self.example)
        return formatter.text("error.parameter", name=self.name, values=self.values)

    def phrase(self) -> str:
        """Say it to a programmer, in the `errors` of a problem."""
        if self.low is not None:
            return f"Must be a whole number from {self.low} to {self.high}."
        if self.example:
            return f"Must be six hex digits, such as {self.example}."
        return f"Must be {self.values}." if self.described else f"Must be one of: {self.values}."


class ParameterError(Exception):
    """Some parameters cannot be used; `faults` has all of them."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        """Take the faults."""
        super().__init__(", ".join(fault.name for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of one request.

    Attributes:
        values: by name, with defaults; a parameter at fault has its default.
        given: what the URL wrote, by name in the schema's order: to be passed on by forms and links.
        faults: the parameters that cannot be used.
    """

    values: dict[str, Any]
    given: dict[str, str]
    faults: tuple[Fault, ...] = ()

    def address(self, path: str, *, without: str = "") -> str:
        """Return the path with what the URL wrote and can be used, but for the parameter `without`."""
        given = [(name, value) for name, value in self.given.items() if name != without]
        return f"{path}?{urlencode(given)}" if given else path

    def __getitem__(self, name: str) -> Any:
        """Return the value of a parameter that the schema has."""
        return self.values[name]


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


class PlaceIds(fields.String):
    """Ids of places with commas between them, as a list."""

    def __init__(self) -> None:
        super().__init__(required=True)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        ids = super()._deserialize(value, attr, data, **kwargs).split(",")
        if len(ids) > MAX_PLACES or not all(map(PLACE_ID.fullmatch, ids)):
            raise self.make_error("invalid")
        return ids

    def fault(self) -> Fault:
        values = f"1 to {MAX_PLACES} ids of /api/v1/cities, with commas between them"
        return Fault(self.name or "", values, described=True)


class SourceIds(fields.String):
    """Ids of configured article sources with commas between them, as a list; each once.

    `any_if_none`: where no source is configured at all, every value means no source instead of a fault.
    """

    def __init__(self, known: Collection[str], *, any_if_none: bool = False) -> None:
        super().__init__(load_default=[])
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
    """Any text; the view decides what it means. `repeated`: all values count, with commas between them."""

    def __init__(self, default: str | None = "", *, repeated: bool = False) -> None:
        super().__init__(load_default=default)
        self.repeated = repeated

    def fault(self) -> Fault:
        return Fault(self.name or "", "text", described=True)


class Parameter(Protocol):
    """A field of a view's query."""

    required: bool
    load_default: Any

    def fault(self) -> Fault:
        """Return what to say of a value that cannot be used."""


class Parameters:
    """The parameters of a view, by name in the order in which links and forms write them."""

    def __init__(self, **declared: Parameter) -> None:
        """Take a field for each parameter."""
        self.fields = declared
        self._schema: Schema = Schema.from_dict(cast("dict[str, fields.Field[Any]]", declared))(
            unknown=EXCLUDE
        )
        self._required = tuple(name for name, field in declared.items() if field.required)

    def read(self, args: MultiDict[str, str]) -> Query:
        """Return what can be used of these arguments, and the faults of the rest."""
        given = {name: value for name in self.fields if (value := self._written(name, args)) != ""}
        faults: tuple[Fault, ...] = ()
        try:
            values: dict[str, Any] = self._schema.load(given)
        except ValidationError as error:
            faults = tuple(self._fault(name) for name in self.fields if name in error.messages_dict)
            given = {name: value for name, value in given.items() if name not in error.messages_dict}
            values = self._schema.load(given, partial=self._required)
        return Query(values, given, faults)

    def _written(self, name: str, args: MultiDict[str, str]) -> str:
        if self.repeated(name):
            return ",".join(value for value in args.getlist(name) if value)
        return args.get(name, "")

    def repeated(self, name: str) -> bool:
        """Whether every value of this parameter counts, not the first alone."""
        return bool(getattr(self.fields[name], "repeated", False))

    def _fault(self, name: str) -> Fault:
        return self._schema.fields[name].fault()  # type: ignore[attr-defined,no-any-return]


NO_PARAMETERS = Parameters()
LANGUAGE_OF_ERRORS = Parameters(lang=Text())  # for pages that say no more than a sentence


def language(languages: tuple[str, ...]) -> OneOf:
    """The language of a response; the first one is the site's own."""
    return OneOf(languages, languages[0])


def theme() -> OneOf:
    """Light, dark, or as the reader's system has it."""
    return OneOf(tuple(Theme), Theme.AUTO)


def units() -> OneOf:
    """The system of units."""
    return OneOf(tuple(Units), Units.METRIC)


def city_select(default: str | None = None) -> OneOf:
    """Whether a widget has a select over the places; None: its layout decides."""
    return OneOf(("yes", "no"), default)
