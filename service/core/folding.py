"""Folding text so that `dong ha`, `Đông Hà` and `ĐÔNG HÀ` are equal, for searching places and articles."""

import re
import unicodedata

# Noncharacters: the last two code points of every plane.
PLANE_ENDS = "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
# Controls except tab and line ends, surrogates, noncharacters.
_CONTROLS = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{PLANE_ENDS}]+")
_D_LETTERS = str.maketrans(dict.fromkeys("đĐðÐɖƉ", "d"))  # none of them is decomposed by NFKD


def without_controls(text: str) -> str:
    """Remove what neither UTF-8 nor XML nor a log can carry; tab and line ends stay."""
    return _CONTROLS.sub("", text)


def words(text: str) -> list[str]:
    """Return the folded words of a text: letters and digits only, without diacritics and case, y as i."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_D_LETTERS))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()
    return "".join(letter if letter.isalnum() else " " for letter in plain).replace("y", "i").split()


def fold(text: str) -> str:
    """Return the folded words without spaces, so that `Sa Pa` and `Sapa` are equal."""
    return "".join(words(text))
