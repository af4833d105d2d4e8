"""Which coding a client gets, and that every coding encodes the same body."""

import gzip

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.http_cache.responses import Coding, encode, is_compressible, negotiate

PAGE = "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", Coding.IDENTITY),
        ("gzip, deflate, br", Coding.BROTLI),
        ("gzip", Coding.GZIP),
        ("br;q=0, gzip", Coding.GZIP),
        ("br;q=0.2, gzip;q=0.8", Coding.GZIP),
        ("*", Coding.BROTLI),
        ("*;q=0", Coding.IDENTITY),
        ("identity;q=1, br;q=0.5", Coding.IDENTITY),
        ("BR", Coding.BROTLI),
        ("br;q=nonsense", Coding.IDENTITY),
        ("deflate, zstd", Coding.IDENTITY),
        (";;,,", Coding.IDENTITY),
    ],
)
def test_the_best_coding_that_the_client_takes_is_chosen(header: str, coding: Coding) -> None:
    assert negotiate(header) is coding


@given(st.text(max_size=60))
def test_no_accept_encoding_is_too_odd(header: str) -> None:
    assert negotiate(header) in Coding


@given(st.binary(max_size=3000))
def test_every_coding_holds_the_same_body_and_is_always_the_same_bytes(body: bytes) -> None:
    assert brotli.decompress(encode(body, Coding.BROTLI)) == body
    assert gzip.decompress(encode(body, Coding.GZIP)) == body
    assert encode(body, Coding.IDENTITY) == body
    assert all(encode(body, coding) == encode(body, coding) for coding in Coding)


def test_what_is_small_or_compressed_already_is_sent_as_it_is() -> None:
    assert is_compressible(PAGE, 5000)
    assert not is_compressible(PAGE, 20)
    assert not is_compressible("image/webp", 5000)
