"""The application for any ASGI server: the edge in the event loop, Flask in a few threads."""

from io import BytesIO
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi import build_environ

from service.app import create_app
from service.http_cache.asgi import in_the_loop
from service.web.middleware import ascii_query, origin_form

_THREADS = 8

_flask = create_app()
_bridge = WSGIMiddleware(cast("Any", _flask), workers=_THREADS)  # Flask types the environ more narrowly


def _as_wsgi_has_it(scope: Any) -> Any:
    """The scope with a path and a query that the bridge takes: it wants ASCII."""
    query, path = ascii_query(scope["query_string"]), origin_form(scope["path"])
    return {**scope, "query_string": query, "path": path}


def _environ_of(scope: Any) -> Any:
    """Of a request whose body nobody reads."""
    return build_environ(_as_wsgi_has_it(scope), cast("Any", BytesIO()))


async def _behind(scope: Any, receive: Any, send: Any) -> None:
    """Methods with a body; and a refusal for what is no http."""
    await _bridge(_as_wsgi_has_it(scope) if scope["type"] == "http" else scope, receive, send)


app = in_the_loop(_flask.extensions["http_cache"], _environ_of, _bridge.executor, _behind)
