"""Which tag a client is told that has a body already."""

import pytest

from service.edge import tags
from service.edge.coding import Coding

BROTLI = tags.tag("abc", Coding.BROTLI)
BEST = tags.tag("abc", Coding.BROTLI, best=True)
GZIP = tags.tag("abc", Coding.GZIP)
PLAIN = tags.tag("abc", Coding.IDENTITY)


def test_bytes_that_differ_have_tags_that_differ() -> None:
    packed = [(coding, best) for coding in Coding for best in (False, True)]
    assert len({tags.tag("abc", coding, best=best) for coding, best in packed}) == 5


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (BEST, BEST),
        (BROTLI, BROTLI),
        (f"W/{BROTLI}", BROTLI),
        (GZIP, BEST),
        (PLAIN, BEST),
        ("*", BEST),
        (f'"other", {GZIP}', BEST),
        (f"{GZIP}, {BROTLI}", BROTLI),
        (f"{BROTLI}, {BEST}", BEST),
        ('"abcd"', None),
        ('"abc-x"', None),
        ("", None),
        ("abc", None),
    ],
)
def test_a_client_is_told_the_tag_it_has_in_this_coding_or_the_present_one(
    sent: str, told: str | None
) -> None:
    assert tags.matched(sent, "abc", BEST) == told
