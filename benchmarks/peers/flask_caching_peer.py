"""What most would build: a Flask view behind Flask-Caching."""

from answer import BODIES, HEADERS
from flask import Flask, Response
from flask_caching import Cache

app = Flask("peer")
cache = Cache(app, config={"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 900})


@app.get("/<path:path>")
@cache.cached()
def shown(path: str) -> Response:
    """Draw it; only ever once."""
    return Response(BODIES[f"/{path}"], headers=HEADERS[f"/{path}"])
