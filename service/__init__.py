"""portal-widgets: weather and news for the side boxes of city portals.

Two halves share a store: one collects weather and articles, the other serves them. See docs/architecture.md.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> "Flask":
    """Return the plain WSGI application, for `gunicorn "service:create_app()"`."""
    # Imported here: gunicorn's master imports this package for its settings, and a HUP does not reload what
    # the master has imported.
    from service.app import create_app as wired  # noqa: PLC0415

    return wired()
