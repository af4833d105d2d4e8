"""A worker collects garbage only once it has started."""

import gc
from collections.abc import Iterator

import pytest

from service import gunicorn


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_garbage_collection_is_off_during_the_start_and_on_afterwards() -> None:
    gunicorn.post_fork(None, None)
    assert not gc.isenabled()
    gunicorn.post_worker_init(None)
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
