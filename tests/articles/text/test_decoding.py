"""From bytes to text: declared charsets, actual charsets, and bad bytes."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.articles.text.decoding import codec_for, decode

VIETNAMESE = "<p>Đông Hà và các xã của tỉnh được người dân đến với những lễ hội</p>"
TONES = "\u0300\u0301\u0303\u0309\u0323"
IN_TCVN3 = (
    b"<p>\xa7\xabng H\xb5 v\xb5 c\xb8c x\xb7 c\xf1a t\xd8nh \xae\xad\xeec ng\xad\xeai d\xa9n \xae\xd5n v\xedi"
    b" nh\xf7ng l\xd4 h\xe9i</p>"
)


def in_windows_1258(text: str) -> bytes:
    """As Windows writes it: the letter, then its tone as a mark of its own."""
    apart = "".join(_tone_apart(letter) for letter in text)
    return apart.encode("cp1258")


def _tone_apart(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    base = "".join(part for part in parts if part not in TONES)
    return unicodedata.normalize("NFC", base) + "".join(part for part in parts if part in TONES)


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_every_form_of_unicode_is_seen_without_a_declaration(codec: str) -> None:
    assert decode(VIETNAMESE.encode(codec), "") == VIETNAMESE


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_the_byte_order_mark_beats_every_declaration(mark: str) -> None:
    assert decode(VIETNAMESE.encode(mark), "text/html; charset=big5", "euc-kr") == VIETNAMESE


def test_a_declaration_that_lies_does_no_harm_where_the_bytes_are_plainly_utf_8() -> None:
    body = f'<?xml version="1.0" encoding="iso-8859-1"?>{VIETNAMESE}'.encode()
    assert VIETNAMESE in decode(body, "text/xml; charset=us-ascii")


def test_one_bad_byte_costs_one_letter_and_not_the_whole() -> None:
    body = "Đông Hà, ".encode() + b"\xff" + "Quảng Trị".encode()
    assert decode(body, "text/xml; charset=utf-8") == "Đông Hà, \ufffdQuảng Trị"


def test_one_bad_byte_in_utf_8_does_not_make_a_lying_declaration_true() -> None:
    body = VIETNAMESE.encode() * 5 + b"\xff"
    assert decode(body, "text/html; charset=iso-8859-1") == VIETNAMESE * 5 + "\ufffd"


@pytest.mark.parametrize("end", ["", "...", "…", "</description>", '"}', " [...]"])
def test_of_a_letter_that_was_cut_in_two_nothing_is_left(end: str) -> None:
    text = "Lễ hội đua thuyền trên sông Thạch Hãn thu hút hàng nghìn người dân ở Quảng Tr"
    for letter in ("ị", "ơ", "Đ"):
        for bytes_left in range(1, len(letter.encode())):
            assert decode(text.encode() + letter.encode()[:bytes_left] + end.encode(), "") == text + end


@pytest.mark.parametrize(
    ("declaration", "content_type"),
    [
        ('<?xml version="1.0" encoding="windows-1258"?>', "text/xml; charset=utf-8"),
        ("<?xml version='1.0' encoding = 'CP1258' ?>", ""),
        ('<meta charset="windows-1258">', "text/html"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1258">', "text/html"),
        ("<!-- <meta charset=big5> --><meta charset=x-cp1258>", "text/html; charset=gbk"),
        ("", 'text/html; charset="windows-1258"'),
        ('<meta charset="utf-8">', "text/html; charset=windows-1258"),
        ('<meta charset="bogus">', "text/html; Charset=WINDOWS-1258"),
    ],
)
def test_the_document_speaks_before_the_header_and_unknown_names_not_at_all(
    declaration: str, content_type: str
) -> None:
    body = declaration.encode() + in_windows_1258("Đông Hà")
    assert decode(body, content_type) == declaration + "Đông Hà"


def test_the_mixed_form_of_windows_1258_becomes_nfc() -> None:
    text = decode(in_windows_1258("Thị xã Quảng Trị"), "", "windows-1258")
    assert text == "Thị xã Quảng Trị"
    assert unicodedata.is_normalized("NFC", text)


@pytest.mark.parametrize("content_type", ["", "text/html; charset=utf-8", "text/html; charset=iso-8859-1"])
def test_old_vietnamese_bytes_that_nobody_declares_are_known_by_their_words(content_type: str) -> None:
    assert decode(in_windows_1258(VIETNAMESE), content_type) == VIETNAMESE
    assert decode(IN_TCVN3, content_type) == VIETNAMESE


def test_old_bytes_without_evidence_are_not_taken_for_vietnamese() -> None:
    assert decode("Le garçon a mangé à Besançon".encode("cp1252"), "text/html; charset=latin1") == (
        "Le garçon a mangé à Besançon"
    )
    assert decode(b"caf\xe9", "") == "café"


def test_the_configuration_beats_the_declarations() -> None:
    body = b'<?xml version="1.0" encoding="utf-8"?>' + IN_TCVN3
    assert VIETNAMESE in decode(body, "text/xml; charset=utf-8", "tcvn3")


def test_a_charset_of_the_configuration_that_is_none_is_passed_over() -> None:
    assert decode(VIETNAMESE.encode(), "", "base64") == VIETNAMESE


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("big5", "big5", "台北新聞"),
        ("euc-kr", "euc-kr", "서울 뉴스"),
        ("ks_c_5601-1987", "cp949", "서울 뉴스"),
        ("gb2312", "gbk", "北京新聞"),
        ("GBK", "gb18030", "北京新闻"),
        ("Shift_JIS", "cp932", "東京ニュース"),
        ("iso-2022-jp", "iso2022_jp", "東京ニュース"),
        ("koi8-r", "koi8_r", "Новости"),
        ("windows-1251", "cp1251", "Новости"),
        ("iso-8859-1", "cp1252", "“café”"),
        ("ISO-8859-15", "iso8859_15", "café"),
        ("windows-874", "cp874", "ข่าว"),
    ],
)
def test_labels_mean_what_they_mean_on_the_web(label: str, codec: str, text: str) -> None:
    assert decode(text.encode(codec), f"text/html; charset={label}") == text


@pytest.mark.parametrize(
    "label", ["rot13", "utf-7", "hex", "zip", "unicode_escape", "idna", "mbcs", "", "x" * 999]
)
def test_what_is_no_charset_of_the_web_is_none_here(label: str) -> None:
    assert codec_for(label) is None


def test_characters_that_xml_forbids_are_removed() -> None:
    assert decode("a\0b\x08c\x0bd\x1fe\ufffef\ufeffg\th\r\n".encode(), "") == "abcdef\ufeffg\th\r\n"


def test_a_row_of_a_hundred_thousand_marks_loses_them() -> None:
    text = decode(("a" + "\u0301\u0323" * 50_000 + "b").encode(), "")
    assert text.startswith("a")
    assert text.endswith("b")
    assert len(text) < 100


LABELS = st.one_of(
    st.sampled_from(
        ["utf-8", "utf-16", "utf-32", "big5", "euc-kr", "gb2312", "shift_jis", "euc-jp", "iso-2022-jp"]
    ),
    st.sampled_from(
        ["windows-1258", "tcvn3", "iso-8859-8-i", "koi8-u", "windows-874", "macintosh", "ibm866", ""]
    ),
)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=300), LABELS, LABELS)
def test_any_bytes_become_text_in_nfc_that_xml_can_carry(body: bytes, declared: str, override: str) -> None:
    text = decode(body, f"text/xml; charset={declared}", override)
    assert unicodedata.is_normalized("NFC", text)
    assert not any(letter < " " and letter not in "\t\n\r" for letter in text)
    text.encode("utf-8")


@settings(deadline=None, max_examples=100)
@given(
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff\ufeff"), max_size=80
    )
)
def test_utf_8_comes_back_as_it_was_written(text: str) -> None:
    assert decode(text.encode(), "text/html; charset=utf-8") == unicodedata.normalize("NFC", text)
