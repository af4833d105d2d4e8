from pathlib import Path

import pytest
from changed_tree import ChangedTree


@pytest.fixture
def tree(tmp_path: Path, request: pytest.FixtureRequest) -> ChangedTree:
    """A copy of the service, not changed yet, for the recipe that the module names."""
    return ChangedTree(tmp_path, request.module.RECIPE)
