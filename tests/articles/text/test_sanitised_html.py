"""An article's text as safe HTML, and the images it had."""

import os
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.articles.model import ImageCandidate
from service.articles.text import sanitise

BASE = "https://portal.example.vn/tin/1.html"
CORPUS = os.environ.get("PORTAL_WIDGETS_CORPUS")
TEXT = {
    "p",
    "br",
    "h2",
    "h3",
    "h4",
    "ul",
    "ol",
    "li",
    "blockquote",
    "strong",
    "b",
    "em",
    "i",
    "u",
    "sub",
    "sup",
    "a",
}
TABLE = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
TAGS = TEXT | TABLE | {"figure", "figcaption"}
ATTRIBUTES = {"a": {"href", "rel"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
PAYLOADS = [
    "<p>x<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<p onclick=alert(1) style='background:url(//x)' class=x id=y>x",
    "<svg><p><style><img src=x onerror=alert(1)></style></p></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=x&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><object data=x></object><form><input></form>",
    "<td onmouseover=alert(1) colspan='2 onclick=alert(1)'>x</td>",
    "<base href='//evil'><meta http-equiv=refresh content='0;url=//evil'><link rel=stylesheet href=x>",
]


class Sound(HTMLParser):
    """Fails on a tag or attribute that is not ours."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        for name, value in attrs:
            assert name in ATTRIBUTES.get(tag, set())
            assert value
            if name == "href":
                assert urlsplit(value).scheme in ("http", "https")
                assert ("rel", "nofollow noopener") in attrs
            elif name != "rel":
                assert 1 < int(value) <= 50

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def assert_sound(html: str) -> None:
    parser = Sound()
    parser.feed(html)
    parser.close()


def clean(markup: str) -> str:
    return sanitise.sanitise_html(markup, BASE).html


def images(markup: str) -> list[ImageCandidate]:
    return list(sanitise.sanitise_html(markup, BASE).images)


@pytest.mark.parametrize(
    ("markup", "html"),
    [
        ("<p>Một</p><p>Hai</p>", "<p>Một</p><p>Hai</p>"),
        ("Một<br>Hai", "<p>Một<br>Hai</p>"),
        (
            "<div>Một<div>Hai</div>Ba<p>Bốn</p>Năm</div>Sáu",
            "<p>Một</p><p>Hai</p><p>Ba</p><p>Bốn</p><p>Năm</p><p>Sáu</p>",
        ),
        ("<h1>A</h1><h3>B</h3><h6>C</h6>", "<h2>A</h2><h3>B</h3><h4>C</h4>"),
        ("<ul><li>Một</li><li>Hai</li></ul>Ba", "<ul><li>Một</li><li>Hai</li></ul><p>Ba</p>"),
        ("<blockquote>Một</blockquote>", "<blockquote>Một</blockquote>"),
        ("<p><strong>a</strong><b>b</b><em>c</em><i>d</i><u>e</u>x<sub>1</sub><sup>2</sup></p>",) * 2,
        (
            "<table style='x'><tr><td colspan='2' rowspan=3>a</td><th colspan=9999>b</th></tr></table>",
            '<table><tbody><tr><td colspan="2" rowspan="3">a</td><th>b</th></tr></tbody></table>',
        ),
        ("<p><span style='x'>Đông</span> <font color=red>Hà</font></p>", "<p>Đông Hà</p>"),
        ("<p>&nbsp;</p><p><b> </b></p><div><br></div><p>Một</p><ul><li></li></ul>", "<p>Một</p>"),
        ("<p>&nbsp;&nbsp; thụt&nbsp;dòng</p>", "<p>thụt&nbsp;dòng</p>"),
        ("<p>a<br><br><br><br>b<br></p>", "<p>a<br><br>b</p>"),
        ("<p>Đo\u0302ng\u200b Ha\u0300</p>", "<p>Đông Hà</p>"),
        ("<p>5 &lt; 6 &amp; 7</p>", "<p>5 &lt; 6 &amp; 7</p>"),
        ("<p>Một</p><p><a href='javascript:history.back()'>« Quay lại</a></p>", "<p>Một</p>"),
        ("<html><head><title>T</title></head><body><p>Một</p></body></html>", "<p>Một</p>"),
        ("", ""),
    ],
)
def test_the_text_comes_out_in_a_few_plain_tags(markup: str, html: str) -> None:
    assert clean(markup) == html


@pytest.mark.parametrize(
    ("href", "link"),
    [
        ("/a b", "https://portal.example.vn/a%20b"),
        ("2.html", "https://portal.example.vn/tin/2.html"),
        ("//a.vn/b", "https://a.vn/b"),
        ("http://a.vn/?b=1&amp;c=2", "http://a.vn/?b=1&amp;c=2"),
    ],
)
def test_links_are_absolute_and_give_no_credit(href: str, link: str) -> None:
    assert clean(f'<a href="{href}" target=_blank onclick=x>đây</a>') == (
        f'<p><a href="{link}" rel="nofollow noopener">đây</a></p>'
    )


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "data:text/html,x", "#a", "file:///x", "", "http://u:p@a.vn/"]
)
def test_a_link_that_is_not_honest_leaves_its_words(href: str) -> None:
    assert clean(f'<p>xem <a href="{href}">đây</a></p>') == "<p>xem đây</p>"


def test_images_are_taken_out_with_what_is_said_of_them() -> None:
    found = sanitise.sanitise_html(
        "<p>Một</p><img src='/a.jpg' alt='Chợ &amp; sông' width=600 height='400px'><p>Hai</p>", BASE
    )
    assert found.html == "<p>Một</p><p>Hai</p>"
    assert found.images == (ImageCandidate("https://portal.example.vn/a.jpg", 600, 400, "Chợ & sông"),)


@pytest.mark.parametrize(
    "markup",
    [
        "<figure><img src=a.jpg><figcaption>Chợ <b>xuân</b></figcaption></figure>",
        "<figure><a href=x><img src=a.jpg></a><div>Chợ xuân</div></figure>",
        "<p><img src=a.jpg></p><p class='Caption'>Chợ xuân</p>",
        "<div><a href=x><img src=a.jpg></a></div>\n<div class='chu-thich'>Chợ xuân</div>",
        "<table class=picture><tr><td><img src=a.jpg></td></tr><tr><td>Chợ xuân</td></tr></table>",
    ],
)
def test_a_caption_goes_with_its_image(markup: str) -> None:
    found = sanitise.sanitise_html(f"{markup}<p>Văn bản</p>", BASE)
    assert found.html == "<p>Văn bản</p>"
    assert [(one.url, one.caption) for one in found.images] == [
        ("https://portal.example.vn/tin/a.jpg", "Chợ xuân")
    ]


@pytest.mark.parametrize(
    "attributes",
    [
        "src=a.jpg",
        "src='data:image/gif;base64,R0lGOD' data-src=a.jpg",
        "src=blank.gif data-original=a.jpg",
        "srcset='b.jpg 1x, a.jpg 2x'",
        "src='javascript:alert(1)' data-lazy-src='a.jpg'",
    ],
)
def test_an_image_is_found_where_it_is_really_loaded_from(attributes: str) -> None:
    assert [one.url for one in images(f"<img {attributes}>")] == ["https://portal.example.vn/tin/a.jpg"]


@pytest.mark.parametrize(
    "attributes",
    [
        "src=a.gif width=1 height=1",
        "src=a.gif width=600 height=5",
        "src=a.png class=wp-smiley",
        "src=/emoji/a.png",
        "src='data:image/png;base64,AAAA'",
        "src=''",
        "alt=x",
    ],
)
def test_what_counts_readers_or_decorates_is_no_image(attributes: str) -> None:
    assert images(f"<img {attributes}>") == []


def test_an_image_that_comes_twice_is_one() -> None:
    assert len(images("<img src=a.jpg><noscript><img src=a.jpg></noscript>")) == 1


def test_a_table_with_a_small_sign_in_it_stays_a_table() -> None:
    assert "Điện thoại" in clean("<table><tr><td><img src=a.gif width=16>Điện thoại</td></tr></table>")


def test_an_image_written_into_the_text_does_not_crowd_it_out() -> None:
    assert clean("<img src='data:image/png;base64," + "A" * 500_000 + "'><p>Văn bản</p>") == "<p>Văn bản</p>"


def test_a_text_beyond_the_limit_is_cut_and_not_refused() -> None:
    html = clean("<p>từ</p>" * 100_000)
    assert html.startswith("<p>từ</p>")
    assert len(html) < 410_000


@pytest.mark.parametrize(
    "markup",
    ["<div>" * 50_000, "<b>" * 1_400 + "<p>x" * 80_000, "<table><tr><td>" * 20_000, "<a href=x>" * 30_000],
)
def test_a_maze_of_tags_is_given_up_instead_of_walked(markup: str) -> None:
    assert sanitise.sanitise_html(markup, BASE) == sanitise.SanitisedHtml("", ())


def test_carelessly_deep_nesting_is_read() -> None:
    assert clean("<div>" * 200 + "chữ") == "<p>chữ</p>"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_active_survives(payload: str) -> None:
    html = clean(f"<p>trước</p>{payload}<p>sau")
    assert_sound(html)
    assert "trước" in html


def test_nothing_active_survives_of_payloads_that_follow_each_other() -> None:
    files = sorted(Path(CORPUS, "hostile", "xss").glob("*")) if CORPUS else []
    for whole in ("\n".join(PAYLOADS), *(file.read_text("utf-8", "replace") for file in files)):
        for payload in (whole, *whole.splitlines()):
            assert_sound(clean(payload))


PIECES = (
    "<p> </p> <b> </b> <table> <tr> <td> </td> </table> <div> </div> <a/href=x> </a> <svg> </svg> <math>"
    " <style> </style> <!-- --> <img/src=x> <ul> <li> </ul> <select> <option> <noscript> </noscript> &lt; chữ"
    " <br> <h1> <title> <plaintext> <textarea> <form> <frameset> <script> </script> <figure> <caption>"
    " <template>"
)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.sampled_from(re.split(" ", PIECES)), max_size=25).map("".join))
def test_any_heap_of_tags_comes_out_sound_and_so_it_does_again(markup: str) -> None:
    html = clean(markup)
    assert_sound(html)
    assert_sound(clean(html))
