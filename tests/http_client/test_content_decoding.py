import gzip
import zlib

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.errors import UpstreamError
from service.http_client.body import decoder_for

PACKERS = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "": bytes}


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(PACKERS)), st.binary(max_size=5_000), st.integers(1, 50))
def test_wherever_the_packets_are_cut_the_body_is_the_same(coding: str, body: bytes, size: int) -> None:
    packed = PACKERS[coding](body)
    coded = decoder_for(coding)
    parts = [packed[i : i + size] for i in range(0, len(packed), size)]
    assert b"".join(piece for part in parts for piece in coded.pieces(part)) == body
    assert coded.is_complete()


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_a_compressed_body_that_stops_early_is_not_complete(coding: str) -> None:
    packed = PACKERS[coding](bytes(range(256)) * 100)
    coded = decoder_for(coding)
    for part in (packed[:1], packed[1:-1]):
        list(coded.pieces(part))
        assert not coded.is_complete()


@pytest.mark.parametrize("coding", sorted(PACKERS))
def test_no_body_at_all_is_complete(coding: str) -> None:
    assert decoder_for(coding).is_complete()


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_what_expands_comes_out_in_pieces(coding: str) -> None:
    coded = decoder_for(coding)
    sizes = [len(piece) for piece in coded.pieces(PACKERS[coding](bytes(10_000_000)))]
    assert sum(sizes) == 10_000_000
    assert max(sizes) <= 1_000_000


def test_padding_after_a_gzip_body_is_passed_over() -> None:
    coded = decoder_for("gzip")
    assert b"".join(coded.pieces(gzip.compress(b"body") + bytes(20))) == b"body"
    assert coded.is_complete()


def test_a_gzip_body_may_have_members_but_not_endlessly_many() -> None:
    coded = decoder_for("gzip")
    assert b"".join(coded.pieces(gzip.compress(b"a") * 500)) == b"a" * 500
    with pytest.raises(UpstreamError, match="members"):
        list(decoder_for("gzip").pieces(gzip.compress(b"") * 2_000))
