"""Recordings stay outside the project: without them there is nothing to collect."""

import os

collect_ignore = [] if os.environ.get("PORTAL_WIDGETS_CORPUS") else ["test_article_page_corpus.py"]
