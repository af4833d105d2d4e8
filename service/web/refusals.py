"""The response to a client that has too much waiting: 429 in the form of the route, and a line in the log.

It costs no rendering: each form is rendered once in each language, and then told which request it is for.
"""

import logging
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlencode

from flask import Flask, Response, request

from service.core.logs import cut_address, request_id
from service.http_cache.wsgi import Environ, PlainResponse, ascii_query, sanitised
from service.web import responses
from service.web.cache_policy import TOO_MANY
from service.web.error_handlers import MessagePages
from service.web.responses import problem
from service.web.views import Audience, Views
from service.web.widget_options import Layout, Theme

_STATUS = 429
_ID = "429-429-429-429-"  # stands in a problem for the id of the request; as long as one of ours
_MAX_QUERY = 500  # characters of a query that are looked at
_INTERVAL = 60.0  # seconds between two lines of the log

log = logging.getLogger(__name__)


class Refusals:
    """Makes the responses; called from one thread."""

    def __init__(  # noqa: PLR0913 - what it is made of
        self,
        app: Flask,
        views: Views,
        pages: MessagePages,
        clock: Callable[[], float],
        *,
        sample: bool,
        cuts: bool,
    ) -> None:
        """Log by this clock, in seconds; `cuts` leaves of each address its network alone."""
        self._app, self._views, self._pages, self._clock = app, views, pages, clock
        self._sample, self._cuts = sample, cuts
        self._allowed = {
            "lang": frozenset(pages.languages),
            "layout": frozenset(layout.value for layout in Layout),
            "theme": frozenset(theme.value for theme in Theme),
        }
        self._made: dict[tuple[object, str], PlainResponse] = {}
        self._count, self._logged_at = 0, float("-inf")

    def __call__(self, environ: Environ, address: str) -> PlainResponse:
        """Return status, headers and body of the response to this request, which came from this address."""
        self._tell(address)
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        match = self._views.at(path)
        view = match[0] if match else None
        query = self._look(environ.get("QUERY_STRING", ""))
        form = view.name if view and view.refusal else self._views.audience_of(view, path)
        made = self._made.get((form, query))
        if made is None:
            made = self._made[form, query] = self._make(environ, form, query)
        status, headers, body = made
        return status, headers, body.replace(_ID.encode(), request_id.get().encode())

    def _tell(self, address: str) -> None:
        self._count += 1
        now = self._clock()
        if self._logged_at <= now < self._logged_at + _INTERVAL:
            return
        shown = (cut_address(address) if self._cuts else address) or "a Unix socket"
        log.warning(
            "429 to %s, which has more requests waiting to be rendered than the limit per address; "
            "%d were refused since the last such line",
            shown, self._count,
        )  # fmt: skip
        self._count, self._logged_at = 0, now

    def _look(self, query: str) -> str:
        """Return the part of a query that the form depends on."""
        given = dict(parse_qsl(ascii_query(query[:_MAX_QUERY].encode("latin-1")).decode("ascii")))
        return urlencode(
            [(name, given[name]) for name, values in self._allowed.items() if given.get(name) in values]
        )

    def _make(self, environ: Mapping[str, object], form: object, query: str) -> PlainResponse:
        plain = sanitised({**environ, "QUERY_STRING": query, "REQUEST_METHOD": "GET"})
        token = request_id.set(_ID)
        try:
            with self._app.request_context(plain):
                response = self._response(form)
                responses.apply(TOO_MANY, response)
        finally:
            request_id.reset(token)
        return response.status, list(response.headers.items()), response.get_data()

    def _response(self, form: object) -> Response:
        if isinstance(form, str):
            view = self._views[form]
            if view.refusal is not None:
                return view.refusal(view.parameters.read(request.args))
        if form is Audience.PROGRAMS:
            return problem(
                _STATUS,
                "Too many requests from your address are waiting. Try again later.",
                sample=self._sample,
            )
        text = self._pages.formatter().text
        return self._pages.page(_STATUS, [text("error.too_many")], title="error.title_server")
