"""The corpus of hostile strings is only tried where there is one."""

import os

collect_ignore = [] if os.environ.get("PORTAL_WIDGETS_CORPUS") else ["test_hostile_strings.py"]
