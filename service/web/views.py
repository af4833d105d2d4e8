"""A view is declared once: its route, parameters, caching, what it depends on, and how it is embedded.

From the declarations follow routing, validation, the cache key's list of parameters, oEmbed, the script for
`<portal-widget>` and the kinds of widget on the start page. A feature exports a function that returns its
views; `app.py` puts them together.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import parse_qsl, urlencode

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from service.http_cache import cache_tags
from service.http_cache.wsgi import ascii_query
from service.locales.formatter import Formatter
from service.web import responses
from service.web.cache_policy import CachePolicy
from service.web.parameters import LANGUAGE_OF_ERRORS, NO_PARAMETERS, ParameterError, Parameters, Query

PathValues = Mapping[str, str]

log = logging.getLogger(__name__)


class Audience(Enum):
    """Who reads the responses of a view, failures included."""

    READERS = auto()  # pages and sentences
    PROGRAMS = auto()  # JSON, and problems (RFC 9457)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """How a view looks in a frame on another page.

    Attributes:
        kind: its name as a widget (`type=` of `<portal-widget>` and of the start page); "" for a page that
            can be framed and is no widget.
        width: CSS pixels, where nobody asks for another width.
        height: CSS pixels for these parameters, known before anything loads.
        title: what the frame is called; None where the view shows nothing, such as for an unknown place.
    """

    kind: str = ""
    width: int
    height: Callable[[Query], int]
    title: Callable[[Query, PathValues, Formatter], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One address of the service.

    Attributes:
        name: unique; Flask's endpoint.
        rule: the path, as Flask writes it.
        respond: makes the response from the query and the values in the path.
        parameters: everything of the query that the response may depend on.
        cache: how long its responses stay true; None: as long as their data, and each states it by itself.
        depends_on: kinds of the store's keys that it reads (the part before the slash); anything else that
            it turns out to read is an error in the declaration, and the response is not kept.
        audience: who reads its responses.
        shows_faults: it says in its own response which parameters cannot be used; else that is an error page.
        embedding: how it is embedded; None: it is not.
    """

    name: str
    rule: str
    respond: Callable[..., Response]
    parameters: Parameters = NO_PARAMETERS
    cache: CachePolicy | None
    depends_on: frozenset[str] = frozenset()
    audience: Audience = Audience.READERS
    shows_faults: bool = False
    embedding: Embedding | None = None

    def __call__(self, **path: str) -> Response:
        """Answer the present request."""
        query = self.parameters.read(request.args)
        if query.faults and not self.shows_faults:
            raise ParameterError(query.faults)
        response = self.respond(query, **path)
        if self.cache is not None and "Cache-Control" not in response.headers:
            responses.apply(self.cache, response)
        if undeclared := {key.partition("/")[0] for key in cache_tags.recorded()} - self.depends_on:
            log.error("%s reads %s, which `depends_on` does not name", self.name, ", ".join(undeclared))
            cache_tags.do_not_store()
        return response


class Views:
    """All views of an application."""

    def __init__(self, app: Flask, views: Sequence[View]) -> None:
        """Route the views."""
        self._by_name = {view.name: view for view in views}
        for view in views:
            app.add_url_rule(view.rule, view.name, view)
        self._routes = app.url_map.bind("localhost")

    def __iter__(self) -> Iterator[View]:
        """Iterate over the views in the order of their declaration."""
        return iter(self._by_name.values())

    def __getitem__(self, name: str) -> View:
        """Return the view of this name."""
        return self._by_name[name]

    def at(self, path: str) -> tuple[View, PathValues] | None:
        """Return the view of a path (text), with the values in the path."""
        try:
            name, values = self._routes.match(path or "/")
        except HTTPException:
            return None
        return self._by_name[name], values

    def canonical_query(self, path: str, query: str) -> str:
        """Return what the view of this path (as WSGI has it) reads of this query, in one order.

        Two requests with the same result get the same response: the view is given nothing else. The first
        value of a parameter counts, as for `request.args.get`, unless the view reads all of them.
        """
        found = self.at(path.encode("latin-1").decode(errors="replace"))
        parameters = found[0].parameters if found else LANGUAGE_OF_ERRORS
        given: dict[str, list[str]] = {}
        if query:
            plain = ascii_query(query.encode("latin-1")).decode("ascii")
            for name, value in parse_qsl(plain, keep_blank_values=True, errors="werkzeug.url_quote"):
                if name in parameters.fields and (name not in given or parameters.repeated(name)):
                    given.setdefault(name, []).append(value)
        return urlencode(sorted(given.items()), doseq=True)

    def audience(self) -> Audience:
        """Return who is to read a failure of the present request, also where no view has its path."""
        if view := self._by_name.get(request.endpoint or ""):
            return view.audience
        beginning = request.path.split("/")[1]
        programs = {view.rule.split("/")[1] for view in self if view.audience is Audience.PROGRAMS}
        return Audience.PROGRAMS if beginning in programs else Audience.READERS
