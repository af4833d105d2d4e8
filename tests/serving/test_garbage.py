"""A worker of ours looks for garbage again once it has started."""

import gc
from collections.abc import Iterator

import pytest

from service import gunicorn


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_nothing_is_collected_during_a_start_and_all_that_comes_later_is() -> None:
    gunicorn.post_fork(None, None)
    assert not gc.isenabled()
    gunicorn.post_worker_init(None)
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
