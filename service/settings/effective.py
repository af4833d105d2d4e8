"""The effective configuration as TOML: every key, its value, and where that comes from."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields

from service.core.secrets import HIDDEN, address_for_its_operator
from service.settings import schema
from service.settings.fields import ProviderSection, Size
from service.settings.load import ADDRESS_KEYS, SECRET_KEYS
from service.settings.model import Settings

_DEFAULT, _FILE = "default", "file"
_SIZES = ((1024**3, "GB"), (1024**2, "MB"), (1024, "KB"), (1, "B"))
_DURATIONS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\"})

Path = tuple[str, ...]


def effective(
    settings: Settings, tables: Mapping[str, Any], variables: Mapping[Path, str], default_city: str
) -> Iterator[str]:
    """Yield the lines of the effective configuration, as TOML with the origin of each value behind it.

    Secrets are hidden, so that what is printed may be sent to somebody who helps.

    Args:
        settings: made from the tables.
        tables: of the file, overridden by the environment; they are sound.
        variables: the names of the variables that override a key, by its path.
        default_city: the id of the place that is shown where `site.default_city` is empty.
    """
    worked_out: dict[Path, str] = {
        ("store", "url"): f"sqlite://{settings.store.path}",
        ("site", "default_city"): default_city,
    }
    yield from _Printer(settings, variables, worked_out).table(schema.File(), tables, ())


class _Printer:
    def __init__(
        self, settings: Settings, variables: Mapping[Path, str], worked_out: Mapping[Path, str]
    ) -> None:
        self._redact, self._variables, self._worked_out = settings.secrets.redact, variables, worked_out

    def table(self, table: Schema, written: Mapping[str, Any], path: Path, header: str = "") -> Iterator[str]:
        """Yield the keys of a table, then the tables in it."""
        named = {field.data_key or name: field for name, field in table.fields.items()}
        scalars = {name: field for name, field in named.items() if not _holds_tables(field)}
        if scalars:
            yield from ("", header or f"[{'.'.join(path)}]")
        lines = [self._line(table, name, field, written, path) for name, field in scalars.items()]
        width = max((len(assignment) for assignment, _ in lines), default=0)
        yield from (f"{assignment:<{width}}  # {origin}" for assignment, origin in lines)
        for name, field in named.items():
            here, value = (*path, name), written.get(name)
            if isinstance(field, fields.Nested):
                yield from self.table(field.schema, value or {}, here)
            elif isinstance(field, fields.List) and isinstance(field.inner, fields.Nested):
                for item in value or ():
                    yield from self.table(field.inner.schema, item, here, f"[[{'.'.join(here)}]]")

    def _line(
        self, table: Schema, name: str, field: fields.Field[Any], written: Mapping[str, Any], path: Path
    ) -> tuple[str, str]:
        """Return `key = value`, and where the value comes from."""
        here = (*path, name)
        if name in written:
            value, origin = field.deserialize(written[name]), self._variables.get(here, _FILE)
        else:
            default: Any = field.load_default
            value, origin = default() if callable(default) else default, _DEFAULT
        if value == "" and here in self._worked_out:
            value, origin = self._worked_out[here], _DEFAULT
        elif value == "" and name == "base_url" and isinstance(table, ProviderSection):
            value, origin = table.default_url, _DEFAULT
        elif value == "" and name == "name":  # of a source
            value, origin = written["id"], _DEFAULT
        return f"{name} = {self._toml(name, value, field)}", origin

    def _toml(self, name: str, value: Any, field: fields.Field[Any]) -> str:
        match value:
            case bool():
                text = str(value).lower()
            case str():
                text = _string(self._shown(name, value))
            case timedelta():
                text = _string(_with_unit(round(value.total_seconds()), _DURATIONS))
            case list():
                text = "[" + ", ".join(_string(self._shown(name, item)) for item in value) + "]"
            case dict():
                text = "{ " + ", ".join(f"{key} = {_string(word)}" for key, word in value.items()) + " }"
            case _ if isinstance(field, Size):
                text = _string(_with_unit(value, _SIZES))
            case _:
                text = f"{value:.15g}"
        return text

    def _shown(self, name: str, value: str) -> str:
        if name in SECRET_KEYS:
            return HIDDEN if value else ""
        return self._redact(address_for_its_operator(value) if name in ADDRESS_KEYS else value)


def _holds_tables(field: fields.Field[Any]) -> bool:
    inner = field.inner if isinstance(field, fields.List) else field
    return isinstance(inner, fields.Nested)


def _with_unit(number: int, units: tuple[tuple[int, str], ...]) -> str:
    """Return the number in the largest unit in which it is whole."""
    size, unit = next(one for one in units if number % one[0] == 0 and (number or one[0] == 1))
    return f"{number // size}{unit}"


def _string(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'
