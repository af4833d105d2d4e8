"""The application for gunicorn's asgi worker: the edge in the event loop, Flask in a few threads."""

from typing import Any, cast

from a2wsgi import WSGIMiddleware

from service.app import create_app
from service.edge.asgi import in_front_of
from service.web.entrance import ascii_query, origin_form
from service.worker import take_ready_headers

_THREADS = 8

_flask = create_app()
_threads = WSGIMiddleware(cast("Any", _flask), workers=_THREADS)  # Flask types the environ more narrowly


async def _behind(scope: Any, receive: Any, send: Any) -> None:
    """ASGI: http, and a refusal for everything else."""
    if scope["type"] == "http":  # the bridge takes a query of ASCII only
        query, path = ascii_query(scope["query_string"]), origin_form(scope["path"])
        scope = {**scope, "query_string": query, "path": path}
    await _threads(scope, receive, send)


take_ready_headers()
app = in_front_of(_behind, _flask.extensions["edge"])
