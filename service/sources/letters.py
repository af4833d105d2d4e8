"""Letters as we keep them: in NFC, and none that nobody sees."""

import re
import unicodedata

_ROW_OF_SIGNS = re.compile(r"[^\w\x00-\u02ff]{31,}")  # Unicode's own bound for marks in a row (UAX #15)
# Windows' quotation marks and dashes, taken for Latin-1 somewhere on the way.
_OF_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_NEVER_MEANT = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    r"\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\ufdd0-\ufdef\U000e0000-\U000e00ff]+"
)
# Joiners shape Arabic, Indic and emoji; between letters of our own alphabet they only hide.
_OTHER_SCRIPTS = r"[\u0590-\u1cff\u2190-\u2bff\ufb1d-\ufeff\U00010000-\U0010ffff]"
_IDLE_JOINER = re.compile(rf"(?<!{_OTHER_SCRIPTS})[\u200c\u200d]|[\u200c\u200d](?!{_OTHER_SCRIPTS})")


def composed(text: str) -> str:
    """In NFC. A row of dozens of marks loses them: to sort them takes time by the square of their number."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ROW_OF_SIGNS.sub(_without_marks, text))


def visible(text: str) -> str:
    """In NFC, without controls, zero-width and direction marks, lone surrogates and unassigned places."""
    text = _NEVER_MEANT.sub("", text)
    if text.isascii():
        return text
    return composed(_IDLE_JOINER.sub("", text.translate(_OF_WINDOWS)))


def _without_marks(row: re.Match[str]) -> str:
    return "".join(sign for sign in row[0] if not unicodedata.combining(sign))
