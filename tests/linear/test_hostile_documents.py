"""No document of a megabyte costs its parser more than five seconds of CPU: it is parsed or refused.

The sandbox would end the parsing as well, but not on platforms without its limits. Told from shorter ones;
`tests/drills/drill_linear.py` parses the megabytes.
"""

import pytest
from document_runner import unparsed
from hostile_documents import documents

pytestmark = pytest.mark.uncounted


@pytest.mark.parametrize("kind", ["feed: ", "json: ", "posts: ", "listing page: ", "article page: "])
def test_every_document_is_read_or_refused_in_time(kind: str) -> None:
    names = [name for name in documents() if name.startswith(kind)]
    assert names
    assert unparsed(names) == {}
