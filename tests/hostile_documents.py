"""Documents of a megabyte that are made to exhaust their parser, for every parser of feeds and pages.

Each is a function of a size in characters. Each has many of one thing within, beside or behind many of
another, so that a parser that looks at each of one from each of the other takes quadratic time.
"""

import json
from collections.abc import Callable, Mapping
from itertools import count, islice

Make = Callable[[int], str | bytes]

_LINK = "<p><a href=/tin-{0}.html>Lễ hội bên sông lần thứ {0}</a></p>"
_ARTICLE = {"@type": "NewsArticle", "headline": "Lễ hội bên sông"}


def _rss(inside: str, root: str = '<rss version="2.0">', before: str = "") -> str:
    return f"{before}{root}<channel><title>t</title>{inside}</channel></rss>"


def _item(inside: str) -> str:
    return f"<item><title>Lễ hội bên sông mùa xuân</title><link>https://x.example/1</link>{inside}</item>"


def _in_item(begin: str, each: str, end: str) -> Make:
    """Return an item with one element that repeats something."""
    return lambda size: _rss(_item(begin + each * (size // len(each)) + end))


def _numbered(each: str, size: int) -> str:
    """Return `each` repeated, with a running number in it."""
    return "".join(islice(map(each.format, count()), size // len(each)))


def _page(inside: str) -> str:
    return (
        "<!doctype html><html><head><title>Lễ hội bên sông mùa xuân</title></head><body>"
        f"<h1>Lễ hội bên sông mùa xuân</h1>{inside}</body></html>"
    )


def _in_page(each: str, begin: str = "", end: str = "") -> Make:
    return lambda size: _page(begin + each * (size // len(each)) + end)


def _numbered_in_page(each: str, begin: str = "", end: str = "") -> Make:
    return lambda size: _page(begin + _numbered(each, size) + end)


def _nested(opening: str, text: str, deep: int) -> Make:
    """Return a text within this many nested elements."""
    return lambda size: _page(opening * deep + text * (size // len(text)))


def _json_feed(item: Mapping[str, object]) -> str:
    whole = {"id": "1", "title": "Lễ hội bên sông", "url": "https://x.example/1", **item}
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [whole]})


def _posts(post: Mapping[str, object]) -> str:
    whole = {"id": 1, "link": "https://x.example/1", "title": {"rendered": "Lễ hội bên sông"}, **post}
    return json.dumps([whole])


def _ld(article: object, times: int = 1) -> str:
    blocks = f'<script type="application/ld+json">{json.dumps(article)}</script>' * times
    return _page(blocks + f"<div>{'Một câu dài của bài viết về lễ hội, ' * 30}</div>")


def _texts() -> dict[str, Make]:
    """Return markup for titles, leads and texts of feeds, JSON feeds and posts."""
    return {
        "spaces": lambda size: "a" + " " * size + "b",
        "no-break spaces": lambda size: "a" + "&nbsp;" * (size // 6) + "b",
        "links": lambda size: "<a>" * (size // 3),
        "links with an address": lambda size: _numbered("<a href=/{}>x", size),
        "images": lambda size: _numbered("<img src=/{}.jpg>", size),
        "images in tables": lambda size: "<table>" + _numbered("<tr><td><img src=/{}.jpg>", size),
        "unclosed elements": lambda size: _numbered("<x{} class=caption>", size),
        "captions": lambda size: "<p class=class=class=" + "class=" * (size // 6) + ">",
        "one class after the other": lambda size: "<p " + "class=a " * (size // 8) + ">b",
        "silent elements without an end": lambda size: "<svg><math><object><select>" * (size // 27),
        "ends without an end": lambda size: "<svg>" + "</svg" * (size // 5),
        "marks": lambda size: "a" + "\u0301" * size,
        "marks as references": lambda size: "a" + "&#769;" * (size // 6),
        "wide letters": lambda size: "\ufdfa" * size,
        "references": lambda size: "&amp;" * (size // 5),
        "references twice": lambda size: "&amp;lt;p&amp;gt;" * (size // 16),
        "a number": lambda size: "&#" + "9" * size + ";",
        "ampersands": lambda size: "&" * size,
        "brackets": lambda size: "<" * size,
        "comments": lambda size: "<!--" * (size // 4),
        "empty comments": lambda size: "<!-->" * (size // 5),
        "data": lambda size: "<![CDATA[" * (size // 9),
        "data addresses": lambda size: "data:a;base64," * (size // 14),
        "quotes": lambda size: "<a x='\"" * (size // 7),
        "bold": lambda size: "<b>" * (size // 3) + "</b>" * 20,
        "bold with numbers": lambda size: _numbered("<b id={}>", size // 2) + "<p>x" * (size // 8),
        "deep": lambda size: "<div>" * (size // 5),
        "deep lists": lambda size: "<ul><li>" * (size // 8),
        "tables that hide their ends": lambda size: "<div><table></div></table>" * (size // 26),
        "attributes": lambda size: "<p " + _numbered("a{} ", size) + ">",
        "attributes of many": lambda size: ("<p " + _numbered("a{} ", 5_000) + ">x</p>") * (size // 5_000),
        "attributes of the body": lambda size: _numbered("<body a{}>", size),
        "figures": lambda size: "<figure>" * (size // 8),
        "closed figures": lambda size: "<figure>x</figure>" * (size // 18) + "<h2>y</h2>",
        "headings": lambda size: "<h2>" * (size // 4),
        "blank paragraphs": lambda size: "<p><b><i> </i></b></p>" * (size // 22),
        "full stops": lambda size: "." * size,
        "credits": lambda size: "(ảnh: " * (size // 6),
        "more": lambda size: "<a>xem thêm</a>" * (size // 15),
        "separators": lambda size: " - | " * (size // 5),
        "the post": lambda size: "The post x appeared first on " * (size // 29),
        "ellipses": lambda size: "[ … " * (size // 4),
        "commas": lambda size: "," * size,
        "dates": lambda size: "1/1/2020 " * (size // 9),
        "digits": lambda size: "1" * size,
        "letters encoded twice": lambda size: "<b>\xc3\xb4" * (size // 5),
        "a text encoded twice": lambda size: "\xc3\xb4\xe1\xbb\u2039 " * (size // 6),
        "letters of a font": lambda size: "<b>c\xabng" * (size // 7),
        "a text of a font": lambda size: "c\xabng b\xb8o " * (size // 9),
        "references to a font": lambda size: "h&micro;i " * (size // 10),
        "images in noscript": lambda size: _numbered(
            "<img data-x=y><noscript><img src=/{}.jpg></noscript>", size
        ),
        "noscripts within each other": lambda size: "<noscript><img>" * (size // 15),
        "images of AMP": lambda size: _numbered("<amp-img src=/{}.jpg>", size),
        "a set of images": lambda size: "<img srcset='" + _numbered("/{}.jpg 2x, ", size) + "'>",
        "sets of images": lambda size: _numbered(
            "<picture><source srcset='a 1x,b {}w'><img></picture>", size
        ),
        "a picture of many sources": lambda size: (
            "<picture>" + _numbered("<source srcset=/{}.jpg>", size // 2) + "<img src=a.jpg>" * (size // 30)
        ),
        "commas in a set": lambda size: "<img srcset='" + "," * size + "'>",
        "attributes of an image": lambda size: (
            "<img " + _numbered("data-{}=a.jpg ", 900 * 15) + ">" * (size // 99)
        ),
        "backgrounds": lambda size: _numbered("<i style='background:url(/{}.jpg)'>x</i>", size),
    }


def _feeds() -> dict[str, Make]:
    texts = {
        f"feed: description of {name}": lambda size, make=make: _rss(
            _item(f"<description><![CDATA[{make(size)}]]></description>")
        )
        for name, make in _texts().items()
    }
    return texts | {
        "feed: a title of spaces": lambda size: _rss(_item("").replace("Lễ hội", f"Lễ{' ' * size}hội")),
        "feed: a title of separators": lambda size: _rss(_item("").replace("Lễ hội", " - |" * (size // 4))),
        "feed: attributes of the root": lambda size: _rss(
            _item(""), "<rss " + _numbered('a{}="" ', size) + ">"
        ),
        "feed: namespaces": lambda size: _rss(
            _item("<x/>") * 100, "<rss " + _numbered('xmlns:a{}="u" ', size) + ">"
        ),
        "feed: a namespace each": lambda size: _rss(_numbered('<a{0}:x xmlns:a{0}="u{0}"/>', size)),
        "feed: attributes of many": lambda size: _rss(
            _item("<x " + _numbered('a{}="" ', 4_000) + "/>") * (size // 4_000)
        ),
        "feed: links": lambda size: _rss("<a>" * (size // 3)),
        "feed: empty items": lambda size: _rss("<item/>" * (size // 7)),
        "feed: items": lambda size: _rss(_item("") * (size // 90)),
        "feed: categories": _in_item("", "<category>{}</category>", ""),
        "feed: different categories": lambda size: _rss(_item(_numbered("<category>{}</category>", size))),
        "feed: keywords": lambda size: _rss(
            _item(f"<itunes:keywords>{_numbered('{},', size)}</itunes:keywords>"),
            '<rss xmlns:itunes="http://www.itunes.com/DTDs/PodCast-1.0.dtd">',
        ),
        "feed: an author": _in_item("<author>", "a", "</author>"),
        "feed: an author of signs": _in_item("<author>", "a.", "</author>"),
        "feed: an author of commas": _in_item("<author>", ",", "</author>"),
        "feed: authors": lambda size: _rss(_item(_numbered("<author>Nguyễn Văn {}</author>", size))),
        "feed: a byline in every item": lambda size: _rss(
            _item(f"<author>{',' * 2_000}</author>") * (size // 2_000)
        ),
        "feed: bases": lambda size: _rss(
            _item(_numbered("<x{} xml:base='" + "a" * 1_000 + "/'>", size)),
            '<rss xml:base="http://x.example/">',
        ),
        "feed: a base": lambda size: _rss(
            _item("<x/>") * (size // 100), "<rss xml:base='http://x.example/" + "a" * (size // 2) + "/'>"
        ),
        "feed: a language": lambda size: _rss(
            f"<language>{'a_' * (size // 4)}</language>" + _item("<description/>") * (size // 200)
        ),
        "feed: a date": _in_item("<pubDate>", "1 ", "</pubDate>"),
        "feed: a date of letters": _in_item("<pubDate>", "Jan ", "</pubDate>"),
        "feed: a date of colons": _in_item("<pubDate>", "1:", "</pubDate>"),
        "feed: line ends before it": lambda size: _rss(
            _item(""), before="<?xml version='1.0'?>" + "\n" * size
        ),
        "feed: comments before it": lambda size: _rss(_item(""), before="<!-- -->\n" * (size // 9)),
        "feed: types before it": lambda size: _rss(_item(""), before="<!DOCTYPE" * (size // 9)),
        "feed: declarations before it": lambda size: _rss(_item(""), before="<?xml" * (size // 5)),
        "feed: comments": lambda size: _rss(_item("<!-- -->" * (size // 8))),
        "feed: comments without an end": lambda size: _rss(_item("<!--" * (size // 4))),
        "feed: sections": lambda size: _rss(_item("<![CDATA[ ]]>" * (size // 13))),
        "feed: references": _in_item("<description>", "&#32;", "</description>"),
        "feed: blank pieces of XHTML": lambda size: (
            '<feed xmlns="http://www.w3.org/2005/Atom"><entry><content type="xhtml">'
            f"{'&#32;' * (size // 10)}{'<br/>&' * (size // 12)}</content></entry></feed>"
        ),
        "feed: XHTML": lambda size: (
            '<feed xmlns="http://www.w3.org/2005/Atom"><entry><content type="xhtml">'
            f"{'<div>' * (size // 11)}{'</div>' * (size // 11)}</content></entry></feed>"
        ),
        "feed: pictures": lambda size: _rss(
            _item(_numbered('<media:content url="/{}.jpg"/>', size)),
            '<rss xmlns:media="http://search.yahoo.com/mrss/">',
        ),
        "feed: images of items": lambda size: _rss(_item(_numbered("<image>/{}.jpg</image>", size))),
        "feed: images without an end": lambda size: _rss(_item("<image>" * (size // 7))),
        "feed: images within images": lambda size: _rss(
            _item(_numbered("<image><url>/{}.jpg</url>", size // 2))
        ),
        "feed: elements with images": lambda size: _rss(_item(_numbered("<x{0}>/{0}.jpg</x{0}>", size))),
        "feed: bad bytes": lambda size: _rss(_item("")).encode() + b"\xc3\xa9\xff " * (size // 4),
        "feed: bad bytes in many texts": lambda size: (
            _rss("").encode() + b"<title>\xc3\xa9\xff</title>" * (size // 36)
        ),
        "feed: TCVN3": lambda size: _rss(_item("c\xabng b\xb8o " * (size // 9))).encode("cp1252", "replace"),
        "feed: open quotes": lambda size: _rss(_item("<a x=\"<a y='" * (size // 12))),
        "feed: addresses": _in_item("<link>", "/../a", "</link>"),
        "feed: enclosures": lambda size: _rss(_item(_numbered('<enclosure url="/{}.jpg"/>', size))),
        "feed: an identifier": _in_item("<guid>", "a\n", "</guid>"),
        "feed: nothing but spaces": lambda size: " " * size,
        "feed: nothing but a page": lambda size: "<title" * (size // 6),
        "feed: a page of links": lambda size: "<html>" + "<link " * (size // 6),
    }


def _json_feeds() -> dict[str, Make]:
    texts = {
        f"json: {name}": lambda size, make=make: _json_feed({"content_html": make(size), "title": ""})
        for name, make in _texts().items()
    }
    return texts | {
        "json: authors": lambda size: _json_feed(
            {"authors": [{"name": f"Văn {n}"} for n in range(size // 30)]}
        ),
        "json: a byline": lambda size: _json_feed({"authors": [{"name": ", " * (size // 2)}]}),
        "json: nested": lambda size: "[" * size,
        "json: nested objects": lambda size: '{"a":' * (size // 5),
        "json: digits": lambda size: '{"a":' + "9" * size + "}",
        "json: numbers": lambda size: '{"a":[' + ("9" * 4_000 + ",") * (size // 4_001) + "1]}",
        "json: a notice of brackets": lambda size: 'Notice: [["", ' + '[["", ' * 3_000 + "1, " * (size // 3),
        "json: strings of a font": lambda size: '["\\u00ab", ' + '"c\xabng b\xb8o", ' * (size // 13) + "1]",
        "json: escapes": lambda size: '{"a":"' + "\\ud800" * (size // 6) + '"}',
        "json: an identifier": lambda size: _json_feed({"id": "\ud800" * (size // 6)}),
        "json: attachments": lambda size: _json_feed(
            {"attachments": [{"url": f"/{n}.jpg", "mime_type": "image/jpeg"} for n in range(size // 50)]}
        ),
        "json: a date": lambda size: _json_feed({"date_published": "1/1" * (size // 3)}),
    }


def _word_press() -> dict[str, Make]:
    return {
        f"posts: excerpt of {name}": lambda size, make=make: _posts({"excerpt": {"rendered": make(size)}})
        for name, make in _texts().items()
    } | {
        "posts: links that lead on": lambda size: _posts(
            {"excerpt": {"rendered": "<a more-link" * (size // 12)}}
        ),
        "posts: sizes": lambda size: _posts(
            {
                "_embedded": {
                    "wp:featuredmedia": [
                        {
                            "media_details": {
                                "sizes": {
                                    str(n): {"width": n, "source_url": f"/{n}.jpg"} for n in range(size // 50)
                                }
                            }
                        }
                    ]
                }
            }
        ),
        "posts: authors": lambda size: _posts(
            {"_embedded": {"author": [{"name": "admin"} for _ in range(size // 20)]}}
        ),
    }


def _pages() -> dict[str, Make]:
    lead = "Một câu dài của bài viết về lễ hội, với dấu phẩy và nhiều chữ. "
    return {f"page: {name}": lambda size, make=make: _page(make(size)) for name, make in _texts().items()} | {
        "page: a deep text": _nested("<div>", lead, 400),
        "page: deep authors": lambda size: _page(
            '<div class="author">' * 100
            + f'Nguyễn Văn A<img alt="{"a" * (size // 2)}">'
            + "<!-- -->" * (size // 16)
        ),
        "page: deep leads": lambda size: _page(
            '<div class="sapo title date">' * 20
            + "Một câu"
            + "<!---->" * (size // 40)
            + f'<img alt="{"a" * (size // 2)}">'
        ),
        "page: a deep text of spans": _nested("<span>", "<i>một chữ</i> ", 400),
        "page: deep titles": lambda size: _page(
            '<div class="title">' * 400 + "<span> </span>" * (size // 60)
        ),
        "page: deep captions": lambda size: _page("<table><tr><td>" * 100 + "<p>một chữ " * (size // 60)),
        "page: titles": _in_page('<p class="title">Lễ hội bên sông</p>'),
        "page: a title of many parts": lambda size: _page(
            "<span>Lễ hội bên sông mùa xuân</span>" * (size // 40)
        ).replace("<title>", "<title>" + "a | " * 100, 1),
        "page: dates": _in_page('<p class="date">1/1/2020</p>'),
        "page: times": _in_page("<time>hôm nay</time>"),
        "page: menus": _in_page('<nav class="menu"><a href=/x>Một mục</a></nav>'),
        "page: authors": _in_page('<p class="author">Nguyễn Văn A</p>'),
        "page: signatures": lambda size: _page(
            "<p align=right>Nguyễn Văn A - Sở Y tế" * (size // 72) + "<!---->" * (size // 90)
        ),
        "page: lines of a signature": lambda size: _page(
            "Nguyễn Văn A<br>" * (size // 72) + " " * (size // 2)
        ),
        "page: a signature of many texts": lambda size: _page(
            "<p>" + "Một câu dài. " * (size // 20) + "<b>Lê</b> <i>An</i>" * (size // 144)
        ),
        "page: a deep signature": lambda size: _page(
            "<p>" + "Một câu dài. " * (size // 20) + "<b>" * 90 + "Lê" + "<i> An</i>" * (size // 5_000)
        ),
        "page: cells of a signature": lambda size: _page(
            "<table><tr>" + "<td>" * (size // 72) + "Lê An" + "<!---->" * (size // 90)
        ),
        "page: meta": lambda size: _page("").replace(
            "</head>", _numbered('<meta name=date content="x {}">', size)
        ),
        "page: names of meta": lambda size: _page("").replace(
            "</head>", "<meta content=x name='" + "a " * (size // 2) + "'>"
        ),
        "page: shared pictures": lambda size: _page("").replace(
            "</head>", _numbered('<meta property=og:image content="/{}.jpg">', size)
        ),
        "page: site names": lambda size: _page("").replace(
            "</head>", _numbered('<meta property=og:site_name content="{}">', size)
        ),
        "page: a base": lambda size: _page(_numbered("<img src=/{}.jpg>", size // 2)).replace(
            "</head>", "<base href='https://x.example/" + "a/" * (size // 4) + "'></head>"
        ),
        "page: a class": lambda size: _page(
            "<div class='" + "a " * (size // 4) + "'>" + _numbered(_LINK, size // 2)
        ),
        "page: authors of its data": lambda size: _ld(
            {
                **_ARTICLE,
                "author": [{"name": f"Văn {n}"} for n in range(size // 20)],
                "publisher": [{"name": f"Báo {n}"} for n in range(size // 40)],
            }
        ),
        "page: references of its data": lambda size: _ld(
            [
                {"@id": "a", "@type": "Person", "name": ["Nguyễn Văn A" * 50] * (size // 1_200)},
                {**_ARTICLE, "author": [{"@id": "a"}] * (size // 20)},
            ]
        ),
        "page: pictures of its data": lambda size: _ld(
            [
                {"@id": "a", "url": "/a.jpg", "caption": "chữ " * (size // 8)},
                {**_ARTICLE, "image": [{"@id": "a"}] * (size // 20)},
            ]
        ),
        "page: lists of its data": lambda size: _ld(
            {"itemListElement": [{"url": f"/tin-{n}.html", "name": f"Lễ hội {n}"} for n in range(size // 50)]}
        ),
        "page: deep data": lambda size: _page(
            '<script type="application/ld+json">' + "[" * size + "</script>"
        ),
        "page: names of deep data": lambda size: _page(
            ('<script type="application/ld+json">' + '{"@id":' * 900 + "1" + "}" * 900 + "</script>")
            * (size // 7_200)
        ),
        "page: commas of its data": lambda size: _page(
            '<script type="application/ld+json">[1' + ", " * (size // 2) + "]</script>"
        ),
        "page: semicolons of its data": lambda size: _page(
            '<script type="application/ld+json">' + "; " * (size // 2) + "x</script>"
        ),
        "page: articles": _numbered_in_page(f"<li><h3>{_LINK}</h3><p>{lead}</p></li>", "<ul>", "</ul>"),
        "page: links behind spans": lambda size: _page(
            "<div>" + "<span>x</span>" * (size // 40) + _numbered(_LINK, size // 2)
        ),
        "page: links before spans": lambda size: _page(
            _numbered(_LINK, size // 2) + "<span>x</span>" * (size // 40)
        ),
        "page: blocks in links": _numbered_in_page(
            "<a href=/tin-{0}.html><div><p>Lễ hội lần {0}</p></div></a>"
        ),
        "page: one link": _in_page("<a href=/tin-1.html>Lễ hội bên sông lần thứ nhất</a>"),
        "page: a card of spans": lambda size: _page(
            _numbered(f"<div>{_LINK}{'<span>chữ ' * 100}</div>", size)
        ),
        "page: a card of text": lambda size: _page(
            _numbered(f"<div>{_LINK}<i>{'chữ, ' * 7_000}</i></div>", size)
        ),
        "page: elements of a picture": lambda size: _page("<svg><title>" + "<div>" * (size // 5)),
        "page: bogus comments": _in_page("<?>"),
        "page: rows": _in_page("<tr><td>1/1/2020</td></tr>", "<table>", "</table>"),
        "page: names of a host": lambda size: _page(_numbered(f"<img src=//{'é' * 300}{{}}.vn/a.jpg>", size)),
        "page: a declaration": lambda size: "<?xml encoding=" + " " * size + "?>" + _page(""),
        "page: declarations": lambda size: "<meta" * (size // 5) + _page(""),
        "page: not UTF-8": lambda size: b"\xff\xfe\xfd" + "ể".encode() * (size // 3),
        "page: marks in TCVN3": lambda size: b"<p>\xb0\xb1\xb2\xb3\xb4" * (size // 8),
    }


def documents() -> dict[str, tuple[str, Make]]:
    """Return every document by name: the kind of source that parses it, and its function."""
    made = {name: ("feed", make) for name, make in (_feeds() | _json_feeds()).items()}
    made |= {name: ("wordpress", make) for name, make in _word_press().items()}
    for name, make in _pages().items():
        made[f"listing {name}"] = ("page", make)
        made[f"article {name}"] = ("article", make)
    return made
