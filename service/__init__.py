"""portal-widgets: weather and news for the side boxes of city portals.

Two halves share a store. `collector` asks the providers and keeps what they said; `web` reads it and
answers. `domain` has the nouns of both. docs/architecture.md is the map.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> "Flask":
    """The plain WSGI application, for `gunicorn "service:create_app()"`."""
    # Imported inside: gunicorn's master loads this file for its settings, and what the master has loaded a
    # HUP does not renew.
    from service.app import create_app as wired  # noqa: PLC0415

    return wired()
