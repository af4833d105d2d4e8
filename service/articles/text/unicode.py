"""Letters as we keep them: in NFC, and none that nobody sees."""

import re
import unicodedata

from service.core.folding import PLANE_ENDS, without_controls

# `\s*` at the beginning of a pattern that is searched for, in time proportional to the text: what stands
# before a match belongs to it from the first white space on, and no place within the row is tried again.
SPACE_BEFORE = r"(?:(?<!\s)\s++)?+"

_ROW_OF_SIGNS = re.compile(r"[^\w\x00-\u02ff]{31,}")  # Unicode's own bound for marks in a row (UAX #15)
# Windows' quotation marks and dashes, taken for Latin-1 somewhere on the way.
_OF_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_WINDOWS_LETTER = re.compile(r"[\x80-\x9f]")
_LINE_ENDS = re.compile(r"[\t\r\n]+")
_NEVER_MEANT = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    rf"\ufff0-\ufffb{PLANE_ENDS}\ud800-\udfff\ufdd0-\ufdef\U000e0000-\U000e00ff]+"
)
# Joiners shape Arabic, Indic and emoji; between letters of our own alphabet they only hide.
_OTHER_SCRIPTS = r"[\u0590-\u1cff\u2190-\u2bff\ufb1d-\ufeff\U00010000-\U0010ffff]"
_IDLE_JOINER = re.compile(rf"(?<!{_OTHER_SCRIPTS})[\u200c\u200d]|[\u200c\u200d](?!{_OTHER_SCRIPTS})")


def composed(text: str) -> str:
    """In NFC. A row of dozens of marks loses them: to sort them takes time by the square of their number."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ROW_OF_SIGNS.sub(_without_marks, text))


def sound(text: str) -> str:
    """Without controls, lone surrogates and what is no character: for ids and markup, which nobody sees.

    Every string that enters goes through this, `visible` or `links.honest`.
    """
    return without_controls(text if text.isascii() else _WINDOWS_LETTER.sub(_of_windows, text))


def one_line(text: str) -> str:
    """An identifier as one line: sound, with a space for line ends and tabs."""
    return _LINE_ENDS.sub(" ", sound(text)).strip()


def visible(text: str) -> str:
    """In NFC, without controls, zero-width and direction marks, lone surrogates and unassigned places."""
    text = _NEVER_MEANT.sub("", text)
    if text.isascii():
        return text
    return composed(_IDLE_JOINER.sub("", text.translate(_OF_WINDOWS)))


def _of_windows(code: re.Match[str]) -> str:
    return _OF_WINDOWS[ord(code[0])]


def _without_marks(row: re.Match[str]) -> str:
    return "".join(sign for sign in row[0] if not unicodedata.combining(sign))
