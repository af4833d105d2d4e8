"""The application for gunicorn's asgi worker: Flask in a bounded pool of threads."""

from typing import Any, cast

from a2wsgi import WSGIMiddleware

from service.app import create_app

_THREADS = 8

app = WSGIMiddleware(cast("Any", create_app()), workers=_THREADS)  # Flask types the environ more narrowly
