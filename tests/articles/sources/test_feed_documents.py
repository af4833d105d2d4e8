"""Parsing what should be a feed: any response is parsed, or refused with a sentence for an editor."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_answers import NOW, answer, source_of

from service.articles.model import ParsedEntry
from service.articles.sources.feed import Feed
from service.core.errors import Cause, UpstreamError

ITEM = "<item><title>Đông Hà</title><link>https://cong.example.gov.vn/1.html</link></item>"
RSS = f'<rss version="2.0"><channel>{ITEM}</channel></rss>'


def entries_of(
    body: str | bytes, content_type: str = "application/xml", charset: str = ""
) -> tuple[ParsedEntry, ...]:
    return Feed(source_of(charset=charset)).read_listing(answer(body, content_type), NOW).entries


def refusal_of(body: str | bytes) -> str:
    with pytest.raises(UpstreamError) as caught:
        entries_of(body)
    assert caught.value.cause is Cause.UNREADABLE
    return caught.value.detail


@pytest.mark.parametrize(
    ("body", "content_type", "charset"),
    [
        (RSS.encode("utf-8-sig"), "text/xml", ""),
        (f'<?xml version="1.0" encoding="utf-16"?>{RSS}'.encode("utf-16"), "application/xml", ""),
        (f'<?xml version="1.0" encoding="windows-1258"?>{RSS}'.encode(), "application/xml", "utf-8"),
        (f'<?xml version="1.0" encoding="ISO-8859-1"?>{RSS}'.encode(), "application/xml", ""),
        (f'\n\n  <?xml version="1.0" encoding="utf-8"?>{RSS}'.encode(), "application/xml", ""),
        (RSS.encode(), "text/plain", ""),
    ],
)
def test_a_feed_is_read_in_its_encoding_whatever_it_declares(
    body: bytes, content_type: str, charset: str
) -> None:
    assert [entry.title for entry in entries_of(body, content_type, charset)] == ["Đông Hà"]


def test_one_bad_byte_costs_one_letter_and_not_the_feed() -> None:
    body = RSS.replace("Đông Hà", "Đông Hà X thành phố").encode().replace(b"X", b"\xff")
    assert entries_of(body)[0].title.startswith("Đông Hà")


@pytest.mark.parametrize(
    "body",
    [
        RSS.replace("Đông Hà", "Đông Hà \x01"),
        RSS.replace("Đông Hà", "Đông H&agrave;"),
        RSS.replace("<item>", "<item><the:unknown>x</the:unknown>"),
        RSS[: -len("</channel></rss>")],
        "This XML file does not appear to have any style information associated with it.\n" + RSS,
        '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.example/rss-0.91.dtd">' + RSS,
        RSS.replace(
            "<item>", "<item><description><![CDATA[<!ENTITY x 'y'> <!DOCTYPE a [ ]>]]></description>"
        ),
    ],
)
def test_a_feed_with_a_blemish_is_read_all_the_same(body: str) -> None:
    assert entries_of(body)[0].title == "Đông Hà"


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE rss [<!ENTITY a "x">]>',
        '<!DOCTYPE rss SYSTEM "a.dtd" [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!-- <rss> -->\n<!DOCTYPE rss [\n<!ENTITY a "x">\n]>',
        '<!--\n<!ENTITY a "x">\n-->',
        "<!doctype rss [\n<!entity a 'x'>]>",
    ],
)
def test_a_feed_that_declares_entities_is_refused_before_it_is_parsed(head: str) -> None:
    assert "entities" in refusal_of(head + RSS)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "<!DOCTYPE html><html><head><title>404 &amp; Không tìm thấy</title></head></html>",
            "This is an HTML page, not a feed.",
        ),
        ("<html><body>Bảo trì</body></html>", "an HTML page, not a feed. A portal without a feed is read"),
        (
            '<html><link rel="alternate" type="application/rss+xml" href="/tin.rss?a=1&amp;b=2"></html>',
            "It names this feed: “https://cong.example.gov.vn/tin.rss?…”.",
        ),
        ("", "an empty answer"),
        ("Service unavailable", "text without any markup"),
        ('<?xml version="1.0"?><urlset><url/></urlset>', "<urlset>"),
        ('<!-- x --><cfg a="1"/>', "XML of another kind"),
        (RSS.replace(ITEM, "<item><guid>1</guid></item>"), "None of the feed's items"),
        (RSS[: RSS.index(ITEM)], "The feed is damaged before its first article."),
        ('{"code": "x", "message": "Not here"}', "no JSON Feed."),
        ("[1, 2]", "no JSON Feed"),
        ('{"version": ', "damaged"),
    ],
)
def test_an_editor_is_told_what_came_instead_of_a_feed(body: str, said: str) -> None:
    assert said in refusal_of(body)


@pytest.mark.parametrize(
    "body",
    [
        RSS.replace(ITEM, "<title>Cổng</title>"),
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Cổng</title></feed>',
        (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
            "<channel><title>Cổng</title></channel></rdf:RDF>"
        ),
        '{"version": "https://jsonfeed.org/version/1.1", "title": "Cổng", "items": []}',
    ],
)
def test_a_feed_in_order_without_items_is_an_empty_listing(body: str) -> None:
    assert entries_of(body) == ()


def test_the_report_of_an_error_is_never_an_article() -> None:
    report = "<item><title>Bridge returned error 404! (20779)</title><description>Trace…</description></item>"
    assert "carries only the report of an error." in refusal_of(RSS.replace(ITEM, report))
    assert [entry.title for entry in entries_of(RSS.replace(ITEM, report + ITEM))] == ["Đông Hà"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.integers(0, len(RSS)))
def test_no_damage_to_a_feed_does_more_than_refuse_it(noise: str, position: int) -> None:
    damaged = RSS[:position] + noise + RSS[position:]
    try:
        entries = entries_of(damaged.encode("utf-8", "replace"))
    except UpstreamError:
        return
    assert all(entry.url is None or entry.url.startswith(("http://", "https://")) for entry in entries)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80))
def test_no_bytes_do_more_than_be_refused(body: bytes) -> None:
    with pytest.raises(UpstreamError):
        entries_of(body)


@pytest.mark.parametrize(
    "notice",
    [
        "<br />\n<b>Warning</b>:  mysql_connect(): x in <b>/var/www/rss.php</b> on line <b>3</b><br />\n",
        "\nNotice: Undefined index: a in /var/www/rss.php on line 3\n" * 100,
        "<!-- debug -->\n",
        "<pre>a</pre>",
    ],
)
def test_what_php_printed_before_a_feed_is_passed_over(notice: str) -> None:
    for feed in (RSS, f'<?xml version="1.0" encoding="utf-8"?>\n{RSS}'):
        assert [entry.title for entry in entries_of(notice + feed)] == ["Đông Hà"]


@pytest.mark.uncounted
@pytest.mark.parametrize("end", ["", "</channel></rss>"])
def test_of_a_feed_without_an_end_the_first_thousand_entries_are_read(end: str) -> None:
    items = "".join(ITEM.replace("Đông Hà", f"Tin {number}") for number in range(1_200))
    for root in ('<rss version="2.0"><channel><title>Kênh</title>', "<rss><channel>"):
        entries = entries_of(root + items + end)
        assert [entry.title for entry in entries[::999]] == ["Tin 0", "Tin 999"]
        assert len(entries) == 1_000


def test_deep_and_endless_elements_do_no_harm() -> None:
    assert entries_of(RSS.replace("<item>", f"<item><description>{'<b>' * 3000}</description>"))
    assert entries_of(RSS.replace("<item>", f"<item><description>{'&' * 20_000}</description>"))


@pytest.mark.parametrize("number", ["&#x110000;", "&#99999999999;", "&#x" + "F" * 5_000 + ";"])
def test_a_number_that_names_no_letter_costs_one_letter_and_not_the_feed(number: str) -> None:
    broken = RSS.replace("Đông", f"{number} & Đông")
    (entry,) = entries_of(broken)
    assert entry.title.endswith("Đông Hà")


def test_a_feed_that_feedparser_itself_fails_at_is_refused() -> None:
    assert "broken in a way" in refusal_of(RSS.replace("<item>", "<image></width></image><item>"))


def test_a_summary_that_never_ends_is_no_fault() -> None:
    entry = '<entry><title>Đông Hà</title><summary type="html">Sáng nay</a></content></entry>'
    (entry,) = entries_of(f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>')
    assert entry.title == "Đông Hà"


def test_numbers_that_stand_for_no_character_do_not_cost_the_feed() -> None:
    item = "<item><guid isPermaLink='false'>a&#xD800;&#1;b</guid><title>Lễ&#0; hội&#xFFFF;</title></item>"
    (entry,) = entries_of(f'<rss version="2.0"><channel>{item}</channel></rss>')
    assert (entry.key, entry.title) == ("a\ufffdb", "Lễ hội")


def test_what_stands_about_the_elements_of_a_feed_is_passed_over() -> None:
    before = "<?xml version='1.0'?>\n<?xml-stylesheet href='a.xsl'?><!DOCTYPE rss><!-- <a> -->\n"
    (entry,) = entries_of(before + RSS.replace("<item>", "<!-- > --><item><?pi <b>?>"))
    assert entry.title == "Đông Hà"
    assert entries_of(RSS.replace("Đông Hà", "<<!-- -->!-- Đông Hà"))  # no comment comes about


def test_a_feeds_language_is_one_or_none() -> None:
    for said, language in (("vi-VN", "vi-VN"), (" en ", "en"), ("tiếng Việt", None), ("a" * 9_000, None)):
        body = RSS.replace("<item>", f"<language>{said}</language><item>")
        feed = Feed(source_of(language=""))
        assert feed.read_listing(answer(body), NOW).entries[0].language == language


@pytest.mark.parametrize(
    "maze",
    [
        "<x/>" * 200_000,
        "<x " + " ".join(f'a{n}=""' for n in range(2_000)) + "/>",
        ("<x " + " ".join(f'a{n}=""' for n in range(900)) + "/>") * 20,
    ],
    ids=["elements", "attributes", "attributes of many"],
)
def test_a_feed_made_to_take_for_ever_is_refused(maze: str) -> None:
    assert "The feed has" in refusal_of(RSS.replace("<item>", f"<item>{maze}"))


@pytest.mark.uncounted
@pytest.mark.parametrize("oldest_first", [True, False])
def test_of_a_feed_with_more_than_are_read_the_newest_are(*, oldest_first: bool) -> None:
    dates = [f"{1 + n // 60} Oct 2026 08:{n % 60:02d}:00 +0700" for n in range(1500)]
    items = [f"<item><title>Tin {n}</title><pubDate>{at}</pubDate></item>" for n, at in enumerate(dates)]
    items = items if oldest_first else items[::-1]
    read = entries_of(f'<rss version="2.0"><channel>{"".join(items)}</channel></rss>')
    assert {entry.title for entry in read} == {f"Tin {n}" for n in range(500, 1500)}
