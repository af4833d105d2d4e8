"""What the README says of weights is so, and what it promises of requests, cookies and storage."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium: apt-get install chromium")
def test_a_real_browser_counts_what_the_readme_says() -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "docs" / "weights.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout.strip()) == (0, ""), checked.stderr
