"""No document of a megabyte costs its parser more than five seconds of CPU: it is parsed or refused.

The sandbox would end the parsing as well, but not on platforms without its limits.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_documents import documents

RUNNER = Path(__file__).parents[1] / "document_runner.py"

pytestmark = pytest.mark.uncounted


def unparsed(names: list[str]) -> dict[str, str]:
    """Return those of the documents that ended the child process, and how."""
    failed: dict[str, str] = {}
    left = list(names)
    while left:
        child = subprocess.run([sys.executable, RUNNER, *left], capture_output=True, text=True, check=False)
        events = [json.loads(line) for line in child.stdout.splitlines()]
        begun = [one["document"] for one in events if "document" in one]
        assert begun, child.stderr
        if "done" in events[-1]:
            break
        failed[begun[-1]] = child.stderr or f"ended by signal {-child.returncode}"
        left = left[left.index(begun[-1]) + 1 :]
    return failed


@pytest.mark.parametrize("kind", ["feed: ", "json: ", "posts: ", "listing page: ", "article page: "])
def test_every_document_is_read_or_refused_in_time(kind: str) -> None:
    names = [name for name in documents() if name.startswith(kind)]
    assert names
    assert unparsed(names) == {}
