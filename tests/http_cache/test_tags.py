"""Which tag a client is told that has a body already."""

import pytest

from service.http_cache import etags
from service.http_cache.content_encoding import Coding

BROTLI = etags.tag("abc", Coding.BROTLI)
BEST = etags.tag("abc", Coding.BROTLI, best=True)
GZIP = etags.tag("abc", Coding.GZIP)
PLAIN = etags.tag("abc", Coding.IDENTITY)


def test_bytes_that_differ_have_tags_that_differ() -> None:
    packed = [(coding, best) for coding in Coding for best in (False, True)]
    assert len({etags.tag("abc", coding, best=best) for coding, best in packed}) == 5


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
    assert etags.matched(sent, "abc", BEST) == told
