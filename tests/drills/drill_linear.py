"""A megabyte of every hostile document and a million characters for every pattern: `pytest tests/drills`.

`tests/linear` tells from shorter ones what these would take.
"""

import pytest
from document_runner import unparsed
from hostile_documents import documents
from pattern_finder import patterns
from pattern_runner import slow_patterns


@pytest.mark.parametrize("kind", ["feed: ", "json: ", "posts: ", "listing page: ", "article page: "])
def test_a_megabyte_of_every_document_is_read_or_refused_in_time(kind: str) -> None:
    names = [name for name in documents() if name.startswith(kind)]
    assert unparsed(names, "--whole") == {}


def test_every_pattern_takes_a_million_characters_in_time() -> None:
    assert slow_patterns([one.name for one in patterns()], "--whole") == {}
