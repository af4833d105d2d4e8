"""What every test may use, and the rule that on the project's own machine nothing is skipped."""

import fcntl
import gc
import re
import sys
import threading
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import settings
from local_upstream import LocalUpstream
from web_site import NOW, Site, an_hourly_forecast

# The suite is the same for everybody and every time; `--hypothesis-profile=search` goes on searching.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=1_000, deadline=None)
settings.load_profile("same")


@pytest.fixture
def upstream() -> Iterator[LocalUpstream]:
    """A local upstream that is already listening."""
    with LocalUpstream() as server:
        yield server


@pytest.fixture(scope="session")
def long_lived(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Made once: the index of the places takes longer than most tests."""
    return Site.in_folder(tmp_path_factory.mktemp("site"))


@pytest.fixture
def site(long_lived: Site) -> Site:
    """Đông Hà and Huế have fresh weather, everything else has none."""
    long_lived.now, long_lived.fault = NOW, None
    long_lived.store.delete(long_lived.store.keys(""))
    long_lived.keep("dong-ha", "hue", hourly=an_hourly_forecast())
    return long_lived


# A module that imports one of these starts a browser or child processes.
_STARTS_PROCESSES = re.compile(
    r"^\s*(?:from|import) (?:subprocess|multiprocessing|playwright|real_browser|commands|running_service"
    r"|changed_tree|document_runner|pattern_runner|raw_connections|service\.collector\.sandbox)\b",
    re.MULTILINE,
)


@lru_cache(None)
def starts_processes(module: Path) -> bool:
    """Whether a test module, or the conftest beside it, starts processes: `--fast` leaves it out."""
    texts = [file.read_text("utf-8") for file in (module, module.with_name("conftest.py")) if file.is_file()]
    if module.parent == Path(__file__).parent:
        texts = texts[:1]
    return any(_STARTS_PROCESSES.search(text) for text in texts)


@contextmanager
def uncounted() -> Iterator[None]:
    """Count no lines meanwhile.

    Not by pytest-cov's `no_cover`: in a process of pytest-xdist it counts twice and stops only one of both.
    """
    counting, in_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)  # type: ignore[arg-type] # which is how it is ended
    try:
        yield
    finally:
        sys.settrace(counting)
        threading.settrace(in_threads)  # type: ignore[arg-type]


# With what they import these are all modules that are imported in a process of the tests.
_COUNTED_AT_IMPORT = (
    "service.app",
    "service.bootstrap_collect",
    "service.check",
    "service.discover",
    "service.gunicorn",
    "service.http_cache.asgi",
    "service.server.worker",
    "service.why",
)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect one process after the other: what the first has compiled, the others only read.

    Collecting makes a million objects, none of them garbage, and runs no line of the service but imports.
    """
    with Path(__file__).open(encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if sys.gettrace() is not None:
            for name in _COUNTED_AT_IMPORT:
                import_module(name)
        gc.disable()
        try:
            with uncounted():
                return (yield)
        finally:
            gc.freeze()
            gc.enable()


_CASES_COUNTED = 5  # of a test with many


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    cases = Counter[str]()
    for item in items:
        if starts_processes(item.path):
            item.add_marker("slow")
        cases[test := item.nodeid.partition("[")[0]] += 1
        by_hypothesis = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if by_hypothesis or "/browser/" in str(item.path) or cases[test] > _CASES_COUNTED:
            item.add_marker("uncounted")


def pytest_configure(config: pytest.Config) -> None:
    """Count no lines in the process that hands the tests out to others."""
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Count no lines where the same ones run a hundred times: counting takes four times as long."""
    if item.get_closest_marker("uncounted") is None:
        return (yield)
    with uncounted():
        return (yield)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-skips", action="store_true", help="fail when a test was skipped, and say which and why"
    )


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not session.config.getoption("--no-skips"):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    for report in skipped:
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        reporter.write_line(f"not to be skipped: {report.nodeid} ({why})")
    if skipped:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
