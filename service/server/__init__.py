"""How gunicorn runs the service: the worker class, and the entry point of `portal-widgets serve`."""
