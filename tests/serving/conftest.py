"""One upstream and one running service for the tests that do it no harm."""

from collections.abc import Iterator

import pytest
from local_upstream import LocalUpstream
from running_service import PACKAGED, Running, running, telling, until


@pytest.fixture
def telling_upstream() -> Iterator[LocalUpstream]:
    """An upstream that tells weather."""
    with LocalUpstream() as upstream:
        telling(upstream)
        yield upstream


@pytest.fixture(scope="module")
def shared_upstream() -> Iterator[LocalUpstream]:
    """The upstream of the shared service."""
    with LocalUpstream() as upstream:
        telling(upstream)
        yield upstream


@pytest.fixture(scope="module")
def service(shared_upstream: LocalUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """What `serve` runs, with three workers, once it has weather."""
    folder = tmp_path_factory.mktemp("service")
    with running((*PACKAGED, "--workers", "3"), folder, shared_upstream) as made:
        until(made.has_weather, 20, lambda: made.log)
        yield made
