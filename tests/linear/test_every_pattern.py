"""Every regular expression takes time linear in its text, whatever a source or a client sends.

One that does not would stop its whole process: `re` holds the GIL while it searches.
"""

import pytest
from pattern_finder import hidden, patterns, unfound
from pattern_runner import slow_patterns

SLOW = [r"\s*x$", r"(?:a+)+b", r"<a[^>]*>"]  # each in its own way

pytestmark = pytest.mark.uncounted


def test_every_pattern_is_linear() -> None:
    assert slow_patterns([one.name for one in patterns()]) == {}


def test_no_pattern_is_hidden() -> None:
    assert hidden() == []
    assert unfound() == []


def test_patterns_that_are_not_linear_are_found_out() -> None:
    assert list(slow_patterns(SLOW, "--these")) == SLOW
