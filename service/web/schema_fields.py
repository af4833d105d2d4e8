"""The fields of JSON responses, as they are described to programmers.

The responses themselves are made by the `json.py` of each feature, which is many times faster than dumping
schemas; a test holds every response against its description.
"""

from typing import Any

from marshmallow import Schema, fields


class ResponseSchema(Schema):
    """The description of a JSON object. Every field is always there unless it says otherwise."""


def text(about: str, *, null: bool = False, **more: Any) -> fields.String:
    """Describe a string."""
    return fields.String(**_told(about, null=null, **more))


def one_of(about: str, values: tuple[str, ...], *, null: bool = False) -> fields.String:
    """Describe a string of a closed list."""
    listed = [*values, None] if null else list(values)
    return fields.String(**_told(about, null=null, enum=listed))


def number(about: str, *, null: bool = True, optional: bool = False) -> fields.Float:
    """Describe a number."""
    return fields.Float(**_told(about, null=null, optional=optional))


def whole(about: str) -> fields.Integer:
    """Describe a whole number."""
    return fields.Integer(**_told(about))


def flag(about: str, *, null: bool = False, optional: bool = False) -> fields.Boolean:
    """Describe a boolean."""
    return fields.Boolean(**_told(about, null=null, optional=optional))


def moment(about: str, *, null: bool = True) -> fields.String:
    """Describe a time with its offset, to the second."""
    return text(about, null=null, format="date-time")


def day(about: str) -> fields.String:
    """Describe a day of the place's calendar."""
    return text(about, format="date")


def link(about: str, *, null: bool = False) -> fields.String:
    """Describe an absolute URL."""
    return text(about, null=null, format="uri-reference")


def one(schema: type[Schema], about: str, *, null: bool = False, optional: bool = False) -> fields.Nested:
    """Describe an object."""
    return fields.Nested(schema, **_told(about, null=null, optional=optional))


def many(schema: type[Schema], about: str, *, optional: bool = False) -> fields.List[Any]:
    """Describe a list of objects."""
    return fields.List(fields.Nested(schema), **_told(about, optional=optional))


def texts(about: str, *, optional: bool = False, key: str | None = None) -> fields.List[Any]:
    """Describe a list of strings; `key` is its name where a schema cannot have that as an attribute."""
    return fields.List(fields.String(), data_key=key, **_told(about, optional=optional))


def by_name(about: str, *, optional: bool = False) -> fields.Dict:
    """Describe an object of strings by name."""
    return fields.Dict(keys=fields.String(), values=fields.String(), **_told(about, optional=optional))


def sample() -> fields.Boolean:
    """Describe the mark of sample data."""
    return flag("true under `serve --demo`, whose data are samples; absent otherwise.", optional=True)


def _told(about: str, *, null: bool = False, optional: bool = False, **more: Any) -> dict[str, Any]:
    return {"required": not optional, "allow_none": null, "metadata": {"description": about, **more}}
