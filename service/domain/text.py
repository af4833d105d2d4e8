"""Folding text so that `dong ha`, `Đông Hà` and `ĐÔNG HÀ` are one: for places and for articles."""

import unicodedata

_D_LETTERS = str.maketrans(dict.fromkeys("đĐðÐɖƉ", "d"))  # none of them is decomposed by NFKD


def words(text: str) -> list[str]:
    """The folded words of a text: no diacritics, no case, letters and digits only, y as i."""
    bare = unicodedata.normalize("NFKD", text.translate(_D_LETTERS))
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter)).casefold()
    return "".join(letter if letter.isalnum() else " " for letter in bare).replace("y", "i").split()


def fold(text: str) -> str:
    """The search key: the folded words without spaces, so that `Sa Pa` and `Sapa` are one."""
    return "".join(words(text))
