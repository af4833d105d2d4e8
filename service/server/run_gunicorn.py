"""The program that `portal-widgets serve` becomes: gunicorn, with its usual command line.

gunicorn puts the working directory first on `sys.path`. A `service` package or a `queue.py` in the directory
where the service happens to be started would then be imported instead.
"""

import os

from gunicorn.app.wsgiapp import WSGIApplication


class Application(WSGIApplication):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's application, without imports from the working directory."""

    def chdir(self) -> None:
        """Change to the configured directory; gunicorn's own method also adds it to `sys.path`."""
        os.chdir(self.cfg.chdir)


def main() -> None:
    """Read the command line, and serve until stopped."""
    Application("%(prog)s [OPTIONS] [APP_MODULE]", prog="gunicorn").run()


if __name__ == "__main__":
    main()
