"""The OpenAPI 3.1 document, made from the declarations of the views. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter

from service.web.views import SERVER, Description, View

_VERSION = "3.1.0"
_PROBLEM_CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_WITHOUT_BODY = {"304"}
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
_REQUEST_HEADERS: Mapping[str, str] = {
    "If-None-Match": "api.if_none_match",
    "If-Modified-Since": "api.if_modified_since",
}
_SHARED_RESPONSES: Mapping[str, tuple[str, str, Sequence[str]]] = {
    "304": ("NotModified", "api.not_modified", ("Cache-Control", "ETag", "Last-Modified")),
    "400": ("BadParameters", "api.bad_parameters", ()),
    "429": ("TooMany", "api.too_many", ("Retry-After", "X-Request-Id")),
    "500": ("Fault", "api.fault", ("X-Request-Id",)),
    "503": ("Unavailable", "api.unavailable", ("Retry-After", "X-Request-Id")),
}


def document(
    views: Iterable[View],
    *,
    version: str,
    server: str,
    examples: Mapping[str, Any],
    text: Callable[[str], str],
) -> dict[str, Any]:
    """Return the document of all views that have a description.

    Args:
        views: of the application.
        version: of this program.
        server: the base of all paths, absolute or a path.
        examples: recorded responses by their requests.
        text: the sentence of a key, in the language of the document. Those of parameters and fields stand
            where they are declared, in English.
    """
    spec = APISpec(
        title="portal-widgets",
        version=version,
        openapi_version=_VERSION,
        plugins=[MarshmallowPlugin()],
        info={
            "description": text("api.about").replace("\n", "\n\n"),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        servers=[{"url": server or "/"}],
    )
    _add_shared(spec, text)
    located = {request.replace(SERVER, server): response for request, response in examples.items()}
    for view in views:
        if view.description is not None:
            told = _operation(spec, view, _with_texts(view.description, text, server), located)
            told["parameters"] += _header_parameters(text)
            spec.path(path_of(view), operations={"get": told})
    whole: dict[str, Any] = spec.to_dict()
    return whole


def _with_texts(description: Description, text: Callable[[str], str], server: str) -> Description:
    return replace(
        description,
        summary=text(description.summary),
        not_found=text(description.not_found) if description.not_found else "",
        errors={status: text(key) for status, key in description.errors.items()},
        examples=[request.replace(SERVER, server) for request in description.examples],
    )


def _header_parameters(text: Callable[[str], str]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "header",
            "required": False,
            "description": text(key),
            "schema": {"type": "string"},
        }
        for name, key in _REQUEST_HEADERS.items()
    ]


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
        **{status: name for status, (name, *_) in _SHARED_RESPONSES.items()},
    }
    if not view.parameters.fields:
        del responses["400"]
    values = _example_values(view, description, examples)
    own = {404: description.not_found, **description.errors}
    for status, about in own.items():
        if about:
            responses[str(status)] = {"description": about, "content": _PROBLEM_CONTENT}
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
    return _described_headers(name for name in _RESPONSE_HEADERS if name not in absent)


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


def _add_shared(spec: APISpec, text: Callable[[str], str]) -> None:
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
            "request_id": {
                "type": "string",
                "description": "That of `X-Request-Id`; only with statuses 429 and from 500 on.",
            },
            "sample": {"type": "boolean", "description": "true under `serve --demo`."},
        },
    }
    spec.components.schema("Problem", component=problem)
    for status, (name, key, headers) in _SHARED_RESPONSES.items():
        response: dict[str, Any] = {"description": text(key), "headers": _described_headers(headers)}
        if status not in _WITHOUT_BODY:
            response["content"] = _PROBLEM_CONTENT
        spec.components.response(name, response)


def _described_headers(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"description": _RESPONSE_HEADERS[name], "schema": {"type": "string"}} for name in names}
