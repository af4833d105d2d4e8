"""Every regular expression takes time linear in its text, whatever a source or a client sends.

One that does not would stop its whole process: `re` holds the GIL while it searches.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pattern_finder import hidden, patterns, unfound

RUNNER = Path(__file__).parents[1] / "pattern_runner.py"
SLOW = [r"\s*x$", r"(?:a+)+b", r"<a[^>]*>"]  # each in its own way

pytestmark = pytest.mark.uncounted


def slow_ones(names: list[str], *arguments: str) -> dict[str, str]:
    """Return the patterns that the kernel ended for their CPU time, and the texts that they searched."""
    slow: dict[str, str] = {}
    left = list(names)
    while left:
        child = subprocess.run(
            [sys.executable, RUNNER, *arguments, *left], stdout=subprocess.PIPE, text=True, check=False
        )
        events = [json.loads(line) for line in child.stdout.splitlines()]
        begun = [one["pattern"] for one in events if "pattern" in one]
        assert begun, "the child could not begin"
        if "done" in events[-1]:
            break
        slow[begun[-1]] = str(events[-1])
        left = left[left.index(begun[-1]) + 1 :]
    return slow


def test_every_pattern_is_linear() -> None:
    assert slow_ones([one.name for one in patterns()]) == {}


def test_no_pattern_is_hidden() -> None:
    assert hidden() == []
    assert unfound() == []


def test_patterns_that_are_not_linear_are_found_out() -> None:
    assert list(slow_ones(SLOW, "--these")) == SLOW
