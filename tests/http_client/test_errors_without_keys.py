from service.core.ports import Request
from service.http_client.errors import request_secrets, without_keys


def test_keys_are_found_wherever_a_request_carries_them() -> None:
    request = Request(
        "https://a.example/?apikey=in-the-url",
        {"appid": "in-params-1", "q": "city-of-words"},
        {"x-api-key": "in-header", "accept": "text/html"},
    )
    assert request_secrets(request).values == {"in-the-url", "in-params-1", "in-header"}


def test_a_request_says_nothing_of_its_keys_where_it_is_printed() -> None:
    request = Request(
        "https://a.example/?apikey=in-the-url", {"appid": "in-params"}, {"x-api-key": "in-header"}
    )
    assert "in-" not in repr(request)


def test_an_address_is_kept_as_it_is_but_for_keys_and_fragment() -> None:
    assert without_keys("https://a.example/x?q=%C4%90+a&b#part") == "https://a.example/x?q=%C4%90+a&b"
    assert without_keys("https://a.example/x?q=1&appid=secret") == "https://a.example/x?q=1"
    assert without_keys("https://a.example/x?q=1&Signature=secret&key=5") == "https://a.example/x?q=1"
