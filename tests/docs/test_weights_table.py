"""What docs/embedding.md says of weights is so, and what it promises of requests, cookies and storage."""

import subprocess
import sys
from pathlib import Path

import pytest
import real_browser

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(real_browser.EXECUTABLE is None, reason=real_browser.MISSING)
def test_a_real_browser_counts_what_the_page_says() -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "docs" / "weights.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout.strip()) == (0, ""), checked.stderr
