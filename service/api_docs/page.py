"""What the page of the API shows, worked out from the OpenAPI document."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

_MAX_DEPTH = 4  # of objects within objects


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field of a response; `name` is its path, as in `current.temperature` and `hourly[].time`."""

    name: str
    type: str
    about: str


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """A parameter.

    Attributes:
        value: that of the example, where one is required.
        choices: empty where any text may be valid.
    """

    name: str
    type: str
    about: str
    required: bool
    in_path: bool
    in_header: bool
    default: str
    choices: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True)
class OperationView:
    """One operation.

    Attributes:
        path: a URI template.
        action: what a form without script is sent to.
        request: path and query of the request whose response is the example.
    """

    id: str
    path: str
    action: str
    request: str
    summary: str
    parameters: tuple[ParameterRow, ...]
    fields: tuple[FieldRow, ...]
    errors: tuple[tuple[str, str], ...]
    example: str


def operations(document: Mapping[str, Any]) -> list[OperationView]:
    """Return the operations in the order of the document."""
    return [_operation(document, path, methods["get"]) for path, methods in document["paths"].items()]


def _operation(document: Mapping[str, Any], path: str, told: Mapping[str, Any]) -> OperationView:
    content = told["responses"]["200"]["content"]
    body = next(iter(content.values()))
    example = body.get("example")
    parameters = tuple(map(_parameter, told["parameters"]))
    action = path
    for one in parameters:
        if one.in_path:
            action = action.replace(f"{{{one.name}}}", one.value)
    query = {one["name"]: one["example"] for one in told["parameters"] if _has_query_example(one)}
    errors = {
        status: document["components"]["responses"][_name(response)]["description"]
        if "$ref" in response
        else response["description"]
        for status, response in told["responses"].items()
        if status != "200"
    }
    return OperationView(
        id=told["operationId"],
        path=path,
        action=action,
        request=f"{action}?{urlencode(query, safe=',')}" if query else action,
        summary=told["summary"],
        parameters=parameters,
        fields=tuple(_fields(document, body["schema"], "", 0)),
        errors=tuple(sorted(errors.items())),
        example=json.dumps(example, ensure_ascii=False, indent=1) if example else "",
    )


def _has_query_example(parameter: Mapping[str, Any]) -> bool:
    return parameter["in"] == "query" and "example" in parameter


def _parameter(told: Mapping[str, Any]) -> ParameterRow:
    schema, in_path = told["schema"], told["in"] == "path"
    return ParameterRow(
        name=told["name"],
        type=_type(schema),
        about=told["description"],
        required=told["required"],
        in_path=in_path,
        in_header=told["in"] == "header",
        default=str(schema.get("default", "")),
        choices=tuple(schema.get("enum", ())),
        value=str(told.get("example") or schema.get("enum", [""])[0]) if told["required"] else "",
    )


def _fields(
    document: Mapping[str, Any], schema: Mapping[str, Any], path: str, depth: int
) -> Iterator[FieldRow]:
    """Yield the fields of an object, each followed by those in it."""
    object_ = _resolved(document, schema)
    for name, field in object_.get("properties", {}).items():
        yield FieldRow(f"{path}{name}", _type(field), field.get("description", ""))
        inner = field.get("items", field)
        mark = "[]." if "items" in field else "."
        if depth < _MAX_DEPTH and _reference(inner):
            yield from _fields(document, inner, f"{path}{name}{mark}", depth + 1)


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = _reference(schema)
    resolved: Mapping[str, Any] = document["components"]["schemas"][reference] if reference else schema
    return resolved


def _reference(schema: Mapping[str, Any]) -> str:
    """Return the name of the schema that this one refers to, also as one of several."""
    parts = [schema, *schema.get("allOf", ()), *schema.get("anyOf", ())]
    return next((_name(part) for part in parts if "$ref" in part), "")


def _name(reference: Mapping[str, str]) -> str:
    return reference["$ref"].rpartition("/")[2]


def _type(schema: Mapping[str, Any]) -> str:
    """Return the type in words: `number or null`, `list of objects`, `date-time`."""
    if "items" in schema:
        inner = "objects" if _reference(schema["items"]) else f"{schema['items'].get('type', 'value')}s"
        return f"list of {inner}"
    if _reference(schema):
        is_null = any(part.get("type") == "null" for part in schema.get("anyOf", ()))
        return "object or null" if is_null else "object"
    kinds = schema.get("type", "any")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return " or ".join(schema.get("format", kind) if kind == "string" else kind for kind in kinds)
