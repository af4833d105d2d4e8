"""Where feeds name the images of their articles."""

import pytest
from source_answers import NOW, PORTAL, answer, source_of

from service.articles.model import ImageCandidate, ParsedEntry
from service.articles.sources.feed import Feed

RSS = (
    '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">'
    "<channel><image><url>https://cong.example.gov.vn/logo.png</url></image>"
    "<item><title>Tin mới</title><link>https://cong.example.gov.vn/1.html</link>{}</item></channel></rss>"
)


def entry_of(inner: str) -> ParsedEntry:
    return Feed(source_of()).read_listing(answer(RSS.format(inner)), NOW).entries[0]


def urls_of(inner: str) -> list[str]:
    return [image.url.removeprefix(f"{PORTAL}/") for image in entry_of(inner).images]


@pytest.mark.parametrize(
    "inner",
    [
        '<media:content url="/anh.jpg" medium="image"/>',
        '<media:content url="/anh.jpg" type="image/jpeg"/>',
        '<media:content url="/anh.jpg"/>',
        '<media:group><media:content url="/anh.jpg" medium="image"/></media:group>',
        '<media:thumbnail url="/anh.jpg"/>',
        '<enclosure url="/anh.jpg" type="image/jpeg" length="1200"/>',
        '<enclosure url="/anh.jpg" length="0" type=""/>',
        '<enclosure url="/anh.jpg" type="application/octet-stream" length="0"/>',
        '<enclosure url="/anh.jpg"/>',
        '<media:content url="/anh.jpg" type="application/octet-stream"/>',
        '<media:group><media:content url="/a.mp4"/><media:thumbnail url="/anh.jpg"/></media:group>',
        "<image>/anh.jpg</image>",
        "<image>\n  <url>/anh.jpg</url><title>Logo</title><link>/khac.html</link></image>",
        "<image><url><![CDATA[/anh.jpg]]></url></image>",
        '<image url="/anh.jpg"/>',
        '<image src="/anh.jpg"></image>',
        "<Image>/anh.jpg</Image>",
        "<thumbnail>/anh.jpg</thumbnail>",
        '<thumbnail url="/anh.jpg"/>',
        '<img src="/anh.jpg"/>',
        "<thumb>/anh.jpg</thumb>",
        "<hinhanh>/anh.jpg</hinhanh>",
        "<StoryImage><![CDATA[/anh.jpg]]></StoryImage>",
        "<post-thumbnail><url>/anh.jpg</url></post-thumbnail>",
        "<itunes:image href='/anh.jpg'/>",
        '<description>&lt;img src="/anh.jpg"&gt; Một đoạn.</description>',
        '<description>&lt;img src="/blank.gif" data-src="/anh.jpg"&gt; Một đoạn.</description>',
        '<description>&lt;img data-original="anh.jpg"&gt; Một đoạn.</description>',
    ],
)
def test_an_image_is_found_wherever_it_is(inner: str) -> None:
    assert urls_of(inner) == ["anh.jpg"]


@pytest.mark.parametrize(
    "inner",
    [
        '<media:content url="/phim.mp4" medium="video"/>',
        '<enclosure url="/nhac.mp3" type="audio/mpeg" length="1"/>',
        '<description>&lt;img src="/dem.gif" width="1" height="1"&gt; Một đoạn.</description>',
        '<media:content url="javascript:alert(1)" medium="image"/>',
        '<enclosure url="/van-ban.pdf" type="application/octet-stream" length="1"/>',
        "<image>javascript:alert(1)</image>",
        "<image>Không có</image>",
        "<image/>",
        "<authoravatar>/nguoi.jpg</authoravatar>",
        "<icon>/anh.png</icon>",
        '<description>&lt;img src="data:image/png;base64,AAAA"&gt; Một đoạn.</description>',
        "",
    ],
)
def test_what_is_no_image_of_the_article_is_none(inner: str) -> None:
    assert entry_of(inner).images == ()


def test_an_enclosure_of_atom_without_a_type_is_known_by_its_name() -> None:
    links = '<link rel="enclosure" href="/a.jpg"/><link rel="enclosure" href="/b.pdf"/>'
    links += '<link rel="enclosure" type="application/octet-stream" href="/c.png?w=1"/>'
    feed = f"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Tin</title><id>1</id>
    <link href="{PORTAL}/1.html"/>{links}</entry></feed>"""
    images = Feed(source_of()).read_listing(answer(feed), NOW).entries[0].images
    assert [image.url for image in images] == [f"{PORTAL}/a.jpg", f"{PORTAL}/c.png?w=1"]


def test_a_name_with_spaces_is_a_name_in_an_element_that_holds_an_image() -> None:
    assert urls_of("<image>/tải lên/ảnh 1.jpg</image>") == ["t%E1%BA%A3i%20l%C3%AAn/%E1%BA%A3nh%201.jpg"]
    assert urls_of("<note>Xem tệp /a 1.jpg</note>") == []


def test_the_image_of_an_item_leaves_its_title_and_link_alone() -> None:
    entry = entry_of("<image><title>Logo</title><url>/anh.jpg</url><link>/khac.html</link></image>")
    assert (entry.title, entry.url) == ("Tin mới", f"{PORTAL}/1.html")


@pytest.mark.parametrize(
    "inner",
    [
        '<enclosure url="anh.jpg" type="image/jpeg"/>',
        '<media:content url="anh.jpg" medium="image"/>',
        '<description>&lt;img src="anh.jpg"&gt; Chữ.</description>',
        "<thumbnail>anh.jpg</thumbnail>",
    ],
)
def test_a_relative_address_starts_from_the_articles_own(inner: str) -> None:
    feed = RSS.format(inner).replace("gov.vn/1.html", "gov.vn/tin-tuc/2026/1.html")
    images = (
        Feed(source_of())
        .read_listing(answer(feed, url="https://rss.example.vn/kenh.xml"), NOW)
        .entries[0]
        .images
    )
    assert [image.url for image in images] == [f"{PORTAL}/tin-tuc/2026/anh.jpg"]


def test_a_base_that_the_feed_declares_comes_before_it() -> None:
    feed = RSS.format('<description>&lt;img src="anh.jpg"&gt; Chữ.</description>').replace(
        "<channel>", '<channel xml:base="https://anh.example.vn/kho/">'
    )
    entry = Feed(source_of()).read_listing(answer(feed), NOW).entries[0]
    assert entry.images[0].url == "https://anh.example.vn/kho/anh.jpg"
    assert entry.body_base == "https://anh.example.vn/kho/"


def test_the_largest_sensible_size_comes_first() -> None:
    sizes = "".join(
        f'<media:content url="/{width}.jpg" medium="image" width="{width}" height="100"/>'
        for width in (150, 1200, 9000, 600)
    )
    assert urls_of(sizes)[:2] == ["1200.jpg", "600.jpg"]


def test_a_tiny_thumbnail_comes_after_the_texts_own_image() -> None:
    thumbnail = '<media:thumbnail url="/72.jpg" width="72" height="72"/>'
    text = '<description>&lt;img src="/lon.jpg"&gt; Chữ.</description>'
    assert urls_of(thumbnail + text) == ["lon.jpg", "72.jpg"]


def test_sizes_are_those_of_the_feed_and_an_enclosures_length_is_none_of_them() -> None:
    assert entry_of('<media:content url="/a.jpg" medium="image" width="600" height="400"/>').images == (
        ImageCandidate(f"{PORTAL}/a.jpg", 600, 400),
    )
    assert entry_of('<enclosure url="/a.jpg" type="image/jpeg" length="130"/>').images[0].width is None


def test_the_channels_logo_is_no_article_image() -> None:
    assert entry_of("<description>Không ảnh.</description>").images == ()
