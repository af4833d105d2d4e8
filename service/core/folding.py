"""Folding text so that `dong ha`, `Đông Hà` and `ĐÔNG HÀ` are one: for places and for articles."""

import re
import unicodedata

# Never characters: the last two places of every plane.
PLANE_ENDS = "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
# Controls but for tab and line ends, halves of surrogate pairs, places that never become characters.
_NO_TEXT = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{PLANE_ENDS}]+")
_D_LETTERS = str.maketrans(dict.fromkeys("đĐðÐɖƉ", "d"))  # none of them is decomposed by NFKD


def without_controls(text: str) -> str:
    """Without what is no text and what neither UTF-8 nor XML nor a log can carry; tab and line ends stay."""
    return _NO_TEXT.sub("", text)


def words(text: str) -> list[str]:
    """The folded words of a text: no diacritics, no case, letters and digits only, y as i."""
    bare = unicodedata.normalize("NFKD", text.translate(_D_LETTERS))
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter)).casefold()
    return "".join(letter if letter.isalnum() else " " for letter in bare).replace("y", "i").split()


def fold(text: str) -> str:
    """The search key: the folded words without spaces, so that `Sa Pa` and `Sapa` are one."""
    return "".join(words(text))
