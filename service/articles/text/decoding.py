"""Decode response bodies: bytes to text, and text to JSON. `decode` never fails.

Charset labels are read as browsers read them (https://encoding.spec.whatwg.org/#names-and-labels), and as
TCVN3 (TCVN 5712:1993, "ABC"), which Vietnamese offices used before Unicode and no browser knows. A bad byte
costs one character: it becomes U+FFFD.
"""

import codecs
import json
import re
from collections.abc import Callable
from functools import partial

from service.articles.text import plain_text

Decoder = Callable[[bytes], str]

_BYTE_ORDER_MARKS = (  # UTF-32 first: its little-endian mark begins like UTF-16's
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE_BEGINNINGS = (  # XML, HTML or JSON in units of two or four bytes, without a mark
    (re.compile(rb"[<{\[\s]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[<{\[\s]"), "utf-32-be"),
    (re.compile(rb"[<{\[\s]\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"\0[<{\[\s]\0[^\0]"), "utf-16-be"),
)
_DECLARATION_BYTES = 8_192  # searched for a declaration
_XML_ENCODING = re.compile(rb"\s*+<\?xml\b[^>]*?\bencoding\s*+=\s*+(?:[\"']\s*+)?+([\w.:-]++)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta\b[^<>]*?\bcharset\s*+=\s*+(?:[\"']\s*+)?+([\w.:-]++)", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_HEADER_CHARSET = re.compile(r"\bcharset\s*+=\s*+(?:[\"']\s*+)?+([\w.:-]++)", re.IGNORECASE)
_ESCAPE_CODEC = "iso2022_jp"  # encodes in ASCII bytes only, so that it also passes for UTF-8

_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NON_ASCII = re.compile(r"[^\x00-\x7f\ufffd]++")
_VALID_PER_FAULT = 20  # non-ASCII characters for each bad byte: from here on it is damaged UTF-8

_DEFAULT_LEGACY = "cp1252"  # declared by default, also by sites that write something else
_VIETNAMESE_CODECS = ("cp1258", "tcvn3")
_VIETNAMESE_WORDS = re.compile(  # frequent ones, which bytes of another encoding do not yield by chance
    r"\b(?:và|của|là|các|được|không|người|những|một|đã|với|tại|về|để|này|đến|năm|thành phố|tỉnh|huyện|xã"
    r"|phường)\b"
)
_ENOUGH_WORDS = 3  # distinct ones
# Escapes that may produce a control or half of a surrogate pair: a superset, to skip the walk in most cases.
_UNSAFE_ESCAPE = re.compile(r"\\(?:[bf]|u(?:00[01789][0-9a-f]|d[89a-f]|f[df]))", re.IGNORECASE)

_LEGACY_CODECS = {  # most are wider than the standard whose name they bear
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "iso-8859-9": "cp1254",
    "latin5": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "chinese": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "cn-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "ksc5601": "cp949",
    "korean": "cp949",
    "windows-949": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "ms_kanji": "cp932",
    "windows-31j": "cp932",
    "euc-jp": "euc_jp",
    "x-euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp",
    "koi8-r": "koi8_r",
    "koi8": "koi8_r",
    "koi8-u": "koi8_u",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "ibm866": "cp866",
    "cp866": "cp866",
}
_UNICODE_CODECS = {
    "utf8": "utf-8",
    "utf-8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "utf-16": "utf-16-le",
    "utf16": "utf-16-le",
    "unicode": "utf-16-le",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-32": "utf-32-le",
    "utf-32le": "utf-32-le",
    "utf-32be": "utf-32-be",
}
_NUMBERED_LABEL = re.compile(r"(?:(?:x-)?cp|windows-?)(125[0-8])|iso[-_]?8859[-_]?([2-8]|1[03-6])(?:-[ie])?")
_TCVN3_LABELS = frozenset(
    {"tcvn3", "tcvn", "tcvn-5712", "tcvn5712", "tcvn5712-1", "x-viet-tcvn", "vietnamese-abc"}
)

_TCVN3_LETTERS = (  # of the bytes from A1 on
    "ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽé"
    "ẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
)
_TCVN3 = {0xA1 + index: letter for index, letter in enumerate(_TCVN3_LETTERS)}


def decode(body: bytes, content_type: str, override: str = "") -> str:
    """Return the text of a response body, in NFC and without the characters that XML forbids.

    The byte order mark decides, then `override` (from the configuration), then, unless the bytes are clearly
    UTF-8, the declaration in the document, then the one in `content_type`. The default is UTF-8.
    """
    text = _decode_by_mark(body)
    if not text and (codec := codec_for(override)):
        text = decoder_for(codec)(body)
    text = text or _decode_by_content(body, content_type)
    return plain_text.to_nfc(_NOT_XML.sub("", text.removeprefix("\ufeff")))


def load_json(text: str) -> object:
    """Return the JSON value, its strings and names without controls and lone surrogates, NaN as None.

    Raises:
        ValueError: where the text is not JSON.
        RecursionError: where it is nested too deeply.
    """
    value: object = json.loads(text, strict=False, parse_constant=lambda _: None)
    return _without_controls(value) if _UNSAFE_ESCAPE.search(text) else value


def codec_for(label: str) -> str | None:
    """Return Python's codec, or "tcvn3", for a label as the web writes it; None for an unknown label."""
    name = label.strip(" \t\r\n\"';").lower()
    if name in _TCVN3_LABELS:
        return "tcvn3"
    number = _NUMBERED_LABEL.fullmatch(name)
    if number:
        return f"cp{number[1]}" if number[1] else f"iso8859_{number[2]}"
    return _UNICODE_CODECS.get(name) or _LEGACY_CODECS.get(name)


def decoder_for(codec: str) -> Decoder:
    """Return a function from bytes to text that replaces invalid bytes by U+FFFD."""
    return _decode_tcvn3 if codec == "tcvn3" else partial(str, encoding=codec, errors="replace")


def _decode_tcvn3(body: bytes) -> str:
    return body.decode("latin-1").translate(_TCVN3)


def _decode_by_mark(body: bytes) -> str:
    for mark, codec in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return decoder_for(codec)(body[len(mark) :])
    return ""


def _decode_by_content(body: bytes, content_type: str) -> str:
    for beginning, codec in _WIDE_BEGINNINGS:
        if beginning.match(body):
            return decoder_for(codec)(body)
    declared = _declared_codecs(body, content_type)
    if _ESCAPE_CODEC in declared and b"\x1b" in body:
        return decoder_for(_ESCAPE_CODEC)(body)
    text = body.decode("utf-8", "replace")
    if _is_utf_8(text):
        return text
    legacy = next((codec for codec in declared if not codec.startswith("utf")), None)
    if legacy in (None, _DEFAULT_LEGACY):
        # Old Vietnamese bytes are mostly undeclared, or declared as Latin-1.
        return _decode_vietnamese(body) or (text if legacy is None else decoder_for(_DEFAULT_LEGACY)(body))
    return decoder_for(legacy)(body)


def _declared_codecs(body: bytes, content_type: str) -> list[str]:
    """Return the known codecs that the document and then the header declare."""
    head = _COMMENT.sub(b"", body[:_DECLARATION_BYTES])
    matches = (_XML_ENCODING.match(head), _META_CHARSET.search(head))
    labels = [match[1].decode("ascii", "replace") for match in matches if match]
    header = _HEADER_CHARSET.search(content_type)
    if header:
        labels.append(header[1])
    return [codec for label in labels if (codec := codec_for(label))]


def _is_utf_8(text: str) -> bool:
    """Return whether text decoded as UTF-8 has no faults, or few beside its valid non-ASCII characters."""
    faults = text.count("\ufffd")
    return not faults or sum(map(len, _NON_ASCII.findall(text))) > faults * _VALID_PER_FAULT


def _decode_vietnamese(body: bytes) -> str | None:
    """Return the text in an old Vietnamese encoding, where it contains frequent Vietnamese words."""
    for codec in _VIETNAMESE_CODECS:
        text = plain_text.to_nfc(decoder_for(codec)(body))
        if len({match[0] for match in _VIETNAMESE_WORDS.finditer(text)}) >= _ENOUGH_WORDS:
            return text
    return None


def _without_controls(value: object) -> object:
    if isinstance(value, str):
        return plain_text.remove_controls(value)
    if isinstance(value, dict):
        return {plain_text.remove_controls(name): _without_controls(part) for name, part in value.items()}
    return [_without_controls(part) for part in value] if isinstance(value, list) else value
