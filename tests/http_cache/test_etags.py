"""Which tag a client is sent that has a body already."""

import pytest

from service.http_cache import responses
from service.http_cache.responses import Coding

BROTLI = responses.etag("abc", Coding.BROTLI)
BEST = responses.etag("abc", Coding.BROTLI, best=True)
GZIP = responses.etag("abc", Coding.GZIP)
PLAIN = responses.etag("abc", Coding.IDENTITY)


def test_bytes_that_differ_have_tags_that_differ() -> None:
    variants = [(coding, best) for coding in Coding for best in (False, True)]
    assert len({responses.etag("abc", coding, best=best) for coding, best in variants}) == 5


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
    assert responses.match(sent, "abc", BEST) == answered
