"""Clean the strings that come from sources: NFC, no characters that cannot be seen or stored.

Every string that enters goes through one of `remove_controls` (identifiers, markup), `visible_text` (what
readers see) or `urls.normalise_url`.
"""

import re
import unicodedata

from service.core.folding import PLANE_ENDS, without_controls

# Use instead of a leading `\s*` in a pattern that is searched for. White space before a match belongs to it
# from the first character on, and no position inside a run of it is tried again: linear, where `\s*` is
# quadratic.
SPACE_BEFORE = r"(?:(?<!\s)\s++)?+"

_LONG_MARK_RUN = re.compile(r"[^\w\x00-\u02ff]{31,}")  # 30 is the bound of Stream-Safe Text (UAX #15)
# C1 controls are quotation marks and dashes of Windows-1252 that were decoded as Latin-1 somewhere on the
# way.
_WINDOWS_1252 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_C1_CONTROL = re.compile(r"[\x80-\x9f]")
_LINE_BREAKS = re.compile(r"[\t\r\n]+")
# Controls, soft hyphen, zero-width and direction marks, tags, surrogates, noncharacters.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    rf"\ufff0-\ufffb{PLANE_ENDS}\ud800-\udfff\ufdd0-\ufdef\U000e0000-\U000e00ff]+"
)
# Joiners shape Arabic, Indic scripts and emoji; between Latin letters they are invisible and defeat
# comparison.
_JOINING_SCRIPTS = r"[\u0590-\u1cff\u2190-\u2bff\ufb1d-\ufeff\U00010000-\U0010ffff]"
_IDLE_JOINER = re.compile(rf"(?<!{_JOINING_SCRIPTS})[\u200c\u200d]|[\u200c\u200d](?!{_JOINING_SCRIPTS})")
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}", re.ASCII)


def to_nfc(text: str) -> str:
    """Return the text in NFC.

    Runs of dozens of combining marks are removed first: sorting them takes quadratic time.
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _LONG_MARK_RUN.sub(_remove_marks, text))


def remove_controls(text: str) -> str:
    """Return the text without controls, lone surrogates and noncharacters: for identifiers and markup."""
    return without_controls(text if text.isascii() else _C1_CONTROL.sub(_from_windows_1252, text))


def one_line(text: str) -> str:
    """Return an identifier without controls, on one line."""
    return _LINE_BREAKS.sub(" ", remove_controls(text)).strip()


def visible_text(text: str) -> str:
    """Return the text in NFC, without controls, zero-width and direction marks and unassigned positions."""
    text = _INVISIBLE.sub("", text)
    if text.isascii():
        return text
    return to_nfc(_IDLE_JOINER.sub("", text.translate(_WINDOWS_1252)))


def is_language_tag(text: str) -> bool:
    """Return whether the text has the form of a BCP 47 tag, as pages write it into `lang`."""
    return _LANGUAGE_TAG.fullmatch(text) is not None


def _from_windows_1252(control: re.Match[str]) -> str:
    return _WINDOWS_1252[ord(control[0])]


def _remove_marks(run: re.Match[str]) -> str:
    return "".join(char for char in run[0] if not unicodedata.combining(char))
