"""No test, and nothing that a page is held against, may depend on the day on which it is run.

A test gives a clock to what it tests. A service that runs as a process of its own has the real clock. The
files that start one, or play an upstream for one, are named below; they assert nothing that another hour,
season or weekday makes false.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = sorted([*ROOT.glob("tests/**/*.py"), *ROOT.glob("docs/*.py")])
READS = {
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
}
OF_THE_DAY = {"utc_now", "--demo"}  # our own clock, and the demo, whose weather and news are those of the day
ALLOWED = {
    "tests/cli/test_commands.py": "plays the providers for commands, whose clock is the real one",
    "tests/cli/test_discover.py": "plays a portal for commands",
    "tests/cli/test_refused_store.py": "names the demo in a command that refuses to start",
    "tests/http_cache/test_concurrent_requests.py": "real time passes while threads send requests",
    "tests/random_requests.py": "stores what a running service reads",
    "tests/flows/test_no_secret_leaves.py": "plays providers and portals for collectors with the real clock",
    "tests/running_service.py": "plays a provider for a running service",
    "tests/serving/test_commands_that_serve.py": "runs the demo, and looks at its marks alone",
    "tests/serving/test_nginx_in_front.py": "stores hours that a running service shows",
    "tests/serving/test_installed_wheel.py": "runs the demo, and looks whether all its parts are there",
    "tests/drills/drill_damaged_store.py": "runs the demo, and harms its store",
}


MAY_LOOK = re.compile(
    "|".join([*(rf"\.{name}\b" for name in {name for _, name in READS}), *map(re.escape, OF_THE_DAY)])
)


def _looks(module: str) -> Iterator[str]:
    """Whatever in a module reads the real clock, or names what does."""
    if not MAY_LOOK.search(module):
        return
    for node in ast.walk(ast.parse(module)):
        match node:
            case (
                ast.Attribute(value=ast.Name(id=owner), attr=name)
                | ast.Attribute(value=ast.Attribute(attr=owner), attr=name)
            ) if (owner, name) in READS:
                yield f"{owner}.{name}"
            case ast.Name(id=name) | ast.Constant(value=str(name)) if name in OF_THE_DAY:
                yield name


def test_only_those_named_here_look_at_the_real_clock() -> None:
    here = Path(__file__)
    found = {
        str(file.relative_to(ROOT)): looks
        for file in FILES
        if file != here and (looks := set(_looks(file.read_text(encoding="utf-8"))))
    }
    assert found.keys() == ALLOWED.keys(), f"give these a clock, such as stored_weather.NOW: {found}"


def test_every_way_to_look_is_found() -> None:
    told = "import datetime as d\nd.datetime.now()\ndate.today\ntime.time()\nclock = utc_now\nrun('--demo')\n"
    assert set(_looks(told)) == {"datetime.now", "date.today", "time.time", *OF_THE_DAY}
