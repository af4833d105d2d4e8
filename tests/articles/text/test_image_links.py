"""Where the image of an element is, and what is no image of an article."""

import pytest

from service.articles.text import image_links, sanitise
from service.articles.text.html_tree import parse_html

BASE = "https://portal.example.vn/tin/1.html"
FOLDER = "https://portal.example.vn/tin/"


def urls_in(markup: str, base: str = BASE) -> list[str]:
    return [image.url.removeprefix(FOLDER) for image in sanitise.sanitise_html(markup, base).images]


@pytest.mark.parametrize(
    "attributes",
    [
        'srcset="s.jpg 300w, a.jpg 1200w, m.jpg 600w"',
        'src=s.jpg srcset="s.jpg 300w, a.jpg 1200w"',
        'srcset="s.jpg 1x, a.jpg 2x"',
        'srcset="s.jpg, a.jpg 1.5x"',
        'srcset="a.jpg 1200w, huge.jpg 6000w"',
        'srcset="a.jpg 3000w, huge.jpg 6000w"',
        'srcset="  s.jpg   300w ,\n\ta.jpg\t1200w  ,"',
        'srcset="s.jpg 300w 200h,a.jpg 1200w 800h"',
        'srcset="a.jpg"',
        'srcset="a.jpg 1200W"',
        'srcset="data:image/gif;base64,R0lGODlhAQABAAAAACw= 1w, a.jpg 600w"',
        'srcset="a.jpg 600w, a.avif 1200w" sizes="(max-width: 600px) 100vw, 600px"',
        'src="data:image/gif;base64,R0lGOD" data-srcset="s.jpg 300w, a.jpg 800w"',
        'src=blank.gif data-lazy-srcset="a.jpg 800w"',
        'srcset="data:image/gif;base64,R0lGOD" data-src=a.jpg',
        "src=blank.gif data-src=a.jpg",
        "src=loading.gif data-original=a.jpg",
        "src=/images/placeholder.png data-lazy-src=a.jpg",
        "src=/images/no-image.png data-large-file=a.jpg",
        "src='data:image/svg+xml,%3Csvg' data-anh=a.jpg",
        "data-href=/tin/2.html data-anh='a.jpg'",
        'src=a.jpg data-options=\'{"url": "b.jpg"}\'',
        'src=a.jpg style="max-width:100%"',
        'style="display:none" data-src=a.jpg',
    ],
)
def test_the_widest_suitable_candidate_is_taken_then_what_waits_then_the_source(attributes: str) -> None:
    assert urls_in(f"<img {attributes}>") == ["a.jpg"]


@pytest.mark.parametrize(
    ("srcset", "url"),
    [
        ("/w_300,h_200/a.jpg 300w, /w_900,h_600/a.jpg 900w", "https://portal.example.vn/w_900,h_600/a.jpg"),
        ("https://i.example/f(1,2).jpg 2x, b.jpg", "https://i.example/f(1,2).jpg"),
        ("a.jpg?x=1,2 2x,b.jpg 1x", f"{FOLDER}a.jpg?x=1,2"),
        ("b.jpg,, a.jpg 2x", f"{FOLDER}a.jpg"),
    ],
)
def test_commas_within_an_address_belong_to_it(srcset: str, url: str) -> None:
    assert urls_in(f'<img srcset="{srcset}">', BASE) == [url.removeprefix(FOLDER)]


@pytest.mark.parametrize(
    "markup",
    [
        '<picture><source srcset="a.jpg 900w, s.jpg 300w"><img src=s.jpg></picture>',
        "<picture><source type=image/avif srcset=x><source type=image/webp srcset=a.webp><img></picture>",
        "<picture><source media='(width > 9em)' srcset='a.jpg 2x'><source srcset=s.jpg><img></picture>",
        "<picture><source type=image/jxl srcset=x.jxl><img src=a.jpg></picture>",
        "<picture><source data-srcset='a.jpg 900w'><img src=blank.gif></picture>",
        "<amp-img src=a.jpg width=600 height=400 layout=responsive></amp-img>",
        '<amp-img srcset="s.jpg 300w, a.jpg 900w"><noscript><img src=s.jpg></noscript></amp-img>',
        "<img class=lazy src=blank.gif><noscript><img src=a.jpg></noscript>",
        "<p><span><img src='data:image/gif;base64,R0'></span> <noscript><img src=a.jpg></noscript></p>",
        "<div class=holder></div><noscript><img src=a.jpg></noscript>",
        "<img data-src=a.jpg><noscript><img src=a.jpg?full></noscript>",
        "<figure><picture><source srcset='a.jpg 900w'><img src=s.jpg></picture></figure>",
        "<image src=a.jpg>",
    ],
)
def test_an_image_is_found_in_whatever_is_laid_around_it(markup: str) -> None:
    found = urls_in(markup)
    assert [url.removesuffix(".webp").removesuffix(".jpg") for url in found] == ["a"]


@pytest.mark.parametrize(
    "markup",
    [
        "<img src=/images/spacer.gif>",
        "<img src=/images/logo.png>",
        "<img src=/upload/logo-cong-ttdt.png>",
        "<img src=/themes/icons/print.png>",
        "<img src=/images/btn-share.gif>",
        "<img src=/images/no_image.jpg>",
        "<img src=https://secure.gravatar.com/avatar/0123?s=96>",
        "<img class='avatar avatar-96' src=/nguoi.jpg>",
        "<img class='social-icon' src=/fb.png>",
        "<img src=/dem.gif width=1 height=1>",
        "<img src=/anh.jpg style='display: none'>",
        "<img src=https://www.facebook.com/tr?id=1&amp;ev=PageView>",
        "<noscript><img height=1 width=1 src=https://www.facebook.com/tr?id=1></noscript>",
        "<img src=/images/arrow.gif>",
        "<img src=/hinh.svg>",
        "<img src=data:image/png;base64,AAAA>",
        "<noscript>Bật JavaScript để xem ảnh</noscript>",
    ],
)
def test_icons_logos_avatars_and_trackers_are_passed_over(markup: str) -> None:
    assert urls_in(markup) == []


@pytest.mark.parametrize(
    "name",
    [
        "le-ra-mat-logo-moi.jpg",
        "dot-kiem-tra.jpg",
        "pixel-pro-9.jpg",
        "avatar-le-hoi.jpg",
        "IMG_0001.JPG",
        "1.png",
    ],
)
def test_a_name_that_may_be_an_articles_is_none_of_theirs(name: str) -> None:
    assert urls_in(f"<img src={name}>") == [name]


def test_an_image_stands_where_its_picture_was() -> None:
    text = sanitise.sanitise_html(
        "<p>Một</p><picture><source srcset=a.webp><img src=a.jpg></picture><p>Hai</p>", BASE
    )
    assert text.html == "<p>Một</p><p>Hai</p>"
    assert (
        text.with_placeholders.index("Một")
        < text.with_placeholders.index("0")
        < text.with_placeholders.index("Hai")
    )


@pytest.mark.parametrize(
    ("media_type", "url", "is_image"),
    [
        ("image/jpeg", "/download?id=1", True),
        ("IMAGE/PNG", "/x", True),
        ("image", "/x", True),
        ("", "/a.jpg", True),
        ("application/octet-stream", "/a.JPG?w=1", True),
        ("binary/octet-stream", "/get.ashx?file=a.png&w=2", True),
        ("application/force-download", "/documents/1/a.jpeg/8b2c", True),
        ("", "/a.pdf", False),
        ("", "/a.jpgx", False),
        ("application/octet-stream", "/a.docx", False),
        ("video/mp4", "/a.jpg", False),
        ("audio/mpeg", "/a.jpg", False),
        ("application/pdf", "/a.jpg", False),
        ("image/svg+xml", "/a.svg", False),
        ("image/avif", "/a.avif", False),
    ],
)
def test_an_attachment_without_a_type_is_known_by_its_name(media_type: str, url: str, is_image: bool) -> None:
    assert image_links.is_image_file(media_type, url) is is_image


@pytest.mark.parametrize(
    "markup",
    [
        "<div style=\"background-image: url('/a.jpg')\"></div>",
        '<a style="width:10px; background: #fff url(/a.jpg) center"></a>',
        "<div><span data-bg=/a.jpg></span></div>",
        '<div style="background:red"><i style="background-image:url( &quot;/a.jpg&quot; )"></i></div>',
    ],
)
def test_a_background_is_found(markup: str) -> None:
    body = parse_html(markup).body
    assert body is not None
    assert image_links.background_of(body) == "/a.jpg"


@pytest.mark.parametrize("name", ["in.gif", "print.png", "ico_pdf.gif", "email2.png", "attach.gif"])
def test_what_is_drawn_before_tools_and_attachments_is_no_picture(name: str) -> None:
    assert urls_in(f"<p><img src={name}>Văn bản</p>") == []
    assert urls_in(f"<p><img src={name.partition('.')[0]}-hoi-nghi.jpg>Văn bản</p>") != []


def test_a_picture_that_is_only_named_like_a_tool_stays_one() -> None:
    assert urls_in("<img src=top1.png><img src=new.jpg><img src=in-1.png>") == [
        "top1.png",
        "new.jpg",
        "in-1.png",
    ]
