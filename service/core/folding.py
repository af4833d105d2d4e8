"""Folding text so that `dong ha`, `Đông Hà` and `ĐÔNG HÀ` are equal, for searching places and articles."""

import re
import unicodedata
from functools import cache

# Noncharacters: the last two code points of every plane.
PLANE_ENDS = "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
# Controls except tab and line ends, surrogates, noncharacters.
_CONTROLS = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{PLANE_ENDS}]+")
# Latin letters and marks, Vietnamese ones, punctuation, currencies, letterlike signs, arrows.
_TABLE = ((0x00, 0x36F), (0x1E00, 0x1EFF), (0x2000, 0x206F), (0x20A0, 0x20BF), (0x2100, 0x21FF))
_NOT_IN_TABLE = re.compile("[^" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _TABLE) + "]")
_D_TO_LATIN = str.maketrans("đĐ", "dD")
_D_LETTERS = str.maketrans(dict.fromkeys("đĐðÐɖƉ", "d"))  # none of them is decomposed by NFKD


def without_controls(text: str) -> str:
    """Remove what neither UTF-8 nor XML nor a log can carry; tab and line ends stay."""
    return _CONTROLS.sub("", text)


def words(text: str) -> list[str]:
    """Return the folded words of a text: letters and digits only, without diacritics and case, y as i."""
    if _NOT_IN_TABLE.search(text) is None:
        return text.translate(_table()).split()
    return _fold_by_letter(text).split()


def without_accents(text: str) -> str:
    """Return the text as English writes Vietnamese names: `Dak Lak` for Đắk Lắk."""
    marks = unicodedata.normalize("NFD", text.translate(_D_TO_LATIN))
    return "".join(mark for mark in marks if not unicodedata.combining(mark))


def _fold_by_letter(text: str) -> str:
    """Return a text folded, with blanks between the words. No letter's result depends on those beside it."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_D_LETTERS))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()
    return "".join(letter if letter.isalnum() else " " for letter in plain).replace("y", "i")


@cache
def _table() -> dict[int, str]:
    """Return the result for each letter that Vietnamese and European texts have, worked out once."""
    return {code: _fold_by_letter(chr(code)) for first, last in _TABLE for code in range(first, last + 1)}


def fold(text: str) -> str:
    """Return the folded words without spaces, so that `Sa Pa` and `Sapa` are equal."""
    return "".join(words(text))
