"""Sort keys of names: in the order of Vietnamese dictionaries (CLDR `vi`), and in a plain Latin order.

ICU has the first, but is a compiled dependency; the rule is short enough to be written here.
"""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_POSITION = {letter: position for position, letter in enumerate(_ALPHABET)}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}  # huyền, hỏi, ngã, sắc, nặng
_CACHED_LETTERS = 512
_FOREIGN_MARK = 6  # ö, ñ: after every tone of its base letter
_D_LOOK_ALIKES = str.maketrans("ÐðƉɖ", "ĐđĐđ")
_D_TO_LATIN = str.maketrans("ĐđÐðƉɖ", "DdDdDd")

_SPACE, _PUNCTUATION, _DIGIT, _LETTER, _OTHER_SCRIPT = range(5)


class _Weight(NamedTuple):
    """The weights of one letter, the most significant over the whole string first."""

    position: tuple[int, int]
    tone: int
    capital: bool


SortKey = tuple[tuple[tuple[int, int], ...], tuple[int, ...], tuple[bool, ...]]


def vietnamese_order(text: str) -> SortKey:
    """Return the sort key of Vietnamese text: letters first, then tones, then case (lower before upper).

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
    """Return the sort key for English and other languages that sort é as e and đ as d."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_D_TO_LATIN))
    return vietnamese_order("".join(mark for mark in decomposed if not unicodedata.combining(mark)))


@lru_cache(_CACHED_LETTERS)
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
