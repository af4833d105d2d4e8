"""Decode response bodies: bytes to text, and text to JSON. `decode` never fails.

Charset labels are read as browsers read them (https://encoding.spec.whatwg.org/#names-and-labels), and as
the Vietnamese ones that no browser knows. What is declared is believed as far as the bytes agree: of several
readings the one is taken whose words are spelled as Vietnamese is. A bad byte in UTF-8 costs one character.
"""

import codecs
import json
import re

from service.articles.text import mojibake, plain_text, vietnamese

_BYTE_ORDER_MARKS = (  # UTF-32 first: its little-endian mark begins like UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE_BYTES = 4_096  # searched for the zeros of ASCII in units of two or four bytes
_MOST, _MANY, _FEW = 0.9, 0.3, 0.05
_DECLARATION_BYTES = 65_536  # searched for a declaration: scripts may come before it
_XML_ENCODING = re.compile(rb"\s*+<\?xml\b[^>]*?\bencoding\s*+=\s*+(?:[\"']\s*+)?+([\w.:-]++)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta\b[^<>]*?\bcharset\s*+=\s*+(?:[\"']\s*+)?+([\w.:-]++)", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_HEADER_CHARSET = re.compile(r"\bcharset\s*+=\s*+(?:[\"']\s*+)?+([\w.:-]++)", re.IGNORECASE)
_ESCAPE_CODEC = "iso2022_jp"  # encodes in ASCII bytes only, so that it also passes for UTF-8

_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Escapes that may produce a control or half of a surrogate pair: a superset, to skip the walk in most cases.
_UNSAFE_ESCAPE = re.compile(r"\\(?:[bf]|u(?:00[0-9a-f]{2}|d[89a-f]|f[df]))", re.IGNORECASE)

_JSON = json.JSONDecoder(strict=False, parse_constant=lambda _: None)
_BLANK = re.compile(r"[\ufeff \t\r\n]*+")
_PROPER_START = re.compile(r"[\ufeff \t\r\n]*+(?:\{\s*+[\"}]|\[\s*+[\[{\"\]])")
_OPENING = re.compile(r"\{\s*+[\"}]|\[\s*+[\[{\"\]]|(?<![^\ufeff \t\r\n])[{\[]")
MAX_NOTICE = 20_000  # characters before the value
_MAX_ATTEMPTS = 20
_NO_NOTICE = re.compile(
    r"<(?!!--|/?(?:br|b|i|p|em|strong|pre|code|font|span|div|table|tr|th|td|hr)\b)", re.IGNORECASE
)
_NOTICE_BEHIND = re.compile(
    r"[\ufeff \t\r\n]*+(?:\Z|[<;)/#]|(?:php|notice|warning|deprecated|fatal)\b)", re.IGNORECASE
)

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
_VIETNAMESE_LABELS = {
    **dict.fromkeys(
        ("tcvn3", "tcvn", "tcvn-5712", "tcvn5712", "tcvn5712-1", "x-viet-tcvn", "vietnamese-abc", "abc"),
        "tcvn3",
    ),
    **dict.fromkeys(("vni", "vni-win", "vni-windows", "x-viet-vni"), "vni"),
    **dict.fromkeys(("viscii", "csviscii", "viscii1.1-1"), "viscii"),
}


def decode(body: bytes, content_type: str, override: str = "") -> str:
    """Return the text of a response body, in NFC and without the characters that XML forbids.

    The byte order mark decides, then `override` (from the configuration), then, unless the bytes are clearly
    UTF-8, the declaration in the document and the one in `content_type`, each as far as the text is no
    Vietnamese in another charset. The default is UTF-8, and Windows-1252 for what is no UTF-8.
    """
    text = _decode(body, content_type, override)
    return plain_text.to_nfc(_NOT_XML.sub("", text.removeprefix("\ufeff")))


def load_json(text: str) -> object:
    """Return the JSON value, its strings and names without controls and lone surrogates, NaN as None.

    Raises:
        ValueError: where the text is not JSON.
        RecursionError: where it is nested too deeply.
    """
    value, end = _load_value(text, _BLANK.match(text).end())  # type: ignore[union-attr] # it matches anything
    if _BLANK.fullmatch(text, end) is None:
        raise ValueError("there is more behind the value")
    return value


def load_json_amid_notices(text: str) -> object:
    """Return the JSON value of a response, before and behind which PHP may have printed its notices.

    Raises:
        ValueError: where there is none.
        RecursionError: where it is nested too deeply.
    """
    start = json_start(text)
    for _ in range(_MAX_ATTEMPTS):
        if start < 0:
            break
        try:
            value, end = _load_value(text, start)
            if _NOTICE_BEHIND.match(text, end):
                return value
        except ValueError:
            end = start + 1
        # What is JSON from the first character on is damaged; "[27-Nov-2020] PHP Notice" is not.
        start = -1 if _PROPER_START.match(text) else json_start(text, end)
    raise ValueError("there is no JSON")


def json_start(text: str, start: int = 0) -> int:
    """Return where JSON may begin from there on, with nothing but blanks and notices before it; else -1."""
    opening = _OPENING.search(text, start, MAX_NOTICE)
    return opening.start() if opening and is_notice(text[: opening.start()]) else -1


def is_notice(text: str) -> bool:
    """Return whether a text before a feed or JSON may be PHP's: without tags but those of its notices."""
    return not _NO_NOTICE.search(text)


def _load_value(text: str, start: int) -> tuple[object, int]:
    value, end = _JSON.raw_decode(text, start)
    return (_sound_values(value) if _UNSAFE_ESCAPE.search(text) else value), end


def codec_for(label: str) -> str | None:
    """Return Python's codec, or one of `vietnamese`, for a label as the web writes it; None if unknown."""
    name = label.strip(" \t\r\n\"';").lower()
    number = _NUMBERED_LABEL.fullmatch(name)
    if number:
        return f"cp{number[1]}" if number[1] else f"iso8859_{number[2]}"
    return _VIETNAMESE_LABELS.get(name) or _UNICODE_CODECS.get(name) or _LEGACY_CODECS.get(name)


def _decode(body: bytes, content_type: str, override: str) -> str:
    for mark, codec in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return _decode_wide(body[len(mark) :], codec)
    is_marked = body.startswith(codecs.BOM_UTF8)
    configured = None if is_marked else codec_for(override)
    if configured and configured != "utf-8":
        return vietnamese.to_text(body, configured)
    wide = _wide_codec(body)
    if wide and not configured:
        return _decode_wide(body, wide)
    declared = [] if configured or is_marked else _declared_codecs(body, content_type)
    if _ESCAPE_CODEC in declared and b"\x1b" in body:
        return vietnamese.to_text(body, _ESCAPE_CODEC)
    legacy = next((codec for codec in declared if not codec.startswith("utf")), mojibake.DEFAULT)
    return mojibake.repair(mojibake.decode(body.removeprefix(codecs.BOM_UTF8), legacy))


def _decode_wide(body: bytes, codec: str) -> str:
    unit = 4 if "32" in codec else 2
    return body[: len(body) // unit * unit].decode(codec, "replace")


def _wide_codec(body: bytes) -> str | None:
    """Return UTF-16 or UTF-32 for bytes without a mark: most of a page is ASCII, with zeros beside it."""
    quarter = min(len(body), _WIDE_BYTES) // 4
    if not quarter or b"\0" not in body[:_WIDE_BYTES]:
        return None
    zeros = [body[place : 4 * quarter : 4].count(0) / quarter for place in range(4)]
    if min(zeros[2:]) > _MOST and zeros[0] < _FEW:
        return "utf-32-le"
    if min(zeros[:2]) > _MOST and zeros[3] < _FEW:
        return "utf-32-be"
    if min(zeros[1::2]) > _MANY and max(zeros[::2]) < _FEW:
        return "utf-16-le"
    return "utf-16-be" if min(zeros[::2]) > _MANY and max(zeros[1::2]) < _FEW else None


def _declared_codecs(body: bytes, content_type: str) -> list[str]:
    """Return the known codecs that the document and then the header declare."""
    head = _COMMENT.sub(b"", body[:_DECLARATION_BYTES])
    matches = (_XML_ENCODING.match(head), _META_CHARSET.search(head))
    labels = [match[1].decode("ascii", "replace") for match in matches if match]
    header = _HEADER_CHARSET.search(content_type)
    if header:
        labels.append(header[1])
    return [codec for label in labels if (codec := codec_for(label))]


def _sound_values(value: object) -> object:
    if isinstance(value, str):
        return plain_text.remove_controls(mojibake.repair(value))
    if isinstance(value, dict):
        return {plain_text.remove_controls(name): _sound_values(part) for name, part in value.items()}
    return [_sound_values(part) for part in value] if isinstance(value, list) else value
