"""The ASGI application: cached responses are sent from the event loop, Flask runs in threads."""

from io import BytesIO
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi import build_environ

from service.app import create_app
from service.http_cache.asgi import asgi_application
from service.http_cache.wsgi import ascii_query, origin_form

_THREADS = 8

_flask = create_app()
_bridge = WSGIMiddleware(cast("Any", _flask), workers=_THREADS)  # Flask types the environ more narrowly


def _normalised(scope: Any) -> Any:
    """Return the scope with its query in ASCII, as a2wsgi needs it, and its path in origin form.

    Names with an underscore are left out, as gunicorn does: WSGI could not tell `X_Forwarded_For`, which
    proxies pass on, from the header that they write.
    """
    query, path = ascii_query(scope["query_string"]), origin_form(scope["path"])
    headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    return {**scope, "query_string": query, "path": path, "headers": headers}


def _environ_of(scope: Any) -> Any:
    """Return the WSGI environ of a GET or HEAD request, whose body is not read."""
    return build_environ(_normalised(scope), cast("Any", BytesIO()))


async def _fallback(scope: Any, receive: Any, send: Any) -> None:
    """Handle all other methods; a2wsgi itself rejects scopes other than HTTP."""
    await _bridge(_normalised(scope) if scope["type"] == "http" else scope, receive, send)


app = asgi_application(_flask.extensions["http_cache"], _environ_of, _bridge.executor, _fallback)
if "access_log" in _flask.extensions:
    app = _flask.extensions["access_log"].asgi(app)
