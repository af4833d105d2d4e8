"""The program that `portal-widgets serve` becomes: gunicorn, with its usual command line.

gunicorn puts the working directory first on the path that modules are found on. A `service` package or a
`queue.py` that lies where the service happens to be started would then be imported in the place of our own.
"""

import os

from gunicorn.app.wsgiapp import WSGIApplication


class Application(WSGIApplication):  # type: ignore[misc] # gunicorn tells no types
    """gunicorn's own, which imports nothing from the working directory."""

    def chdir(self) -> None:
        """Go to the directory that is configured; gunicorn's own method also adds it to `sys.path`."""
        os.chdir(self.cfg.chdir)


def main() -> None:
    """Read the command line, and serve until told to end."""
    Application("%(prog)s [OPTIONS] [APP_MODULE]", prog="gunicorn").run()


if __name__ == "__main__":
    main()
