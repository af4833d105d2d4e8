"""portal-widgets: weather and news boxes for city portals.

One half of the service collects weather and articles into a store, the other half serves them from it. See
docs/architecture.md.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> "Flask":
    """Return the WSGI application, for `gunicorn "service:create_app()"`."""
    # Imported here: gunicorn's master imports this package for its settings, and a HUP does not reload what
    # the master has imported.
    from service.app import create_app as create  # noqa: PLC0415

    return create()
