"""Recordings stay outside the project: without them there is nothing to collect."""

import os

collect_ignore = [] if os.environ.get("PORTAL_WIDGETS_CORPUS") else ["test_feed_corpus.py"]
