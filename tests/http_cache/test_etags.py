"""Which tag a client is sent that has a body already."""

import pytest

from service.http_cache import etags
from service.http_cache.content_encoding import Coding

BROTLI = etags.etag("abc", Coding.BROTLI)
BEST = etags.etag("abc", Coding.BROTLI, best=True)
GZIP = etags.etag("abc", Coding.GZIP)
PLAIN = etags.etag("abc", Coding.IDENTITY)


def test_bytes_that_differ_have_tags_that_differ() -> None:
    variants = [(coding, best) for coding in Coding for best in (False, True)]
    assert len({etags.etag("abc", coding, best=best) for coding, best in variants}) == 5


@pytest.mark.parametrize(
    ("sent", "answered"),
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
def test_a_client_is_sent_the_tag_it_has_in_this_coding_or_the_present_one(
    sent: str, answered: str | None
) -> None:
    assert etags.match(sent, "abc", BEST) == answered
