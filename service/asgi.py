"""The ASGI application: cached responses are sent from the event loop, Flask runs in a thread."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi import build_environ

from service.app import create_app
from service.core.clients import TrustedProxies
from service.http_cache.asgi import THREADS, asgi_application
from service.http_cache.wsgi import ascii_query, origin_form
from service.server.worker import TOLD
from service.settings.model import Settings

_flask = create_app()
_settings: Settings = _flask.extensions["settings"]
_bridge = WSGIMiddleware(cast("Any", _flask), workers=1)  # Flask types the environ more narrowly


def _normalised(scope: Any) -> Any:
    """Return the scope with its query in ASCII, as a2wsgi needs it, and its path in origin form.

    Names with an underscore are left out, as gunicorn does: WSGI could not tell `X_Forwarded_For`, which
    proxies pass on, from the header that they write.
    """
    query, path = ascii_query(scope["query_string"]), origin_form(scope["path"])
    headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    return {**scope, "query_string": query, "path": path, "headers": headers}


def _environ_of(scope: Any) -> Any:
    """Return the WSGI environ of a request, whose body no view reads."""
    return build_environ(_normalised(scope), cast("Any", BytesIO()))


app = asgi_application(
    _flask.extensions["http_cache"],
    _environ_of,
    ThreadPoolExecutor(THREADS, "WSGI"),
    cast("Any", _bridge),  # starts and ends it; a request never gets there
    TrustedProxies(_settings.limits.trusted_proxies),
    TOLD,
)
if "access_log" in _flask.extensions:
    app = _flask.extensions["access_log"].asgi(app)
