"""oEmbed 1.0 (https://oembed.com/): the iframe for the URL of a widget or an article.

The views' `embedding` decides which URLs can be embedded. Nothing is fetched.
"""

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Response
from werkzeug.datastructures import MultiDict

from service.web.cache_policy import SHORT
from service.web.context import AppContext
from service.web.heights import DEFAULT_WIDTH, WIDEST
from service.web.parameters import (
    EmbeddedUrl,
    ParameterError,
    Parameters,
    Query,
    Text,
    WholeNumber,
    described,
)
from service.web.responses import for_programs, json_response, problem, respond
from service.web.schema_fields import ResponseSchema, link, sample, text, whole
from service.web.views import SERVER, Audience, Description, View, Views

_MAX_PIXELS = 10_000
_FITS_ANYWHERE = 300  # pixels of width: what frames have that say nothing
_FORMAT = Text("json", values=("json", "xml"))


class RichEmbed(ResponseSchema):
    """Fields are those of oEmbed 1.0, type `rich`."""

    version = text("1.0, that of oEmbed.")
    type = text("rich.")
    title = text("What is embedded.")
    provider_name = text("portal-widgets.")
    provider_url = link("The start page of this service.")
    cache_age = whole("For how many seconds it may be kept.")
    width = whole("Of the frame, in pixels; at most `maxwidth`.")
    height = whole("Of the frame, in pixels; at most `maxheight`.")
    html = text("The frame, and a quoted link that WordPress wants beside it.")
    sample = sample()


class OEmbed:
    """The view `/oembed`, and the discovery links of embeddable pages."""

    def __init__(self, context: AppContext) -> None:
        """Start without views: `views` is set when all of them, this one included, are declared."""
        self._context = context
        self.views: Views | None = None

    def view(self) -> View:
        """Return the declaration."""
        return View(
            name="oembed",
            rule="/oembed",
            respond=self._respond,
            parameters=Parameters(
                url=described("The address of a widget or an article here.", EmbeddedUrl()),
                format=described("Another one is a 501, as oEmbed has it.", _FORMAT),
                maxwidth=described("The room there is, in pixels.", WholeNumber(1, _MAX_PIXELS, None)),
                maxheight=described("The most pixels of height.", WholeNumber(1, _MAX_PIXELS, None)),
            ),
            cache=SHORT,
            depends_on=frozenset({"article"}),  # for the frame's title
            audience=Audience.PROGRAMS,
            shows_faults=True,  # a format that is not there is one, whatever the other parameters
            description=Description(
                summary="api.oembed",
                media={"application/json": RichEmbed, "text/xml": None},
                not_found="api.oembed_not_found",
                errors={501: "api.oembed_format"},
                examples=[f"/oembed?url={SERVER}/widgets/weather/dong-ha&maxwidth=320"],
            ),
        )

    def discovery(self, address: str) -> list[tuple[str, str]]:
        """Return types and URLs for the `<link>` elements of our page with this path and query."""
        page = f"{self._context.base_url}{address}"
        return [
            (f"{kind}+oembed", f"{self._context.base_url}/oembed?format={form}&url={quote(page, safe=':/')}")
            for kind, form in (("application/json", "json"), ("text/xml", "xml"))
        ]

    def _respond(self, query: Query) -> Response:
        """Return a response of type `rich`; 404 for a URL of another site or view, 501 for another format."""
        sample = self._context.settings.demo
        if query["format"] not in {"json", "xml"}:
            return problem(501, "The format must be json or xml.", sample=sample)
        if query.faults:
            raise ParameterError(query.faults)
        rich = self._rich(query["url"], query["maxwidth"] or _MAX_PIXELS, query["maxheight"] or _MAX_PIXELS)
        if rich is None:
            return problem(404, "This address shows no widget and no article here.", sample=sample)
        return _xml(rich) if query["format"] == "xml" else json_response(rich)

    def _rich(self, url: str, max_width: int, max_height: int) -> dict[str, Any] | None:
        base_url = self._context.base_url
        path_and_args = _split(url, base_url)
        if path_and_args is None or self.views is None:
            return None
        path, args = path_and_args
        match = self.views.at(path)
        if match is None:
            return None
        view, values = match
        embedding = view.embedding
        if embedding is None:
            return None
        query = view.parameters.read(MultiDict(args))
        formatter = self._context.formatter(query["lang"])
        title = embedding.title(query, values, formatter)
        frame_title = embedding.frame_title(query, values, formatter)
        if query.faults or title is None or frame_title is None:
            return None
        address = f"{base_url}{path}" + (f"?{urlencode(args)}" if args else "")
        width = max_width if max_width < _MAX_PIXELS else DEFAULT_WIDTH
        width = min(width, WIDEST)
        height = min(embedding.height(query).at(width), max_height)
        # `maxwidth` is the room there is at most. WordPress removes styles, and its columns are narrower than
        # it says, on telephones above all: only a box for a narrow place has a width of its own.
        if _FITS_ANYWHERE < max_width < _MAX_PIXELS:
            frame = frame_html(address, frame_title, "100%", height, bounds=f"max-width:{width}px")
        else:
            frame = frame_html(address, frame_title, width, height, bounds="max-width:100%")
        # WordPress loads the script that hears heights and follows links only beside such a quote, which it
        # shows until the frame has told its height; every other reader of oEmbed keeps `hidden`.
        quote_of = f'<a href="{escape(address)}">{escape(title)}</a>'
        html = f'<blockquote class="wp-embedded-content" hidden>{quote_of}</blockquote>{frame}'
        return {
            "version": "1.0",
            "type": "rich",
            "title": title,
            "provider_name": "portal-widgets",
            "provider_url": f"{base_url}/",
            "cache_age": 3600,
            "width": width,
            "height": height,
            "html": html,
            **self._context.sample,
        }


def frame_html(address: str, title: str, width: int | str, height: int, *, bounds: str) -> str:
    """Return the `<iframe>` of a widget for other sites, as editors copy it and as oEmbed has it.

    Style sheets of sites set `height: auto` for frames, so the height stands in its style too, after `bounds`
    for the width; where a policy or a filter removes that, `width`, `height` and `frameborder` remain. Its
    `color-scheme` is that of the root of our pages: with another one browsers paint the ground of a frame
    that is transparent.
    """
    return (
        f'<iframe src="{escape(address)}" title="{escape(title)}" width="{width}" height="{height}" '
        'frameborder="0" loading="lazy" referrerpolicy="strict-origin-when-cross-origin" '
        f'style="display:block;{bounds};height:{height}px;border:0;color-scheme:light"></iframe>'
    )


def _split(url: str, base_url: str) -> tuple[str, dict[str, str]] | None:
    """Return path and parameters of a URL below `base_url`, by http or https; None for another site's."""
    try:
        parts, base = urlsplit(url), urlsplit(base_url)
        is_ours = (parts.hostname, parts.port) == (base.hostname, base.port)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not is_ours or not parts.path.startswith(f"{base.path}/"):
        return None
    # People also paste URLs with a slash at the end, which those of the pages do not have.
    path = "/" + unquote(parts.path.removeprefix(base.path)).strip("/")
    args: dict[str, str] = {}
    for name, value in parse_qsl(parts.query):
        args.setdefault(name, value)
    return path, args


def _xml(rich: Mapping[str, Any]) -> Response:
    root = Element("oembed")
    for name, value in rich.items():
        SubElement(root, name).text = str(value)
    body = tostring(root, encoding="utf-8", xml_declaration=True)
    return for_programs(respond(body, "text/xml; charset=utf-8"))
