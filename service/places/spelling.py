"""How names are written: accents compared fairly, and words such as "thành phố" taken off."""

import unicodedata
from collections.abc import Mapping, Sequence

from service.core.folding import fold

_TONES = "\u0300\u0309\u0303\u0301\u0323"
_D_LOOK_ALIKES = str.maketrans("ÐðƉɖ", "ĐđĐđ")
_GLUED = ("tp", "tx")  # TPHCM; no Vietnamese syllable begins so


def written_words(text: str) -> list[str]:
    """The words of a text with their accents: NFKC, no case, letters and digits only."""
    plain = unicodedata.normalize("NFKC", text.translate(_D_LOOK_ALIKES)).casefold()
    return "".join(letter if letter.isalnum() else " " for letter in plain).split()


def accented(words: Sequence[str]) -> str:
    """The words with each tone moved to the end of its syllable, so that `hoà` and `hòa` are one."""
    return " ".join(_tone_last(word) for word in words)


def bare_name(words: Sequence[str]) -> list[str]:
    """A name without its unit: "Thị xã Quảng Trị" is Quảng Trị, "Quản Bạ" stays whole."""
    return _without_units(words, guess=False)


def readings(words: Sequence[str]) -> list[list[str]]:
    """The ways to read a query: as typed, and without words for units ("tp hue", "TPHCM", "Hue, Vietnam").

    A unit typed without accents counts too, which is a guess: `tinh bien` may be Tịnh Biên or a province.
    """
    stripped = _without_units(words, guess=True)
    if stripped and stripped[0][:2] in _GLUED and stripped[0][2:]:
        stripped = [stripped[0][2:], *stripped[1:]]
    return [list(words)] if stripped == list(words) else [list(words), stripped]


def without_all_units(words: Sequence[str]) -> list[str]:
    """The words of "xã Lao Bảo, tỉnh Quảng Trị" that name something."""
    rest, kept = list(words), []
    while rest:
        shorter = _without_units(rest, guess=True)
        if shorter == rest:
            kept.append(rest.pop(0))
        else:
            rest = shorter
    return kept


def _without_units(words: Sequence[str], *, guess: bool) -> list[str]:
    rest = list(words)
    for length in _LENGTHS:
        if len(rest) > length and _said(rest[-length:], _WORDS_AFTER, guess=guess):
            rest = rest[:-length]
            break
    for length in _LENGTHS:
        after = rest[length:]
        # "phường 1 Bảo Lộc" and "quận 1" say nothing without their unit.
        if after and not after[0].isdigit() and _said(rest[:length], _UNITS_BEFORE, guess=guess):
            return after
    return rest


def _said(words: Sequence[str], phrases: Mapping[str, str], *, guess: bool) -> bool:
    typed = accented(words)
    return typed in phrases or (guess and typed.isascii() and fold(typed) in phrases.values())


def _tone_last(word: str) -> str:
    marks = unicodedata.normalize("NFD", word)
    letters = "".join(mark for mark in marks if mark not in _TONES)
    return unicodedata.normalize("NFC", letters) + "".join(mark for mark in marks if mark in _TONES)


def _phrases(*phrases: str) -> Mapping[str, str]:
    """Each phrase as `accented` writes it, and its folding."""
    return {accented(written_words(phrase)): fold(phrase) for phrase in phrases}


# "TT." and "T." are missing: they stand for too many things.
_UNITS_BEFORE = _phrases(
    "thành phố", "thị xã", "thị trấn", "đặc khu", "huyện đảo", "thủ đô",
    "tỉnh", "huyện", "quận", "phường", "xã", "tp", "tx", "đk", "q", "h", "p", "x",
)  # fmt: skip
_WORDS_AFTER = _phrases("city", "town", "province", "việt nam", "vietnam", "vn")
_LENGTHS = (2, 1)  # words in a phrase, the longer first
