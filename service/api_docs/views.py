"""The views `/api/v1`, `/api/v1/openapi.json` and `/api/docs`."""

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from flask import Response

from service.api_docs.page import operations
from service.locales.catalog import own_name
from service.locales.formatter import Formatter
from service.web.cache_policy import START_PAGE
from service.web.context import AppContext
from service.web.parameters import Parameters, Query, language
from service.web.rendering import Renderer, sheet
from service.web.responses import json_response
from service.web.schema_fields import ResponseSchema, link, many, sample, text
from service.web.views import Audience, Description, View


class Resource(ResponseSchema):
    url = text("A URI template (RFC 6570).")
    summary = text("What a response has.")


class Index(ResponseSchema):
    name = text("portal-widgets.")
    version = text("The version of this program.")
    documentation = link("The page to read and try the API.")
    openapi = link("Its OpenAPI document.")
    resources = many(Resource, "What there is.")
    sample = sample()


class ApiDocs:
    """Tells programmers what the views of an application have."""

    def __init__(self, context: AppContext, views: Iterable[View], renderer: Renderer) -> None:
        """Describe these views, which may become more until the first request."""
        self._context, self._views, self._renderer = context, views, renderer
        self._english = context.formatter("en")  # of what programs read
        self._documents: dict[str, Mapping[str, Any]] = {}  # by language

    def views(self) -> list[View]:
        """Return the declarations."""
        programs = Audience.PROGRAMS
        return [
            View(
                name="api.index",
                rule="/api/v1",
                respond=self._index,
                cache=START_PAGE,
                audience=programs,
                description=Description(summary="api.index", media={"application/json": Index}),
            ),
            View(
                name="api.openapi",
                rule="/api/v1/openapi.json",
                respond=self._openapi,
                cache=START_PAGE,
                audience=programs,
            ),
            View(
                name="api.docs",
                rule="/api/docs",
                respond=self._page,
                parameters=Parameters(lang=language(self._context.languages)),
                cache=START_PAGE,
            ),
        ]

    def document(self, formatter: Formatter) -> Mapping[str, Any]:
        """Return the OpenAPI document, with its sentences in a language."""
        made = self._documents.get(formatter.language)
        if made is None:
            made = self._documents[formatter.language] = self._make(formatter)
        return made

    def _make(self, formatter: Formatter) -> Mapping[str, Any]:
        from service.api_docs.openapi import document  # noqa: PLC0415 - apispec is loaded for nothing else

        examples = json.loads(files("service.api_docs").joinpath("examples.json").read_bytes())
        return document(
            self._views,
            version=version("portal-widgets"),
            server=self._context.base_url,
            examples=examples,
            text=formatter.text,
        )

    def _openapi(self, _query: Query) -> Response:
        return json_response(self.document(self._english))

    def _index(self, _query: Query) -> Response:
        from service.api_docs.openapi import path_of  # noqa: PLC0415 - likewise

        base_url = self._context.base_url
        resources = [
            {
                "url": f"{base_url}{path_of(view)}{_query_template(view)}",
                "summary": self._english.text(view.description.summary),
            }
            for view in self._views
            if view.description is not None
        ]
        return json_response(
            {
                "name": "portal-widgets",
                "version": version("portal-widgets"),
                "documentation": f"{base_url}/api/docs",
                "openapi": f"{base_url}/api/v1/openapi.json",
                "resources": resources,
                **self._context.sample,
            }
        )

    def _page(self, query: Query) -> Response:
        context, formatter = self._context, self._context.formatter(query["lang"])
        document = self.document(formatter)
        return self._renderer.page(
            "pages/api_docs.html",
            style=self._renderer.style(None, sheet("pages/page.css"), sheet("pages/api_docs.css")),
            scripts=["pages/api_docs.js"],
            connects=True,
            version=version("portal-widgets"),
            text=formatter.text,
            language=formatter.language,
            languages=[(tag, own_name(tag)) for tag in context.languages],
            about=document["info"]["description"].split("\n\n"),
            operations=operations(document),
            base=context.prefix,
            curl=context.base_url,
            home=f"{context.prefix}/",
            sample=formatter.text("demo") if context.settings.demo else "",
        )


def _query_template(view: View) -> str:
    names = ",".join(view.parameters.fields)
    return f"{{?{names}}}" if names else ""
