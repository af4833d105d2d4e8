from base64 import b64encode
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.secrets import (
    NO_SECRETS,
    Secrets,
    is_credential,
    loggable_path,
    loggable_url,
    may_be_secret,
    publishable_url,
)

FETCHED = "https://portal.example/feed?token=T0ken-9x&api_key=AbCdEf&cat=5&user=admin&key=7"
SECRETS = Secrets.of([FETCHED, "http://u53r:pa$$ word@proxy.example:3128"], ["k3yk3yk3y"])


@pytest.mark.parametrize(
    "name",
    ["token", "access_token", "accessToken", "api_key", "apikey", "API-Key", "Ocp-Apim-Subscription-Key",
     "sig", "Signature", "X-Amz-Signature", "X-Amz-Credential", "X-Goog-Signature", "password", "passwd",
     "pwd", "pass", "client_secret", "auth", "Authorization", "jsessionid", "PHPSESSID", "jwt", "mat_khau"],
)  # fmt: skip
def test_a_parameter_that_admits_somebody_is_known_by_its_name(name: str) -> None:
    assert is_credential(name)


@pytest.mark.parametrize(
    "name",
    ["key", "user", "username", "userName", "login", "code", "hash", "appid", "client_id", "sid", "session"],
)  # fmt: skip
def test_a_parameter_that_may_admit_somebody_is_one_only_with_the_value_it_is_fetched_with(name: str) -> None:
    assert may_be_secret(name)
    assert not is_credential(name)
    secrets = Secrets.of([f"https://portal.example/rss?{name}=ab12"])
    assert (
        secrets.redact_link(f"https://portal.example/1?{name}=ab12&id=3") == "https://portal.example/1?id=3"
    )
    assert (
        secrets.redact_link(f"https://portal.example/1?{name}=cd34")
        == f"https://portal.example/1?{name}=cd34"
    )


@pytest.mark.parametrize(
    "name",
    ["id", "page", "lang", "category", "author", "keyword", "q", "catid", "p", "view", "passenger", "design"],
)  # fmt: skip
def test_what_pages_are_chosen_by_is_no_secret(name: str) -> None:
    assert not may_be_secret(name)


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("https://portal.example/bai/1.html", "https://portal.example/bai/1.html"),
        ("https://portal.example/bai?id=3&&x=%C4%90+a;b#phan", "https://portal.example/bai?id=3&&x=%C4%90+a;b#phan"),
        ("https://portal.example/bai?id=3&token=T0ken-9x", "https://portal.example/bai?id=3"),
        ("https://portal.example/bai?TOKEN=other&id=3", "https://portal.example/bai?id=3"),
        ("https://portal.example/bai?key=7&id=3", "https://portal.example/bai?id=3"),
        ("https://portal.example/bai?key=8", "https://portal.example/bai?key=8"),
        ("https://portal.example/bai?user=admin", "https://portal.example/bai"),
        ("https://portal.example/bai?any=T0ken-9x", "https://portal.example/bai"),
        ("https://portal.example/bai;jsessionid=5?id=3", "https://portal.example/bai?id=3"),
        ("https://portal.example/bai#access_token=5", "https://portal.example/bai"),
        ("https://me:pw@portal.example/bai", "https://portal.example/bai"),
        (f"https://a.example/to?u={quote(FETCHED, safe='')}&id=3", "https://a.example/to?id=3"),
        ("https://portal.example/T0ken-9x/bai.html", None),
        ("https://portal.example/t0KEN%2D9X/bai.html", None),
        ("https://t0ken-9x.example/", None),
        ("https://[::1?token=1", None),
    ],
)  # fmt: skip
def test_a_link_is_told_without_what_its_source_is_fetched_with(link: str, told: str | None) -> None:
    assert SECRETS.redact_link(link) == told


@pytest.mark.parametrize(
    "spelled",
    [
        "T0ken-9x",
        "t0KEN-9X",
        "k3yk3yk3y",
        "pa$$ word",
        quote("pa$$ word"),
        "pa%24%24+word",
        quote(quote("pa$$ word", safe=""), safe=""),
        b64encode(b"u53r:pa$$ word").decode(),
    ],
)
def test_a_secret_is_found_in_a_text_however_it_is_spelled(spelled: str) -> None:
    told = SECRETS.redact(f"wrong: {spelled}, go away")
    assert spelled[:12] not in told
    assert told.startswith("wrong: …")


def test_plain_words_and_short_values_stay_in_texts() -> None:
    text = "Ngày 7, admin của cổng trả lời 5 câu hỏi."
    assert SECRETS.redact(text) == text


def test_html_keeps_its_links_without_the_secrets_in_them() -> None:
    html = (
        '<p><a href="https://portal.example/1?id=3&amp;token=T0ken-9x" rel="nofollow">T0ken-9x</a>'
        '<a href="https://portal.example/T0ken-9x">b</a><a href="/1?a=1&amp;b=2">c</a></p>'
    )
    assert SECRETS.redact_html(html) == (
        '<p><a href="https://portal.example/1?id=3" rel="nofollow">…</a>'
        '<a>b</a><a href="/1?a=1&amp;b=2">c</a></p>'
    )


def test_what_a_public_address_says_is_no_secret() -> None:
    secrets = Secrets.of(
        ["https://portal.example/rss?code=tin99x"], public=["https://portal.example/?code=tin99x"]
    )
    assert secrets == NO_SECRETS


def test_a_path_that_is_a_programs_invention_is_a_secret_and_a_guid_is_a_name() -> None:
    secrets = Secrets.of(["https://a.example/f/a1b2c3d4e5f6a7b8c9d0e1/rss"])
    assert secrets.redact("at a1b2c3d4e5f6a7b8c9d0e1") == "at …"
    guid = "550e8400-e29b-41d4-a716-446655440000"
    assert Secrets.of([f"https://a.example/f/{guid}/rss"]).redact(guid) == guid


def test_nothing_is_said_of_secrets_where_they_are_printed() -> None:
    assert "T0ken" not in repr(SECRETS)


@pytest.mark.parametrize(
    ("fetched", "public"),
    [
        ("https://portal.example/rss.xml", "https://portal.example/rss.xml"),
        ("https://portal.example", "https://portal.example/"),
        ("http://portal.example:8080/tin?id=12", "http://portal.example:8080/tin"),
        ("https://portal.example/rss?anything=hidden#part", "https://portal.example/rss"),
        ("https://me:pw@portal.example/rss", "https://portal.example/rss"),
        ("https://portal.example/rss/tin-moi-2026.rss", "https://portal.example/rss/tin-moi-2026.rss"),
        ("https://portal.example/feed/9f86d081884c7d65/rss", "https://portal.example/"),
        ("https://portal.example/feed/k3y9x2q7/rss", "https://portal.example/"),
        ("https://portal.example/api_key/abc/rss", "https://portal.example/"),
        ("https://portal.example/rss;jsessionid=1", "https://portal.example/"),
    ],
)
def test_the_public_address_is_what_cannot_be_a_secret(fetched: str, public: str) -> None:
    assert publishable_url(fetched) == public


def test_a_public_address_that_is_configured_is_the_one_that_is_told() -> None:
    told = "https://portal.example/tin-tuc?id=12"
    assert publishable_url("https://portal.example/feed/k3y9x2q7/rss", told) == told


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("portal.example/rss.xml", "portal.example/rss.xml"),
        ("https://portal.example/rss?k=1", "https://portal.example/rss?…"),
        ("ftp://me:s/3@cr3t@proxy:3128", "ftp://…@proxy:3128"),
        ("https://me:s3 cr3t@portal.example", "https://…@portal.example"),
        ("me:s3cr3t@portal.example/rss", "…@portal.example/rss"),
        ("k3y9x2q7", "…"),
    ],
)
def test_an_address_that_is_none_is_shown_without_its_secrets_too(written: str, shown: str) -> None:
    assert loggable_url(written) == shown


def test_a_long_path_is_cut() -> None:
    assert len(loggable_path("/tin" * 100)) == 100


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=80), st.from_regex(r"[a-zA-Z0-9$%& +/:-]{6,20}", fullmatch=True))
def test_no_text_and_no_link_holds_the_secret_afterwards(text: str, secret: str) -> None:
    secrets = Secrets.of([f"https://portal.example/rss?token={quote(secret, safe='')}"])
    for coded in (secret, quote(secret, safe=""), quote(secret)):
        assert coded not in secrets.redact(f"{text}{coded}{text}").replace("…", "\0")
        link = secrets.redact_link(
            f"https://portal.example/{quote(text)}?q={quote(text, safe='')}{coded}#{coded}"
        )
        assert link is None or coded not in link
