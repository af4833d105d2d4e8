"""No document of a megabyte costs its reader more than five seconds of CPU; it is read or refused.

What reads them stands before the limits that the kernel keeps, and may run where there are none.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_documents import documents

RUNNER = Path(__file__).parents[1] / "document_runner.py"

pytestmark = pytest.mark.uncounted


def never_read(names: list[str]) -> dict[str, str]:
    """Of the documents with these names, those over which the reading ended, and how."""
    lost: dict[str, str] = {}
    left = list(names)
    while left:
        child = subprocess.run([sys.executable, RUNNER, *left], capture_output=True, text=True, check=False)
        said = [json.loads(line) for line in child.stdout.splitlines()]
        begun = [one["document"] for one in said if "document" in one]
        assert begun, child.stderr
        if "done" in said[-1]:
            break
        lost[begun[-1]] = child.stderr or f"ended by signal {-child.returncode}"
        left = left[left.index(begun[-1]) + 1 :]
    return lost


@pytest.mark.parametrize("kind", ["feed: ", "json: ", "posts: ", "listing page: ", "article page: "])
def test_every_document_is_read_or_refused_in_time(kind: str) -> None:
    names = [name for name in documents() if name.startswith(kind)]
    assert names
    assert never_read(names) == {}
