"""Which links readers may follow, and which of them lead to the same article."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.articles.text import urls

BASE = "https://portal.example.vn/tin/danh-sach.html?trang=2"
CORPUS = os.environ.get("PORTAL_WIDGETS_CORPUS")


@pytest.mark.parametrize(
    ("url", "honest"),
    [
        ("https://a.vn/b?c=d#e", "https://a.vn/b?c=d#e"),
        ("HTTP://A.VN:80/B", "http://a.vn/B"),
        ("https://a.vn:8443/b", "https://a.vn:8443/b"),
        ("https://a.vn", "https://a.vn/"),
        ("//a.vn/b", "https://a.vn/b"),
        ("/b", "https://portal.example.vn/b"),
        ("b.html", "https://portal.example.vn/tin/b.html"),
        ("../b.html", "https://portal.example.vn/b.html"),
        ("?id=1&amp;m=2", "https://portal.example.vn/tin/danh-sach.html?id=1&m=2"),
        ("www.a.vn/b", "https://www.a.vn/b"),
        ("\n  https://a.vn/b\r\n", "https://a.vn/b"),
        ("https://a.vn/b\n/c", "https://a.vn/b/c"),
        ("https://a.vn/lễ hội.html", "https://a.vn/l%E1%BB%85%20h%E1%BB%99i.html"),
        ("https://a.vn/100%/x%20y", "https://a.vn/100%25/x%20y"),
        ('https://a.vn/?q="><script>', "https://a.vn/?q=%22%3E%3Cscript%3E"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("\\\\a.vn\\b", "https://a.vn/b"),
        ("http://127.0.0.1:8000/b", "http://127.0.0.1:8000/b"),
        ("http://[2001:db8::1]:8080/b", "http://[2001:db8::1]:8080/b"),
    ],
)
def test_a_link_becomes_absolute_and_ascii(url: str, honest: str) -> None:
    assert urls.normalise_url(url, BASE) == honest


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "#",
        "#dau-trang",
        "javascript:alert(1)",
        "  JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "java\x00script:alert(1)",
        "vbscript:x",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "ftp://a.vn/b",
        "mailto:a@b.vn",
        "tel:+84233",
        "about:blank",
        "https://user:password@a.vn/",
        "https://a.vn@evil.vn/",
        "https://a.vn/\u202egpj.exe",
        "https://a.vn/b\x00c",
        "https:///b",
        "http://",
        "http://[::1",
        "http://a b.vn/",
        "http://a..vn/",
        "http://a.vn:99999/",
        "http://a.vn:x/",
        "https://a.vn/" + "b" * 3_000,
        "https://" + "a" * 70 + "ễ.vn/",
    ],
)
def test_an_odd_link_is_no_link(url: str) -> None:
    assert urls.normalise_url(url, BASE) is None


def test_a_relative_link_without_an_honest_base_is_none() -> None:
    assert urls.normalise_url("/b", "") is None
    assert urls.normalise_url("b", "javascript:alert(1)") is None


@pytest.mark.parametrize(
    "url",
    [
        "https://a.vn/tin/1.html",
        "http://a.vn/tin/1.html",
        "https://www.a.vn/tin/1.html",
        "https://WWW.A.vn:443/tin/1.html",
        "https://a.vn/tin/1.html/",
        "https://a.vn/tin/1.html#binh-luan",
        "https://a.vn/tin/1.html?utm_source=rss&utm_medium=feed",
        "https://a.vn/tin/1.html?fbclid=x&gclid=y&zarsrc=30",
        " https://a.vn/tin/1.html ",
    ],
)
def test_the_same_article_has_one_identity(url: str) -> None:
    assert urls.canonical_url(url) == "a.vn/tin/1.html"


def test_parameters_that_choose_the_article_count_and_their_order_does_not() -> None:
    assert urls.canonical_url("https://a.vn/?id=1&utm_id=2&m=3") == urls.canonical_url(
        "https://a.vn?m=3&id=1"
    )
    assert urls.canonical_url("https://a.vn/?id=1") != urls.canonical_url("https://a.vn/?id=2")
    assert urls.canonical_url("https://a.vn/?id=1") != urls.canonical_url("https://a.vn/")


def test_letters_and_their_escapes_are_the_same() -> None:
    assert urls.canonical_url("https://a.vn/lễ-hội") == urls.canonical_url(
        "https://a.vn/l%e1%bb%85-h%E1%BB%99i/"
    )


def test_case_in_a_path_tells_two_articles_apart() -> None:
    assert urls.canonical_url("https://a.vn/A") != urls.canonical_url("https://a.vn/a")


def test_what_is_no_link_stands_for_itself() -> None:
    assert urls.canonical_url(" tag:a.vn,2020:1 ") == "tag:a.vn,2020:1"
    assert urls.canonical_url("http://[::1") == "http://[::1"
    assert urls.canonical_url("") == ""


def is_sound(link: str) -> bool:
    parts = urlsplit(link)
    return (
        link.isascii()
        and link.isprintable()
        and " " not in link
        and parts.scheme in ("http", "https")
        and ("@" not in parts.netloc and bool(parts.hostname) and not set("<>\"'\\") & set(parts.netloc))
    )


def test_no_payload_comes_out_as_anything_but_a_sound_link() -> None:
    files = sorted(Path(CORPUS, "hostile", "xss").glob("*")) if CORPUS else []
    lines = [line for file in files for line in file.read_text("utf-8", "replace").splitlines()]
    for line in ["javascript:alert(1)", '//x"onclick=alert(1)', *lines]:
        link = urls.normalise_url(line, BASE)
        assert link is None or is_sound(link)


@settings(deadline=None, max_examples=100)
@given(
    st.text(st.sampled_from("htps:/\\@#?&=%.[]a1ễ \t\n\x00\u202e<>\"'-_"), max_size=40).map("http".__add__)
    | st.text(max_size=40)
)
def test_any_text_is_a_sound_link_or_none_and_honest_twice_is_honest_once(url: str) -> None:
    link = urls.normalise_url(url, BASE)
    assert link is None or (is_sound(link) and urls.normalise_url(link, "") == link)
    assert urls.canonical_url(urls.canonical_url(url)) is not None
