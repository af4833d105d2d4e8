"""The order of names: as a Vietnamese dictionary has it (CLDR `vi`), and a plain Latin one.

ICU would do the first, at the price of a compiled dependency; the rule is short enough to stand here.
"""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_POSITION = {letter: position for position, letter in enumerate(_ALPHABET)}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}  # huyền, hỏi, ngã, sắc, nặng
_LETTERS_KEPT = 512
_FOREIGN_MARK = 6  # ö, ñ: after every tone of its base letter
_D_LOOK_ALIKES = str.maketrans("ÐðƉɖ", "ĐđĐđ")
_D_TO_LATIN = str.maketrans("ĐđÐðƉɖ", "DdDdDd")

_SPACE, _PUNCTUATION, _DIGIT, _LETTER, _OTHER_SCRIPT = range(5)


class _Weight(NamedTuple):
    """One letter's weights, in falling order of importance over the whole string."""

    position: tuple[int, int]
    tone: int
    capital: bool


SortKey = tuple[tuple[tuple[int, int], ...], tuple[int, ...], tuple[bool, ...]]


def vietnamese_order(text: str) -> SortKey:
    """The sort key of Vietnamese text: letters first, then tones, then case (lower before upper).

    Đ follows all D, Ă and Â follow A; a tone only decides between strings of equal letters, in the order
    ngang, huyền, hỏi, ngã, sắc, nặng. Space comes before punctuation, digits and letters.
    """
    weights = [_weigh(letter) for letter in unicodedata.normalize("NFC", text.translate(_D_LOOK_ALIKES))]
    return (
        tuple(weight.position for weight in weights),
        tuple(weight.tone for weight in weights),
        tuple(weight.capital for weight in weights),
    )


def latin_order(text: str) -> SortKey:
    """The sort key of names in English and other languages that file é under e and đ under d."""
    bare = unicodedata.normalize("NFKD", text.translate(_D_TO_LATIN))
    return vietnamese_order("".join(mark for mark in bare if not unicodedata.combining(mark)))


@lru_cache(_LETTERS_KEPT)
def _weigh(letter: str) -> _Weight:
    capital = letter != letter.lower()
    marks = unicodedata.normalize("NFD", letter.lower())
    tone = next((_TONES[mark] for mark in marks if mark in _TONES), 0)
    base = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))
    if base in _POSITION:
        return _Weight((_LETTER, _POSITION[base]), tone, capital)
    if marks[0] in _POSITION:
        return _Weight((_LETTER, _POSITION[marks[0]]), _FOREIGN_MARK, capital)
    return _Weight(_outside_the_alphabet(letter), tone, capital)


def _outside_the_alphabet(letter: str) -> tuple[int, int]:
    if letter.isspace():
        return _SPACE, 0
    if letter.isdigit():
        return _DIGIT, unicodedata.digit(letter, 0)
    return (_OTHER_SCRIPT if letter.isalpha() else _PUNCTUATION), ord(letter)
