"""The declaration of a view: its route, parameters, cache policy, dependencies and embedding.

Routing, validation, the parameters in the cache key, oEmbed, the script for `<portal-widget>` and the kinds
of widgets on the start page are derived from the declarations. Each feature has a function that returns its
views; `app.py` combines them.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode

from flask import Flask, Response, request
from marshmallow import Schema
from werkzeug.exceptions import HTTPException

from service.http_cache import cache_tags
from service.http_cache.wsgi import ascii_query
from service.locales.formatter import Formatter
from service.web import responses
from service.web.cache_policy import CachePolicy
from service.web.heights import Height
from service.web.parameters import LANGUAGE_OF_ERRORS, NO_PARAMETERS, ParameterError, Parameters, Query

PathValues = Mapping[str, str]

OTHER = "other"
_MEMO_SIZE, _MEMO_MAX_LENGTH = 1_000, 200  # paths, and characters of each
METHODS = "GET, HEAD, OPTIONS"  # of every view

log = logging.getLogger(__name__)


class Audience(Enum):
    """Who reads the responses of a view, failures included."""

    READERS = auto()  # pages
    PROGRAMS = auto()  # JSON and feeds, and problems (RFC 9457)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """How other sites embed a view in a frame.

    Attributes:
        kind: the kind of widget (`type=` of `<portal-widget>` and of the start page); "" for a page that can
            be framed but is no widget.
        height: returns the heights for these parameters, by width.
        title: returns the title of what is embedded; None if there is nothing, as for an unknown place.
        title_with_select: returns the title of a frame in which readers may choose another place, which names
            none; None where they may not.
    """

    kind: str = ""
    height: Callable[[Query], Height]
    title: Callable[[Query, PathValues, Formatter], str | None]
    title_with_select: Callable[[Query, Formatter], str | None] = lambda _query, _formatter: None

    def frame_title(self, query: Query, path: PathValues, formatter: Formatter) -> str | None:
        """Return the title of an `<iframe>`, which stays the same whatever it shows later."""
        title = self.title(query, path, formatter)
        return title and (self.title_with_select(query, formatter) or title)


SERVER = "{server}"  # in the examples of a description


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What programmers are told of a view, in OpenAPI and on the page of the API.

    Its sentences are keys of the catalogs.

    Attributes:
        summary: what a response has.
        media: the types of a response with status 200, each with the description of its JSON if it is that.
        path: what the values in the path are.
        not_found: when the status is 404; empty: never.
        errors: when other statuses are, that only this view has.
        examples: requests, whose recorded responses are shown; the first one is. `SERVER` is where the
            service is.
        has_pages: a response names the next page in its header `Link`.
    """

    summary: str
    media: Mapping[str, type[Schema] | None]
    path: Mapping[str, str] = field(default_factory=dict)
    not_found: str = ""
    errors: Mapping[int, str] = field(default_factory=dict)
    examples: Sequence[str] = ()
    has_pages: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One route of the service.

    Attributes:
        name: unique; Flask's endpoint.
        rule: the path, in Flask's syntax.
        respond: makes the response from the query and the values in the path.
        parameters: all parameters that the response may depend on.
        cache: the policy of its responses; None: each response sets one that depends on its data.
        depends_on: kinds of the store's keys that it reads (the part before the slash). A response for which
            another kind was read is not stored in the cache, and the error is logged.
        audience: who reads its responses.
        sees_client: its responses depend on who requests them, so none is stored in the cache.
        shows_faults: its own response reports invalid parameters; otherwise an error response does.
        embedding: None if the view cannot be embedded.
        description: None for what is not for programmers.
        cross_origin: scripts of other sites may read its responses, as they may those for programs.
        refusal: makes the response to a client that asks for too much from the valid parameters; None: it is
            that of the audience.
    """

    name: str
    rule: str
    respond: Callable[..., Response]
    parameters: Parameters = NO_PARAMETERS
    cache: CachePolicy | None
    depends_on: frozenset[str] = frozenset()
    audience: Audience = Audience.READERS
    sees_client: bool = False
    shows_faults: bool = False
    embedding: Embedding | None = None
    description: Description | None = None
    cross_origin: bool = False
    refusal: Callable[[Query], Response] | None = None

    def __call__(self, **path: str) -> Response:
        """Return the response to the current request."""
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
        """Add the views to the application's routes."""
        self._by_name = {view.name: view for view in views}
        for view in views:
            app.add_url_rule(view.rule, view.name, view)
        self._routes = app.url_map.bind("localhost")
        self._known = lru_cache(_MEMO_SIZE)(self._match)  # made-up queries have few paths
        app.before_request(self._answer_options)

    def _answer_options(self) -> Response | None:
        """Answer OPTIONS, with which browsers ask before the requests of other sites' scripts."""
        match = self.at(request.path) if request.method == "OPTIONS" else None
        if match is None:
            return None
        view = match[0]
        return responses.options(
            METHODS, cross_origin=view.cross_origin or view.audience is Audience.PROGRAMS
        )

    def __iter__(self) -> Iterator[View]:
        """Iterate over the views in the order of their declaration."""
        return iter(self._by_name.values())

    def __getitem__(self, name: str) -> View:
        """Return the view of this name."""
        return self._by_name[name]

    def at(self, path: str) -> tuple[View, PathValues] | None:
        """Return the view of a decoded path, with the values in the path; None if there is none."""
        return self._known(path) if len(path) <= _MEMO_MAX_LENGTH else self._match(path)

    def _match(self, path: str) -> tuple[View, PathValues] | None:
        try:
            name, values = self._routes.match(path or "/")
        except HTTPException:
            return None
        return self._by_name[name], MappingProxyType(values)

    def canonical_query(self, path: str, query: str) -> str | None:
        """Return the part of the query that the view of this path reads, sorted; path as in PATH_INFO.

        None for a view that sees more of the request.

        Two requests with the same path and result get the same response, for the view sees nothing else. The
        first value of a parameter counts, as for `request.args.get`, unless the view reads all of them.
        """
        match = self.at(path.encode("latin-1").decode(errors="replace"))
        if match and match[0].sees_client:
            return None
        parameters = match[0].parameters if match else LANGUAGE_OF_ERRORS
        given: dict[str, list[str]] = {}
        if query:
            ascii_only = ascii_query(query.encode("latin-1")).decode("ascii")
            for name, value in parse_qsl(ascii_only, keep_blank_values=True, errors="werkzeug.url_quote"):
                if name in parameters.fields and (name not in given or parameters.repeated(name)):
                    given.setdefault(name, []).append(value)
        return urlencode(sorted(given.items()), doseq=True)

    def route_of(self, path: str) -> str:
        """Return the rule of the view of this path, for counting: `OTHER` for all paths without one."""
        match = self.at(path.encode("latin-1").decode(errors="replace"))
        return match[0].rule if match else OTHER

    def audience(self) -> Audience:
        """Return the audience of the current request; for a path without a view, by its first segment."""
        return self.audience_of(self._by_name.get(request.endpoint or ""), request.path)

    def audience_of(self, view: View | None, path: str) -> Audience:
        """Return the audience of a view, or where there is none that of a path by its first segment."""
        if view is not None:
            return view.audience
        first_segment = path.partition("/")[2].partition("/")[0]
        for_programs = {view.rule.split("/")[1] for view in self if view.audience is Audience.PROGRAMS}
        return Audience.PROGRAMS if first_segment in for_programs else Audience.READERS
