"""The variables of the environment: those that are keys, those that are ours, and those that are mistakes."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from marshmallow import Schema, fields

from service.settings import schema

PREFIX = "PORTAL_WIDGETS_"
CONFIG = PREFIX + "CONFIG"
DEMO = PREFIX + "DEMO"
STORM = PREFIX + "STORM"
ADDRESS = PREFIX + "ADDRESS"  # that `serve` tells once it listens
FEEDS = PREFIX + "FEEDS"  # of `serve --feed`, one URL a line
_OTHERS = {CONFIG, DEMO, STORM, FEEDS, ADDRESS, PREFIX + "CORPUS"}  # the last one is of the tests
_PROTOCOLS, _PARTS = {"TCP", "UDP", "SCTP"}, {"PROTO", "PORT", "ADDR"}  # of a port, in Kubernetes


def override(
    written: dict[str, Any], environment: Mapping[str, str], variables: dict[tuple[str, ...], str]
) -> Iterator[str]:
    """Override values of the file by variables of the environment; yield the faults in their names.

    The names of the variables are added to `variables`, by the path of the key.
    """
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or "__" not in variable:
            continue
        *tables, key = (part.lower() for part in variable.removeprefix(PREFIX).split("__"))
        target: Any = written
        table_schema: Schema | None = schema.File()
        path = []
        for table in tables:
            name, table_schema = _subtable(table_schema, table)
            path.append(name)
            target = target.setdefault(name, {}) if isinstance(target, dict) else None
        field = table_schema.fields.get(key) if table_schema else None
        if not isinstance(target, dict) or isinstance(field, fields.Nested):
            yield f"{variable}: names no single key of the configuration"
        else:
            target[key] = environment[variable]
            variables[*path, key] = variable


def unknown_variables(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each variable that has the prefix and a value, and is none that is read."""
    mistakes = [
        name
        for name in sorted(environment)
        if name.startswith(PREFIX)
        and "__" not in name  # those are keys, or faults
        and name not in _OTHERS
        and environment[name]
        and not _is_of_kubernetes(name.removeprefix(PREFIX).split("_"))
    ]
    known = {_plain(name): name for name in (*_keys(schema.File(), PREFIX), *_OTHERS)} if mistakes else {}
    for name in mistakes:
        close = difflib.get_close_matches(_plain(name), known, n=1, cutoff=0)
        yield f"{name}: no key of the configuration has this name (nearest: {known[close[0]]})"


def _is_of_kubernetes(words: Sequence[str]) -> bool:
    """Return whether this is set in every pod for a Service whose name begins like the prefix.

    Those are `…_SERVICE_HOST`, `…_SERVICE_PORT`, `…_SERVICE_PORT_HTTP`, `…_PORT`, `…_PORT_8000_TCP` and
    `…_PORT_8000_TCP_ADDR`.
    """
    match words:
        case [*_, "SERVICE", "HOST"] | [*_, "PORT"]:
            return True
        case [*_, "PORT", number, protocol] | [*_, "PORT", number, protocol, _] if number.isdigit():
            return protocol in _PROTOCOLS and (words[-1] in _PROTOCOLS or words[-1] in _PARTS)
        case _:
            return ("SERVICE", "PORT") in pairwise(words)


def _keys(table: Schema, prefix: str) -> Iterator[str]:
    """Yield the variable of every key that can be set from the environment."""
    for name, field in table.fields.items():
        variable = prefix + name.upper()
        if isinstance(field, fields.Nested):
            yield from _keys(field.schema, f"{variable}__")
        elif not (isinstance(field, fields.List) and isinstance(field.inner, fields.Nested)):
            yield variable


def _plain(name: str) -> str:
    return name.removeprefix(PREFIX).replace("_", "")


def _subtable(parent: Schema | None, table: str) -> tuple[str, Schema | None]:
    """Return the name of a table in the file, and its schema if there is such a table."""
    for name, field in (parent.fields if parent else {}).items():
        if isinstance(field, fields.Nested) and name == table:
            return field.data_key or name, field.schema
    return table, None
