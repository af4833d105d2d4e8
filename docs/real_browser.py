"""The Chromium that looks at our pages.

Debian's headless shell is the same engine without windows: it opens a page for a third of the work.
"""

import shutil

from playwright.sync_api import Browser, Playwright

EXECUTABLE = shutil.which("chromium-headless-shell") or shutil.which("chromium")
MISSING = "no Chromium on this machine: apt-get install chromium-headless-shell"


def launched(playwright: Playwright, *more: str) -> Browser:
    """The browser, with no page open; `more` are arguments of its command line."""
    args = ["--no-sandbox", "--disable-gpu", *more]
    return playwright.chromium.launch(executable_path=EXECUTABLE, args=args)
