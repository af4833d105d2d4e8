"""Which parameters the view of a path reads: a made-up one makes no other answer.

The edge hands a view the canonical query and nothing else, so what is missing here does not work at all; it
never makes one reader's answer another's.
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

from service.web.middleware import ascii_query
from service.web.oembed import FRAMED

_EVERY_PAGE = frozenset({"lang"})  # the language of a failure, too
_OF_ARTICLES = frozenset({"source", "limit", "lang"})
_READ: Mapping[str, frozenset[str]] = {
    "pages.start": FRAMED | {"type", "ui", "q", "portal_url"},
    "pages.status": FRAMED,
    "widgets.chosen": FRAMED,
    "widgets.weather": FRAMED,
    "widgets.picture": FRAMED,
    "article_widgets.articles": FRAMED,
    "article_widgets.portal": FRAMED,
    "article_pages.article": FRAMED,
    "article_pages.original": _EVERY_PAGE,
    "article_pages.picture": _EVERY_PAGE,
    "api.cities": frozenset({"q", "limit", "lang"}),
    "api.city": frozenset({"lang", "units"}),
    "api.weather": frozenset({"lang", "units"}),
    "api.several": frozenset({"lang", "units", "cities"}),
    "article_api.listed": _OF_ARTICLES | {"q", "cursor"},
    "article_api.one": frozenset(),
    "feeds.feed": _OF_ARTICLES,
    "oembed.answer": frozenset({"url", "format", "maxwidth", "maxheight"}),
    "embed.embed_js": frozenset(),
    "ops.healthz": frozenset(),
    "ops.readyz": frozenset(),
    "ops.robots": frozenset(),
    "ops.favicon": frozenset(),
}
_REPEATED = frozenset({("pages.start", "source")})  # a form without script sends each tick by itself


class Queries:
    """Canonical queries of the paths of an application."""

    def __init__(self, routes: Map) -> None:
        """Take its routes."""
        self._routes = routes.bind("localhost")

    def canonical(self, path: str, query: str) -> str:
        """What the view of this path (as WSGI has it) reads of this query, in one order.

        The first value of a parameter counts, as for `request.args.get`; where a view reads a list, all do.
        """
        endpoint = self._endpoint(path)
        known = _READ.get(endpoint, _EVERY_PAGE)
        given: dict[str, list[str]] = {}
        if query:
            plain = ascii_query(query.encode("latin-1")).decode("ascii")
            for name, value in parse_qsl(plain, keep_blank_values=True, errors="werkzeug.url_quote"):
                if name in known and (name not in given or (endpoint, name) in _REPEATED):
                    given.setdefault(name, []).append(value)
        return urlencode(sorted(given.items()), doseq=True)

    def _endpoint(self, path: str) -> str:
        try:
            endpoint, _ = self._routes.match(path.encode("latin-1").decode(errors="replace") or "/")
        except HTTPException:
            return ""
        return str(endpoint)
