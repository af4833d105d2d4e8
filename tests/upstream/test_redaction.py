from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.ports import Request
from service.upstream.redaction import extract, secrets_of, without_keys


def test_keys_are_found_wherever_a_request_carries_them() -> None:
    request = Request(
        "https://a.example/?apikey=in-the-url",
        {"appid": "in-params", "q": "city"},
        {"x-api-key": "in-header"},
    )
    assert secrets_of(request) == {"in-the-url", "in-params", "in-header"}


def test_an_extract_names_no_key_known_or_unknown() -> None:
    told = extract(b"key abcdefgh is wrong; api_key=zyxwvu is too", ["abcdefgh"])
    assert told == "key … is wrong; api_key=… is too"


def test_of_a_page_nothing_is_told() -> None:
    assert extract(b"\n<!DOCTYPE HTML><html><h1>Error response</h1><p>Error code: 404</p></html>", []) == ""


def test_of_json_its_reason_is_told() -> None:
    assert extract(rb'{"error": true, "reason": "B\u1ea3o tr\u00ec"}', []) == "Bảo trì"
    assert extract(b'{"code": 17}', []) == '{"code": 17}'
    assert extract(b"[" * 2_048, []) == "[" * 199 + "…"


def test_a_key_that_json_spells_otherwise_is_not_told() -> None:
    assert extract(rb'{"message": "no such key: \u0061bcdef"}', ["abcdef"]) == "no such key: …"


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=2_048))
def test_an_extract_is_short_and_printable_whatever_comes(body: bytes) -> None:
    said = extract(body, ["secret"])
    assert len(said) <= 200
    assert said.isprintable()


def test_an_address_is_kept_as_it_is_but_for_keys_and_fragment() -> None:
    assert without_keys("https://a.example/x?q=%C4%90+a&b#part") == "https://a.example/x?q=%C4%90+a&b"
    assert without_keys("https://a.example/x?q=1&appid=secret") == "https://a.example/x?q=1"
