"""A long command tells what it is doing: in one line of a terminal, or in plain lines of a log."""

import io
import logging
import threading

import pytest

from service.core.progress import Progress


class Screen(io.StringIO):
    """A terminal that remembers what was written, and says when something is in it."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self.told = threading.Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if " s" in text:
            self.told.set()
        return super().write(text)

    def clock(self) -> float:
        return self.seconds

    @property
    def line(self) -> str:
        """The last line, as one sees it."""
        return self.getvalue().rpartition("\n")[2].rpartition("\r\x1b[K")[2]


def test_a_log_has_a_line_for_each_message_and_no_control_characters() -> None:
    log = io.StringIO()
    progress = Progress(log)
    progress.show("asking open-meteo")
    with progress.lasting("reading store.sqlite3", lambda: "3 requests"):
        pass
    progress.clear()
    assert log.getvalue() == "asking open-meteo\nreading store.sqlite3\n"


def test_a_terminal_has_one_line_and_nothing_of_it_in_the_end() -> None:
    screen = Screen()
    progress = Progress(screen)
    progress.show("asking open-meteo")
    progress.show("asking met-norway")
    assert screen.line == "asking met-norway"
    progress.clear()
    assert screen.line == ""
    assert "\n" not in screen.getvalue()


def test_what_lasts_tells_for_how_long_and_what_came_of_it() -> None:
    screen = Screen()
    with Progress(screen, clock=screen.clock, every=0.001).lasting("reading", lambda: "3 requests"):
        screen.seconds = 41.7
        assert screen.told.wait(10)
        screen.told.clear()
        assert screen.told.wait(10)  # the one before may have been begun at 0
    assert "reading: 3 requests, 42 s" in screen.getvalue()
    assert screen.line == ""


def test_a_fault_ends_the_line_too() -> None:
    screen = Screen()
    with pytest.raises(OSError, match="disk"), Progress(screen).lasting("reading"):
        raise OSError("disk")
    assert screen.line == ""


def test_a_longer_message_than_the_terminal_is_wide_stays_in_its_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    screen = Screen()
    Progress(screen).show("x" * 100)
    assert screen.line == "x" * 19


@pytest.mark.parametrize(("items", "lines"), [(0, 0), (1, 1), (9, 9), (10, 10), (11, 6), (400, 10)])
def test_a_log_has_few_lines_about_many_items_and_a_terminal_all(items: int, lines: int) -> None:
    log, screen = io.StringIO(), Screen()
    assert list(Progress(log).counted("round", range(items))) == list(range(items))
    assert log.getvalue().count("\n") == lines
    list(Progress(screen).counted("round", range(items)))
    assert screen.getvalue().count("round") == items
    assert screen.line == ""


def test_a_record_of_the_log_gets_a_line_of_its_own() -> None:
    screen = Screen()
    handler, root = logging.StreamHandler(screen), logging.getLogger()
    root.addHandler(handler)
    try:
        progress = Progress(screen)
        with progress.among_logs():
            progress.show("collecting")
            logging.getLogger("anything").warning("a record")
    finally:
        root.removeHandler(handler)
    assert screen.getvalue().endswith("\r\x1b[Ka record\n")
