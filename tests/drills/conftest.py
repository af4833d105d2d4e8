"""Long runs: collected only when this folder is named, as in `pytest tests/drills`."""

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    del collection_path
    return None if any("drills" in argument for argument in config.args) else True
