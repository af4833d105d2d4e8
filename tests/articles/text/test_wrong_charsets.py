"""Texts that are not in the charset they are declared in, or that were spoilt before they were sent."""

import json
import unicodedata

import pytest
from source_answers import NOW, PORTAL, answer, source_of

from service.articles.sources.feed import Feed
from service.articles.sources.html_listing import HtmlListing
from service.articles.text import vietnamese
from service.articles.text.decoding import decode, load_json

# One text in every charset, as Windows-1252 shows its bytes.
TITLE = "Đông Hà, Thị xã Quảng Trị"
TCVN3 = "§«ng Hµ, ThÞ x· Qu¶ng TrÞ"
VNI = "Ñoâng Haø, Thò xaõ Quaûng Trò"
WINDOWS_1258 = "Ðông Hà, Thiò xaÞ QuaÒng Triò"
VISCII = b"\xd0\xf4ng H\xe0, Th\xb8 x\xe3 Qu\xe4ng Tr\xb8"
BYTES = {
    "tcvn3": TCVN3.encode("cp1252"),
    "vni": VNI.encode("cp1252"),
    "windows-1258": WINDOWS_1258.encode("cp1252"),
    "viscii": VISCII,
}
SENTENCE = "Lễ hội đua thuyền truyền thống trên sông Thạch Hãn thu hút hàng nghìn người dân đến xem"
DECLARED = [
    "",
    "text/html; charset=utf-8",
    "text/html; charset=iso-8859-1",
    "text/html; charset=windows-1258",
]


def doubled(text: str, charset: str = "latin-1") -> str:
    """As a program shows it that takes UTF-8 for another charset; bytes that this has not are controls."""
    read = text.encode().decode("latin-1")
    return "".join(bytes([ord(char)]).decode(charset, "ignore") or char for char in read)


@pytest.mark.parametrize("name", [*BYTES])
def test_the_charsets_from_before_unicode_may_be_configured(name: str) -> None:
    assert decode(BYTES[name], "text/html; charset=utf-8", name) == TITLE


@pytest.mark.parametrize("content_type", DECLARED)
@pytest.mark.parametrize("name", ["tcvn3", "vni", "windows-1258"])
def test_a_title_alone_tells_in_which_of_them_it_is(name: str, content_type: str) -> None:
    assert decode(BYTES[name], content_type) == TITLE


def test_viscii_is_known_by_a_longer_text() -> None:
    text = "Lễ hội đua thuyền ở thị xã"
    body = b"L\xad h\xb5i \xf0ua thuy\xabn \xb7 th\xb8 x\xe3"
    assert decode(body, "") == text


@pytest.mark.parametrize("name", ["tcvn3", "vni", "windows-1258"])
def test_a_feed_a_page_and_json_are_read_alike(name: str) -> None:
    title = BYTES[name]
    rss = b'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><item><title>'
    rss += title + b"</title><link>/1.html</link></item></channel></rss>"
    as_json = b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "'
    as_json += title + b'"}]}'
    page = b"<html><head><meta charset=utf-8></head><body><h2><a href=/tin/le-hoi-ben-song-1.html>" + title
    page += b", 1</a></h2><h2><a href=/tin/le-hoi-ben-song-2.html>" + title + b", 2</a></h2></body>"
    for body in (rss, as_json):
        assert Feed(source_of()).read_listing(answer(body), NOW).entries[0].title == TITLE
    listing = HtmlListing(source_of("page", f"{PORTAL}/tin")).read_listing(answer(page, "text/html"), NOW)
    assert [entry.title for entry in listing.entries] == [f"{TITLE}, 1", f"{TITLE}, 2"]


@pytest.mark.parametrize(
    "spoilt", [TCVN3, VNI, WINDOWS_1258, "§«ng H&micro;, Th&THORN; x&middot; Qu&#182;ng Tr&#xDE;"]
)
def test_letters_of_fonts_in_a_page_of_utf_8_become_unicode(spoilt: str) -> None:
    assert decode(f"<p>{spoilt}</p>".encode(), "text/html; charset=utf-8") == f"<p>{TITLE}</p>"


def test_capitals_of_tcvn3_which_its_fonts_draw_are_capitals() -> None:
    assert decode("UBND TØNH Hµ NAM: TH¤NG B\xb8O cña UBND tØnh Hµ Nam".encode("cp1252"), "", "tcvn3") == (
        "UBND TỈNH HÀ NAM: THÔNG BÁO của UBND tỉnh Hà Nam"
    )


@pytest.mark.parametrize("charset", ["latin-1", "cp1252", "cp1258"])
def test_utf_8_that_was_encoded_twice_or_thrice_is_decoded_as_often(charset: str) -> None:
    for text in (SENTENCE, TITLE, "Hà Nội", "“Tết” \u2013 25°C…"):
        twice = doubled(text, charset)
        for spoilt in (twice, doubled(twice)):
            assert decode(f"<p>{spoilt}</p>".encode(), "text/html; charset=utf-8") == f"<p>{text}</p>"


@pytest.mark.parametrize(
    ("spoilt", "text"),
    [
        ("Itâ€™s â€œfineâ€\x9d", "It\u2019s “fine”"),
        ("25Â°C", "25°C"),
        ("cafÃ©", "café"),
        ("Ä\ufffdĂ\xb4ng HĂ\xa0", "Đông Hà"),
        ("&Auml;\x90&Atilde;&acute;ng H&Atilde;&nbsp;", "Đông Hà"),
        ("th&aacute;&raquo;\u2039 x&Atilde;&pound;", "thị xã"),
    ],
)
def test_what_other_programs_make_of_utf_8_is_undone(spoilt: str, text: str) -> None:
    assert decode(spoilt.encode(), "") == text


@pytest.mark.parametrize(
    "text",
    [
        "<b>“</b>THỊ XÃ”, <i>XÃ”</i>, <i>RAU CÂ”</i> ạ",
        "CAFÉ” ở São Paulo",
        "Le garçon a mangé à Besançon, où il a haï Noël",
        "São Paulo não é a capital",
        "El niño aún está aquí: ¿qué pasó?",
        "La città è più bella perché così",
        "Müller über Österreich gemäß § 5",
        "25°C, 5 m² and 10 µm \u2013 ½ price · 3\xd74 «OK» ©2020",
        "Þór og ðað í Reykjavík",
        "Smörgåsbord på Ærø",
    ],
)
def test_what_is_right_stays_as_it_is(text: str) -> None:
    for markup in (text, f'{{"title": "{text}"}}'):
        assert decode(markup.encode(), "text/html; charset=utf-8") == markup
    try:
        body = text.encode("cp1252")
    except UnicodeEncodeError:
        return
    for content_type in DECLARED[:3]:
        assert decode(body, content_type) == text


def test_quotation_marks_of_windows_in_a_page_of_utf_8_are_read() -> None:
    body = f"<p>{SENTENCE} ".encode() + b"\x93qu\xc3\xaa h\xc6\xb0\xc6\xa1ng\x94 \x96 35\xb0C\x85</p>"
    assert decode(body, "text/html; charset=utf-8") == f"<p>{SENTENCE} “quê hương” \u2013 35°C…</p>"
    assert decode(b"<p>It\x92s \x93fine\x94</p>", "text/html; charset=utf-8") == "<p>It\u2019s “fine”</p>"


@pytest.mark.parametrize("name", ["tcvn3", "vni", "windows-1258"])
def test_one_paragraph_in_another_charset_costs_the_others_nothing(name: str) -> None:
    around = f"<p>{SENTENCE}</p>"
    body = around.encode() + b"<p>" + BYTES[name] + b"</p>" + around.encode()
    assert decode(body, "text/html; charset=utf-8") == f"{around}<p>{TITLE}</p>{around}"


@pytest.mark.parametrize(
    ("word", "text"),
    [(b"Hu\xea\xec", "Huế"), (b"Caf\xe9", "Café"), (b"x\xe3", "xã"), (b"5.000\xfe", "5.000₫")],
)
def test_one_word_in_another_charset_is_read_by_its_spelling(word: bytes, text: str) -> None:
    body = f"<p>{SENTENCE} ở ".encode() + word + f" và {SENTENCE}</p>".encode()
    assert decode(body, "") == f"<p>{SENTENCE} ở {text} và {SENTENCE}</p>"


def test_vietnamese_in_latin_1_with_references_for_the_rest_is_read() -> None:
    body = b"T\xecnh h\xecnh Tr\xe0 Vinh v\xe0 H\xe0 N&#7897;i"
    assert decode(body, "text/html; charset=iso-8859-1") == "Tình hình Trà Vinh và Hà N&#7897;i"


def test_another_alphabet_that_is_declared_is_not_taken_for_vietnamese() -> None:
    for charset, text in (("koi8-r", "Новости дня и ночи"), ("gb2312", "北京新聞"), ("euc-kr", "서울 뉴스")):
        assert decode(text.encode(charset, "replace"), f"text/html; charset={charset}").startswith(text[0])


def test_vietnamese_that_is_declared_in_another_alphabet_is() -> None:
    body = BYTES["windows-1258"]
    for charset in ("gb2312", "windows-1251", "big5"):
        assert decode(body, f"text/html; charset={charset}") == TITLE


def test_a_declaration_far_behind_scripts_is_seen() -> None:
    head = b"<head><script>" + b"x" * 30_000 + b"</script><meta charset='windows-1251'></head>"
    assert decode(head + "Новости дня".encode("cp1251"), "").endswith("Новости дня")


def test_a_mark_of_utf_8_before_other_bytes_does_no_harm() -> None:
    assert decode(b"\xef\xbb\xbf" + BYTES["windows-1258"], "") == TITLE


def test_utf_16_without_a_mark_is_known_whatever_it_begins_with() -> None:
    for codec in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        for text in (f"\n\n<p>{SENTENCE}</p>", f'Notice: {{"title": "{SENTENCE}"}}'):
            assert decode(text.encode(codec), "text/html; charset=utf-8") == text


def test_strings_of_json_are_repaired_behind_their_escapes_too() -> None:
    spoilt = {"a": TCVN3, "b": doubled(TITLE), "c": [VNI], "d": TITLE}
    assert load_json(json.dumps(spoilt)) == {"a": TITLE, "b": TITLE, "c": [TITLE], "d": TITLE}


def test_a_table_has_each_letter_once_and_all_of_vietnamese_but_capitals_of_fonts() -> None:
    tones = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    letters = {unicodedata.normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưy" for tone in tones}
    letters = {letter for letter in letters | {"đ"} if not letter.isascii()}
    for codec in ("tcvn3", "viscii"):
        text = vietnamese.to_text(bytes(range(0x80, 0x100)), codec)
        assert letters <= set(unicodedata.normalize("NFC", text))


def test_a_syllable_is_known_by_its_spelling() -> None:
    right = "nghiêng khuỷu quýt giếng gì hòa hoà thuở ngoằng yếu quyển huỳnh đắk"
    wrong = "thþ haø xaõ café ngé cê più ðông nghà tốtt àt"
    assert [word for word in right.split() if not vietnamese.is_syllable(word)] == []
    assert [word for word in wrong.split() if vietnamese.is_syllable(word)] == []
