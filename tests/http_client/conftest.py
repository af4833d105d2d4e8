"""Clients for the tests: one with the default limits, one with a short deadline and a low size limit."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from service.http_client.client import ClientLimits, HttpClient

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

# The corpus is not part of the repository: where it is not named its test is not collected.
collect_ignore = [] if os.environ.get("PORTAL_WIDGETS_CORPUS") else ["test_hostile_corpus.py"]


@pytest.fixture
def client() -> Iterator[HttpClient]:
    with HttpClient("portal-widgets/test", lambda: NOW, ClientLimits(allow_private=["127.0.0.1"])) as opened:
        yield opened


@pytest.fixture
def hasty() -> Iterator[HttpClient]:
    limits = ClientLimits(deadline=timedelta(seconds=0.3), max_bytes=1_000_000, allow_private=["127.0.0.1"])
    with HttpClient("portal-widgets/test", lambda: NOW, limits) as opened:
        yield opened
