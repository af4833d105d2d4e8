"""Finding places by what a reader types: one sorted list of folded names, searched by bisection.

A name is found however it is written: "TP. Đông Hà", "dong ha", "DONGHA", "Hue, Vietnam". Accents that the
reader typed, or did not, only decide the order. Words for administrative units ("thành phố", "tỉnh") may be
missing.
"""

import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum, auto
from typing import NamedTuple

from service.core.folding import fold, words
from service.places.model import Place, PlaceKind

_MAX_QUERY = 100  # characters; what follows is ignored
_SEATS = (PlaceKind.CITY_CENTRAL, PlaceKind.SEAT_NOW, PlaceKind.SEAT_BEFORE)
_TONES = "\u0300\u0309\u0303\u0301\u0323"
_D_LOOK_ALIKES = str.maketrans("ÐðƉɖ", "ĐđĐđ")
_JOINED_UNITS = ("tp", "tx")  # as in TPHCM; no Vietnamese syllable begins so


class SearchIndex:
    """The names of places, ready to be searched. The order of the places given settles ties."""

    def __init__(self, places: Sequence[Place]) -> None:
        """Fold and sort every name of every place, of which there may be thousands."""
        self._places = places
        spellings = province_spellings(places)
        self._entries = sorted(
            {entry for number, place in enumerate(places) for entry in _entries(number, place, spellings)}
        )
        self._keys = [entry.key for entry in self._entries]
        self._display_keys = {fold(name) for place in places for name in place.names.values()}

    def search(self, query: str, limit: int) -> list[Place]:
        """Return at most `limit` places whose names begin with the query or have all its words, best first.

        Accents, case, spaces and units ("TP.", "tỉnh") may be missing or different. A query without a letter
        or digit finds nothing.
        """
        # NFC may need several characters for one: cut before, for speed, and after.
        typed = _written_words(unicodedata.normalize("NFC", query[: 4 * _MAX_QUERY])[:_MAX_QUERY])
        found = self._by_beginning(typed) or self._by_words(typed)
        return [self._places[number] for number in found[: max(limit, 0)]]

    def _by_beginning(self, typed: list[str]) -> list[int]:
        best: dict[int, _Rank] = {}
        # A query that is a display name has one reading: `quan ba` is Quản Bạ, not the district Ba.
        is_display_name = fold(" ".join(typed)) in self._display_keys
        for reading in [typed] if is_display_name else _readings(typed):
            key, written = fold(" ".join(reading)), _accented(reading)
            for entry in self._beginning_with(key):
                rank = _rank(entry, key, written)
                if entry.number not in best or rank < best[entry.number]:
                    best[entry.number] = rank
        return sorted(best, key=best.__getitem__)

    def _by_words(self, typed: list[str]) -> list[int]:
        """Return the places that have every word of "Dong Ha, Quang Tri" somewhere in their names."""
        wanted = words(" ".join(_without_all_units(typed)))
        if not wanted:
            return []
        holders = ({entry.number for entry in self._beginning_with(word)} for word in set(wanted))
        numbers = set.intersection(*holders)
        whole = "".join(wanted)
        return sorted(numbers, key=lambda number: (not self._is_named_first(number, whole), number))

    def _is_named_first(self, number: int, whole: str) -> bool:
        return any(whole.startswith(fold(name)) for name in self._places[number].names.values())

    def _beginning_with(self, key: str) -> Iterator["_Entry"]:
        if not key:
            return
        for position in range(bisect_left(self._keys, key), len(self._keys)):
            if not self._keys[position].startswith(key):
                return
            yield self._entries[position]


# The names of a place in the index


class _NameType(IntEnum):
    NAME = auto()
    ALIAS = auto()
    PROVINCE = auto()


class _Entry(NamedTuple):
    """A folded name, from one of its words on.

    Attributes:
        key: the folded letters from that word to the end, without spaces.
        word: the number of the word it begins at; 0 is the whole name.
        accented: the whole name for the comparison of accents; only where `word` is 0.
        priority: among equal matches, smaller goes first.
        number: the place's position in the list that is searched.
    """

    key: str
    word: int
    type: _NameType
    accented: str
    priority: int
    number: int


def _entries(number: int, place: Place, spellings: Mapping[str, set[str]]) -> Iterator[_Entry]:
    """Yield all entries of one place; `spellings` as `province_spellings` returns them."""
    priority = 0 if place.kind is PlaceKind.CITY_CENTRAL else 1 if place.kind in _SEATS else 2
    for name in place.names.values():
        for form in _forms(name):
            yield from _from_every_word(form, _NameType.NAME, priority, number)
    # An alias that is only the province's name ("Quảng Trị" of Đông Hà) counts as that.
    of_provinces = {fold(spelling) for province in place.provinces for spelling in spellings[province]}
    for alias in place.aliases:
        for form in _forms(alias):
            if fold(form) not in of_provinces:
                yield from _from_every_word(form, _NameType.ALIAS, priority, number)
    for province in place.provinces:
        for spelling in spellings[province]:
            yield from _from_every_word(
                spelling, _NameType.PROVINCE, _priority_in_province(place, province), number
            )


def _from_every_word(name: str, kind: _NameType, priority: int, number: int) -> Iterator[_Entry]:
    written = _written_words(name)
    folded = words(" ".join(written))
    for word in range(len(folded)):
        accented = _accented(written) if word == 0 else ""
        yield _Entry("".join(folded[word:]), word, kind, accented, priority, number)


def _forms(name: str) -> list[str]:
    """Return the name, and the name without its unit where it has one ("Thị xã Quảng Trị")."""
    whole = _written_words(name)
    bare = _without_units(whole, guess=False)
    return [name] if bare == whole else [name, " ".join(bare)]


def province_key(name: str) -> str:
    """Return what the spellings of a province have in common: no accents, case, spaces or "tỉnh"."""
    return fold(" ".join(_without_units(_written_words(name), guess=True)))


def province_spellings(places: Iterable[Place]) -> dict[str, set[str]]:
    """Return the spellings of each province: its name, and "tỉnh X" and X for such aliases of its seat."""
    spellings: dict[str, set[str]] = defaultdict(set)
    for place in places:
        for province in place.provinces:
            spellings[province].add(province)
        for alias in map(_written_words, place.aliases if place.provinces else ()):
            if alias[:1] == ["tỉnh"]:
                spellings[place.provinces[0]] |= {" ".join(alias), " ".join(alias[1:])}
    return spellings


def _priority_in_province(place: Place, province: str) -> int:
    """Return the order in a search by province: the seat of the old one, the seat of today, others."""
    if place.kind not in _SEATS:
        return 3
    if province == place.provinces[0]:
        return 0
    return 2 if place.kind is PlaceKind.SEAT_BEFORE else 1


# The order of what was found


class _Match(IntEnum):
    """How a query and a name agree, best first."""

    NAME_AS_WRITTEN = auto()
    ALIAS_AS_WRITTEN = auto()
    NAME = auto()
    ALIAS = auto()
    NAME_BEGINS = auto()
    ALIAS_BEGINS = auto()
    PROVINCE = auto()
    WORD_BEGINS = auto()
    PROVINCE_BEGINS = auto()


_Rank = tuple[_Match, bool, int, int]


def _rank(entry: _Entry, key: str, written: str) -> _Rank:
    """Return the sort key: the kind of match, whether accents differ, the priority, the given order."""
    is_whole = entry.word == 0 and entry.key == key
    is_name = entry.type is _NameType.NAME
    if entry.type is _NameType.PROVINCE:
        match = _Match.PROVINCE if is_whole else _Match.PROVINCE_BEGINS
    elif entry.word:
        match = _Match.WORD_BEGINS
    elif not is_whole:
        match = _Match.NAME_BEGINS if is_name else _Match.ALIAS_BEGINS
    elif entry.accented == written:
        match = _Match.NAME_AS_WRITTEN if is_name else _Match.ALIAS_AS_WRITTEN
    else:
        match = _Match.NAME if is_name else _Match.ALIAS
    return match, not f"{entry.accented} ".startswith(f"{written} "), entry.priority, entry.number


# How names are written


def _written_words(text: str) -> list[str]:
    """Return the words of a text with their accents: NFKC, no case, letters and digits only."""
    plain = unicodedata.normalize("NFKC", text.translate(_D_LOOK_ALIKES)).casefold()
    return "".join(letter if letter.isalnum() else " " for letter in plain).split()


def _accented(words: Sequence[str]) -> str:
    """Join the words with each tone at the end of its syllable, so that `hoà` and `hòa` are equal."""
    return " ".join(map(_tone_last, words))


def _tone_last(word: str) -> str:
    marks = unicodedata.normalize("NFD", word)
    letters = "".join(mark for mark in marks if mark not in _TONES)
    return unicodedata.normalize("NFC", letters) + "".join(mark for mark in marks if mark in _TONES)


def _readings(words: Sequence[str]) -> list[list[str]]:
    """Return the ways to read a query: as typed, and without units ("tp hue", "TPHCM", "Hue, Vietnam").

    A unit typed without accents counts too, which is a guess: `tinh bien` may be Tịnh Biên or a province.
    """
    stripped = _without_units(words, guess=True)
    if stripped and stripped[0][:2] in _JOINED_UNITS and stripped[0][2:]:
        stripped = [stripped[0][2:], *stripped[1:]]
    return [list(words)] if stripped == list(words) else [list(words), stripped]


def _without_all_units(words: Sequence[str]) -> list[str]:
    """Return the words of "xã Lao Bảo, tỉnh Quảng Trị" that are names."""
    rest, names = list(words), []
    while rest:
        shorter = _without_units(rest, guess=True)
        if shorter == rest:
            names.append(rest.pop(0))
        else:
            rest = shorter
    return names


def _without_units(words: Sequence[str], *, guess: bool) -> list[str]:
    """Return a name without its unit: "Thị xã Quảng Trị" becomes Quảng Trị, "Quản Bạ" stays whole."""
    rest = list(words)
    for length in _PHRASE_LENGTHS:
        if len(rest) > length and _is_phrase(rest[-length:], _WORDS_AFTER, guess=guess):
            rest = rest[:-length]
            break
    for length in _PHRASE_LENGTHS:
        after = rest[length:]
        # "phường 1 Bảo Lộc" and "quận 1" mean nothing without their unit.
        if after and not after[0].isdigit() and _is_phrase(rest[:length], _UNITS_BEFORE, guess=guess):
            return after
    return rest


def _is_phrase(words: Sequence[str], phrases: Mapping[str, str], *, guess: bool) -> bool:
    typed = _accented(words)
    return typed in phrases or (guess and typed.isascii() and fold(typed) in phrases.values())


def _phrases(*phrases: str) -> Mapping[str, str]:
    """Return the folding of each phrase by the phrase as `_accented` writes it."""
    return {_accented(_written_words(phrase)): fold(phrase) for phrase in phrases}


# "TT." and "T." are missing: they are abbreviations of too many things.
_UNITS_BEFORE = _phrases(
    "thành phố", "thị xã", "thị trấn", "đặc khu", "huyện đảo", "thủ đô",
    "tỉnh", "huyện", "quận", "phường", "xã", "tp", "tx", "đk", "q", "h", "p", "x",
)  # fmt: skip
_WORDS_AFTER = _phrases("city", "town", "province", "việt nam", "vietnam", "vn")
_PHRASE_LENGTHS = (2, 1)  # words, the longer first
