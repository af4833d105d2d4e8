from pathlib import Path

import pytest
from changed_tree import ChangedTree


@pytest.fixture
def tree(tmp_path: Path) -> ChangedTree:
    """A copy of the service, not changed yet."""
    return ChangedTree(tmp_path)
