"""Which words go with an image as its caption, and which stay in the text."""

import pytest

from service.articles.text import sanitise

BASE = "https://portal.example.vn/tin/1.html"
IMAGE = "<img src=a.jpg>"
CAPTION = "Chợ xuân. Ảnh: Văn Hải"
TEXT = "<p>Văn bản của bài, dài hơn một chú thích, nói về phiên chợ đầu xuân.</p>"


def read(markup: str) -> tuple[str, list[str]]:
    """Return the text without the last paragraph, and the captions."""
    found = sanitise.sanitise_html(markup + TEXT, BASE)
    assert found.html.endswith(TEXT)
    return found.html.removesuffix(TEXT), [image.caption for image in found.images]


@pytest.mark.parametrize(
    "markup",
    [
        f"<figure>{IMAGE}<figcaption>{CAPTION}</figcaption></figure>",
        f"<div class=box>{IMAGE}</div><figcaption>{CAPTION}</figcaption>",
        f"<p style='text-align: center'>{IMAGE}</p><p style='text-align: center'><em>{CAPTION}</em></p>",
        f"<p>{IMAGE}</p>\n<p><em>{CAPTION}</em></p>",
        f"<p>{IMAGE}</p><p align=center>{CAPTION}</p>",
        f"<p>{IMAGE}</p><p align=center><span><span>{CAPTION}</span></span></p>",
        f"<p>{IMAGE}</p><p class='text-center'>{CAPTION}</p>",
        f"<p>{IMAGE}</p><p><small>{CAPTION}</small></p>",
        f"<p>{IMAGE}</p><p><span style='font-size:10pt'>{CAPTION}</span></p>",
        f"<p>{IMAGE}</p><p><font size=1>{CAPTION}</font></p>",
        f"<p>{IMAGE}</p><p align=center><b><i>{CAPTION}</i></b></p>",
        f"<center>{IMAGE}<br><small>{CAPTION}</small></center>",
        f"<p align=center>{IMAGE}<br>{CAPTION}</p>",
        f"<p>{IMAGE}<br><i>Chợ xuân.</i> <i>Ảnh: Văn Hải</i></p>",
        f"<div style='text-align:center'><div>{IMAGE}</div><div>{CAPTION}</div></div>",
        f"<div><div><div>{IMAGE}</div></div></div><div><div><em>{CAPTION}</em></div></div>",
        f"<div>{IMAGE}<div class='mt-2 text-center text-sm italic text-gray-500'>{CAPTION}</div></div>",
        f"<table><tr><td>{IMAGE}</td></tr><tr><td><em>{CAPTION}</em></td></tr></table>",
        f"<table><tr><td>{IMAGE}</td></tr><tr><td>{CAPTION}</td></tr></table>",
        f"<p>{IMAGE}</p><p class=Image>{CAPTION}</p>",
    ],
)
def test_a_caption_in_any_of_its_forms_goes_with_its_image(markup: str) -> None:
    assert read(markup) == ("", [CAPTION])


@pytest.mark.parametrize(
    "kept",
    [
        "<p>Đoạn ngay sau ảnh.</p>",
        '<p align="right"><i>Nguyễn Đức Hải</i></p>',
        "<p><i>Nguyễn Đức Hải - Văn phòng HĐND và UBND</i></p>",
        "<p align=center><em>Tin: Nguyễn Đức Hải</em></p>",
        "<p align=center><b>Nhiệm vụ trọng tâm</b></p>",
        "<p align=center>QUYẾT ĐỊNH</p>",
        "<p><i>Nội dung như sau:</i></p>",
        f"<p><i>{'Một đoạn chữ nghiêng dài là một phần của bài viết. ' * 6}</i></p>",
        "<p align=center><a href='/a.pdf'>Xem văn bản</a></p>",
        "<center><ul><li>Một</li></ul></center>",
        "<h3>Tiểu mục</h3>",
    ],
)
def test_what_follows_an_image_and_is_no_caption_stays_in_the_text(kept: str) -> None:
    html, captions = read(f"<p align=center>{IMAGE}</p>{kept}")
    assert html
    assert captions == [""]


def test_a_short_article_in_a_table_is_not_the_caption_of_its_image() -> None:
    before, behind = "Hội thi có 12 đội, trải qua ba phần thi.", "<p align=right><b>Tin: Văn Hải</b></p>"
    for text in (f"<p>{before}</p>", f"<div>{before}</div>", f"{before}<br>"):
        html, captions = read(
            f"<table><tr><td>{text}<p>{IMAGE}</p><p><i>{CAPTION}</i></p>{behind}</td></tr></table>"
        )
        assert (before in html, CAPTION in html, captions) == (True, False, [CAPTION])


def test_words_in_the_line_of_an_image_stay_in_the_text() -> None:
    assert read(f"<p>{IMAGE}Chợ xuân mở cửa từ sáng mồng hai.</p>") == (
        "<p>Chợ xuân mở cửa từ sáng mồng hai.</p>",
        [""],
    )


def test_each_of_several_images_in_a_row_has_the_caption_that_follows_it() -> None:
    gallery = "".join(
        f"<p align=center><img src={number}.jpg></p><p align=center><i>Ảnh {number}</i></p>"
        for number in range(3)
    )
    assert read(gallery) == ("", ["Ảnh 0", "Ảnh 1", "Ảnh 2"])


def test_images_side_by_side_in_a_table_have_the_cells_below_them() -> None:
    rows = "<tr><td><img src=1.jpg></td><td><img src=2.jpg></td></tr><tr><td>Sông</td><td>Núi</td></tr>"
    html, captions = read(f"<table>{rows}</table>")
    assert captions == ["Sông", "Núi"]
    assert "Sông" not in html


def test_the_caption_stays_where_the_image_cannot_be_shown_at_all() -> None:
    html, captions = read(f"<p><img src=a.gif width=1 height=1></p><p align=center><i>{CAPTION}</i></p>")
    assert (CAPTION in html, captions) == (True, [])
