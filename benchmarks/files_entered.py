"""How many files of the service are entered on the four main ways: widget, JSON, weather pass, article pass.

`.venv/bin/python benchmarks/files_entered.py [--list]`. A file counts when a function in it is called between
the request and the bytes, or during the pass; what happens at import, in the demo's upstream and at a
process's first request does not. The fewer files, the less a newcomer has to read.
"""

import argparse
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import service
from service.app import create_app
from service.bootstrap import open_store
from service.bootstrap_collect import make_article_collector, make_weather_collector, with_demo
from service.collector.sandbox import CpuUsage
from service.settings.load import load

ROOT = Path(service.__file__).parent
BUDGETS = {"compact widget": 30, "JSON": 22, "article pass": 45, "weather pass": 26}

R = TypeVar("R")


class InThisProcess:
    """Runs what the collector gives to its sandbox, so that it is counted too."""

    def run(self, usage: CpuUsage, function: Callable[..., R], *args: object) -> R:
        usage.add(0.0)
        return function(*args)


def entered(call: Callable[[], object]) -> set[str]:
    """Return the files, relative to the package, with a function that is called meanwhile in any thread."""
    files: set[str] = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_name != "<module>" and code.co_filename.startswith(str(ROOT)):
            files.add(str(Path(code.co_filename).relative_to(ROOT)))

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type] # documented; the stubs do not know it
    return {file for file in files if not file.startswith("demo")}


def measured(folder: Path) -> dict[str, set[str]]:
    """Return the files of each way, over the demo's weather and articles."""
    environment = {
        "PORTAL_WIDGETS_STORE__URL": f"sqlite://{folder}/store.sqlite3",
        "PORTAL_WIDGETS_DEMO": "1",
    }
    settings = load(environment)
    with ExitStack() as resources:
        collecting = with_demo(settings, resources)
        weather = make_weather_collector(collecting, _no_wait)
        articles = make_article_collector(collecting, _no_wait, open_store(settings), InThisProcess())
        open_store(settings).last_write()  # which creates the file and its tables
        found = {"weather pass": entered(weather.run), "article pass": entered(articles.run)}
    for name, path in {"compact widget": "/widgets/weather/hue", "JSON": "/api/v1/weather/hue"}.items():
        app = create_app(settings, background=False)
        _answered(app.wsgi_app, path.replace("hue", "da-nang"))  # the store is opened, templates are compiled
        found[name] = entered(partial(_answered, app.wsgi_app, path))
    return found


def _no_wait(_: Any) -> bool:
    return False


def _answered(application: Any, path: str) -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": None,
        "wsgi.errors": sys.stderr,
    }
    statuses: list[str] = []
    body = b"".join(application(environ, lambda status, *_: statuses.append(status)))
    if statuses != ["200 OK"] or len(body) < 500:
        raise SystemExit(f"{path}: {statuses}, {len(body)} bytes; the pass before has kept nothing")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the counts, and return 1 where one is above its budget."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--list", action="store_true", help="print the files, too")
    wanted = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder))
    for name, budget in BUDGETS.items():
        print(f"{name:15}{len(found[name]):4} files (at most {budget})")
        if wanted.list:
            print("".join(f"    {file}\n" for file in sorted(found[name])), end="")
    return int(any(len(found[name]) > budget for name, budget in BUDGETS.items()))


if __name__ == "__main__":
    sys.exit(main())
