"""From a body's bytes to its text, whatever the portal says of them. Nothing here ever fails.

One bad byte costs one letter and not the whole: it becomes U+FFFD.
"""

import codecs
import re

from service.articles.text import unicode
from service.articles.text.charsets import codec_of, decoder_of

_MARKS = (  # UTF-32's begins like UTF-16's
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BEGINNINGS = (  # of XML, HTML or JSON in units of two and four bytes
    (re.compile(rb"[<{\[\s]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[<{\[\s]"), "utf-32-be"),
    (re.compile(rb"[<{\[\s]\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"\0[<{\[\s]\0[^\0]"), "utf-16-be"),
)
_HEAD = 8_192  # bytes in which a declaration is looked for
_XML = re.compile(rb"\s*+<\?xml\b[^>]*?\bencoding\s*+=\s*+(?:[\"']\s*+)?+([\w.:-]++)", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^<>]*?\bcharset\s*+=\s*+(?:[\"']\s*+)?+([\w.:-]++)", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_HTTP = re.compile(r"\bcharset\s*+=\s*+(?:[\"']\s*+)?+([\w.:-]++)", re.IGNORECASE)
_SHIFTING = "iso2022_jp"  # writes in ASCII bytes only: the one charset that also passes for UTF-8

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # in XML
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f\ufffd]++")
_LETTERS_TO_A_FAULT = 20  # what has this many good ones for each bad one is UTF-8 with a fault

_WESTERN = "cp1252"
_VIETNAMESE = ("cp1258", "tcvn3")
_FREQUENT = re.compile(  # Vietnamese words that no other encoding's bytes turn into by chance
    r"\b(?:và|của|là|các|được|không|người|những|một|đã|với|tại|về|để|này|đến|năm|thành phố|tỉnh|huyện|xã"
    r"|phường)\b"
)
_ENOUGH_WORDS = 3  # different ones


def decoded(body: bytes, content_type: str, override: str = "") -> str:
    """The text of an answer's body, in NFC and without the characters that XML forbids.

    The byte order mark decides, then `override` (of the configuration), then, unless the bytes are plainly
    UTF-8, the declaration in the document, then the one in `content_type`; else it is read as UTF-8.
    """
    text = _by_its_mark(body) or _told(body, override) or _found(body, content_type)
    return unicode.composed(_FORBIDDEN.sub("", text.removeprefix("\ufeff")))


def _by_its_mark(body: bytes) -> str | None:
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return decoder_of(codec)(body[len(mark) :])
    return None


def _told(body: bytes, label: str) -> str | None:
    codec = codec_of(label)
    return decoder_of(codec)(body) if codec else None


def _found(body: bytes, content_type: str) -> str:
    for beginning, codec in _BEGINNINGS:
        if beginning.match(body):
            return decoder_of(codec)(body)
    declared = _declared(body, content_type)
    if _SHIFTING in declared and b"\x1b" in body:
        return decoder_of(_SHIFTING)(body)
    text = body.decode("utf-8", "replace")
    if _is_utf_8(text):
        return text
    legacy = next((codec for codec in declared if not codec.startswith("utf")), None)
    if legacy in (None, _WESTERN):
        return _vietnamese(body) or (text if legacy is None else decoder_of(_WESTERN)(body))
    return decoder_of(legacy)(body)


def _declared(body: bytes, content_type: str) -> list[str]:
    """The codecs that the document and then the header name; names of no charset are passed over."""
    head = _COMMENT.sub(b"", body[:_HEAD])
    written = [
        found[1].decode("ascii", "replace") for found in (_XML.match(head), _META.search(head)) if found
    ]
    header = _HTTP.search(content_type)
    labels = [*written, header[1]] if header else written
    return [codec for label in labels if (codec := codec_of(label))]


def _is_utf_8(text: str) -> bool:
    """Whether what was read as UTF-8 is that: without a fault, or with few beside the right letters."""
    faults = text.count("\ufffd")
    return not faults or sum(map(len, _BEYOND_ASCII.findall(text))) > faults * _LETTERS_TO_A_FAULT


def _vietnamese(body: bytes) -> str | None:
    """Old Vietnamese bytes that nobody declared, where they come out as Vietnamese beyond doubt."""
    for codec in _VIETNAMESE:
        text = unicode.composed(decoder_of(codec)(body))
        if len({found[0] for found in _FREQUENT.finditer(text)}) >= _ENOUGH_WORDS:
            return text
    return None
