"""The OpenAPI 3.1 document, made from the declarations of the views. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter

from service.web.views import Description, View

_VERSION = "3.1.0"
_PROBLEM = "application/problem+json"
_VALUE = re.compile(r"<(?:any\(([a-z,]{1,99})\):)?([a-z_]{1,40})>")
_RESPONSE_HEADERS: Mapping[str, str] = {
    "Cache-Control": "For how long the response is current, and may be used beyond that.",
    "ETag": "The tag of this body in this coding, for `If-None-Match`.",
    "Last-Modified": "When the body last changed, for `If-Modified-Since`.",
    "Cache-Status": "Whether it came from our memory: `hit`, or `fwd=` with the reason (RFC 9211).",
    "Age": "Seconds since it was made; on responses that came from memory.",
    "Retry-After": "Seconds until there may be data; only while there are none.",
    "X-Request-Id": "The id of the request in our log; on responses that were made for it.",
    "Link": 'The next page, as `<…>; rel="next"`; only where there is one.',
}
_ABOUT = (
    "Weather of places and articles of portals, as JSON. No key, no cookie; scripts of any site may read"
    " every response.\n\n"
    "Unknown values are null and never guessed. Unknown parameters are ignored; a bad value is a 400 that"
    " names it and lists what is valid. Fields and parameters may be added at any time; none is ever removed,"
    " nor does one change its meaning.\n\n"
    "Responses come from memory: ask as often as `Cache-Control` says, and with `If-None-Match`."
)


def document(
    views: Iterable[View], *, version: str, server: str, examples: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the document of all views that have a description.

    Args:
        views: of the application.
        version: of this program.
        server: the base of all paths, absolute or a path.
        examples: recorded responses by their requests.
    """
    spec = APISpec(
        title="portal-widgets",
        version=version,
        openapi_version=_VERSION,
        plugins=[MarshmallowPlugin()],
        info={"description": _ABOUT, "license": {"name": "MIT", "identifier": "MIT"}},
        servers=[{"url": server or "/"}],
    )
    _add_shared(spec)
    for view in views:
        if view.description is not None:
            spec.path(path_of(view), operations={"get": _operation(spec, view, view.description, examples)})
    told: dict[str, Any] = spec.to_dict()
    return told


def path_of(view: View) -> str:
    """Return the path of a view as a URI template."""
    return _VALUE.sub(lambda value: f"{{{value[2]}}}", view.rule)


def _operation(
    spec: APISpec, view: View, description: Description, examples: Mapping[str, Any]
) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for media, schema in description.media.items():
        kind = "object" if media.endswith("json") else "string"
        content[media] = {"schema": schema() if schema else {"type": kind}}
        recorded = [examples[request] for request in description.examples if request in examples]
        if schema and recorded:
            content[media]["example"] = recorded[0]
    responses: dict[str, Any] = {
        "200": {
            "description": description.summary,
            "headers": _headers(view, description),
            "content": content,
        },
        "304": {"description": "Nothing has changed, for a request with a tag or a time."},
        "429": "TooMany",
        "500": "Problem",
        "503": "Problem",
    }
    if view.parameters.fields:
        responses["400"] = "BadParameters"
    values = _example_values(view, description, examples)
    if description.not_found:
        responses["404"] = {
            "description": description.not_found,
            "content": {_PROBLEM: {"schema": _reference("Problem")}},
        }
    return {
        # With a verb: generators name the types of parameters by it, which else had the names of schemas.
        "operationId": f"get_{view.name.removeprefix('api.')}",
        "summary": description.summary,
        "parameters": [
            told | _example(told, values)
            for told in (*_path_parameters(view, description), *_query_parameters(spec, view))
        ],
        "responses": responses,
    }


def _example_values(view: View, description: Description, examples: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters, by name, of the request whose response is the example."""
    if not description.examples:
        return {}
    request = description.examples[0]
    path, _, query = request.partition("?")
    values = dict(parse_qsl(query))
    for part, given in zip(path_of(view).split("/"), path.split("/"), strict=True):
        if part.startswith("{"):
            # An id that only the recorded response knows stands in the request as its name.
            values[part.strip("{}")] = examples.get(request, {}).get("id", given) if given == part else given
    return values


def _example(parameter: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    if parameter["name"] not in values:
        return {}
    value, kind = values[parameter["name"]], parameter["schema"].get("type")
    return {"example": {"integer": int, "number": float}.get(kind, str)(value)}


def _headers(view: View, description: Description) -> dict[str, Any]:
    absent = set() if description.has_pages else {"Link"}
    if view.cache is not None:
        absent.add("Retry-After")
    return {
        name: {"description": about, "schema": {"type": "string"}}
        for name, about in _RESPONSE_HEADERS.items()
        if name not in absent
    }


def _path_parameters(view: View, description: Description) -> Iterator[dict[str, Any]]:
    for value in _VALUE.finditer(view.rule):
        schema: dict[str, Any] = {"type": "string"}
        if value[1]:
            schema["enum"] = value[1].split(",")
        yield {
            "name": value[2],
            "in": "path",
            "required": True,
            "description": description.path[value[2]],
            "schema": schema,
        }


def _query_parameters(spec: APISpec, view: View) -> Iterator[dict[str, Any]]:
    converter = OpenAPIConverter(_VERSION, str, spec)
    for name, field in view.parameters.schema.fields.items():
        schema = converter.field2property(field)
        about = schema.pop("description", "")
        if schema.get("default") in {None, ""}:
            schema.pop("default", None)
        if isinstance(schema.get("type"), list):  # an absent parameter is null to us alone
            schema["type"] = next(kind for kind in schema["type"] if kind != "null")
        schema["enum"] = [str(value) for value in schema.get("enum", ()) if value is not None]
        if not schema["enum"]:
            del schema["enum"]
        if "anyOf" in schema:
            schema.pop("type", None)
        yield {
            "name": name,
            "in": "query",
            "required": field.required,
            **({} if field.required else {"allowEmptyValue": True}),  # it counts as absent
            "description": about,
            "schema": schema,
        }


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _add_shared(spec: APISpec) -> None:
    problem = {
        "type": "object",
        "description": "An error (RFC 9457).",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "description": "`about:blank`: the status says what it is."},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What is wrong, for people."},
            "errors": {
                "type": "object",
                "description": "The bad parameters by name, each with what would be valid.",
                "additionalProperties": {"type": "array", "items": {"type": "string"}},
            },
            "sample": {"type": "boolean", "description": "true under `serve --demo`."},
        },
    }
    spec.components.schema("Problem", component=problem)
    content = {_PROBLEM: {"schema": _reference("Problem")}}
    headers = {
        name: {"description": _RESPONSE_HEADERS[name], "schema": {"type": "string"}}
        for name in ("Retry-After", "X-Request-Id")
    }
    spec.components.response(
        "Problem",
        {"description": "Something is wrong on our side.", "headers": headers, "content": content},
    )
    too_many = "Your address has too many requests waiting to be rendered; ask again after `Retry-After`."
    spec.components.response("TooMany", {"description": too_many, "headers": headers, "content": content})
    spec.components.response("BadParameters", {"description": "A parameter is bad.", "content": content})
