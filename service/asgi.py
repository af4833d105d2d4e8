"""The application for gunicorn's asgi worker: Flask in a bounded pool of threads."""

from typing import Any, cast

from a2wsgi import WSGIMiddleware

from service.app import create_app
from service.web.entrance import ascii_query

_THREADS = 8

_flask = WSGIMiddleware(cast("Any", create_app()), workers=_THREADS)  # Flask types the environ more narrowly


async def app(scope: Any, receive: Any, send: Any) -> None:
    """ASGI: http, and a refusal for everything else."""
    if scope["type"] == "http":  # the bridge takes a query of ASCII only
        scope = {**scope, "query_string": ascii_query(scope["query_string"])}
    await _flask(scope, receive, send)
