"""Every regular expression takes time in proportion to its text, whatever a stranger writes.

One that does not stops the process that runs it: no other thread gets a turn while it searches.
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
    """Of the patterns with these names, those that the kernel put an end to, and over which text."""
    slow: dict[str, str] = {}
    left = list(names)
    while left:
        child = subprocess.run(
            [sys.executable, RUNNER, *arguments, *left], stdout=subprocess.PIPE, text=True, check=False
        )
        said = [json.loads(line) for line in child.stdout.splitlines()]
        begun = [one["pattern"] for one in said if "pattern" in one]
        assert begun, "the child could not begin"
        if "done" in said[-1]:
            break
        slow[begun[-1]] = str(said[-1])
        left = left[left.index(begun[-1]) + 1 :]
    return slow


def test_every_pattern_is_linear() -> None:
    assert slow_ones([one.name for one in patterns()]) == {}


def test_no_pattern_is_hidden() -> None:
    assert hidden() == []
    assert unfound() == []


def test_patterns_that_are_not_linear_are_found_out() -> None:
    assert list(slow_ones(SLOW, "--these")) == SLOW
