"""Charsets by the names the web gives them (https://encoding.spec.whatwg.org/#names-and-labels), and TCVN3.

TCVN3 (TCVN 5712:1993, "ABC") is what Vietnamese offices wrote in before Unicode; no browser knows it.
"""

import re
from collections.abc import Callable
from functools import partial

Decode = Callable[[bytes], str]

# As the web means these names: most of them wider than the standard they cite.
_WIDER = {
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
_UNICODE = {
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
_NUMBERED = re.compile(r"(?:(?:x-)?cp|windows-?)(125[0-8])|iso[-_]?8859[-_]?([2-8]|1[03-6])(?:-[ie])?")
_TCVN3_NAMES = frozenset(
    {"tcvn3", "tcvn", "tcvn-5712", "tcvn5712", "tcvn5712-1", "x-viet-tcvn", "vietnamese-abc"}
)

_TCVN3_LETTERS = (  # from A1 on
    "ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽé"
    "ẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
)
_TCVN3 = {0xA1 + place: letter for place, letter in enumerate(_TCVN3_LETTERS)}


def codec_of(label: str) -> str | None:
    """Python's codec (or "tcvn3") for a label as the web writes it; None for one that names no charset."""
    name = label.strip(" \t\r\n\"';").lower()
    if name in _TCVN3_NAMES:
        return "tcvn3"
    number = _NUMBERED.fullmatch(name)
    if number:
        return f"cp{number[1]}" if number[1] else f"iso8859_{number[2]}"
    return _UNICODE.get(name) or _WIDER.get(name)


def decoder_of(codec: str) -> Decode:
    """Turns bytes into text; a byte that the codec does not know becomes U+FFFD."""
    return _of_tcvn3 if codec == "tcvn3" else partial(str, encoding=codec, errors="replace")


def _of_tcvn3(body: bytes) -> str:
    return body.decode("latin-1").translate(_TCVN3)
