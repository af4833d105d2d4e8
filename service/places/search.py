"""Finding places by what a reader types: one sorted list of folded names, looked into by bisection."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from enum import IntEnum, auto
from unicodedata import normalize

from service.core.folding import fold, words
from service.places.model import Place
from service.places.names import Entry, Source, entries_of, province_spellings
from service.places.spelling import accented, readings, without_all_units, written_words

LONGEST_QUERY = 100  # characters; what follows is not read


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


class SearchIndex:
    """The names of places, ready to be searched; ties are settled in the order the places are given."""

    def __init__(self, places: Sequence[Place]) -> None:
        """Fold and sort every name of every place; thousands of places are fine."""
        self._places = places
        spellings = province_spellings(places)
        self._entries = sorted(
            {entry for number, place in enumerate(places) for entry in entries_of(number, place, spellings)}
        )
        self._keys = [entry.key for entry in self._entries]
        self._display_keys = {fold(name) for place in places for name in place.names.values()}

    def search(self, query: str, limit: int) -> list[Place]:
        """At most `limit` places whose names begin like the query, or hold all its words; best first.

        Accents, case, spaces and units ("TP.", "tỉnh") may be missing or different. A query without any
        letter or digit finds nothing, and so does one that fits no name.
        """
        typed = written_words(normalize("NFC", query[: 4 * LONGEST_QUERY])[:LONGEST_QUERY])
        found = self._by_beginning(typed) or self._by_words(typed)
        return [self._places[number] for number in found[: max(limit, 0)]]

    def _by_beginning(self, typed: list[str]) -> list[int]:
        best: dict[int, _Rank] = {}
        for reading in self._readings(typed):
            key, written = fold(" ".join(reading)), accented(reading)
            for entry in self._beginning_with(key):
                rank = _rank(entry, key, written)
                if entry.number not in best or rank < best[entry.number]:
                    best[entry.number] = rank
        return sorted(best, key=best.__getitem__)

    def _readings(self, typed: list[str]) -> list[list[str]]:
        """A query that is a display name needs no guessing: `quan ba` is Quản Bạ, not the district Ba."""
        return [typed] if fold(" ".join(typed)) in self._display_keys else readings(typed)

    def _by_words(self, typed: list[str]) -> list[int]:
        """Places that have every word of "Dong Ha, Quang Tri" somewhere in their names."""
        wanted = words(" ".join(without_all_units(typed)))
        if not wanted:
            return []
        holders = ({entry.number for entry in self._beginning_with(word)} for word in set(wanted))
        numbers = set.intersection(*holders)
        whole = "".join(wanted)
        return sorted(numbers, key=lambda number: (not self._named_first(number, whole), number))

    def _named_first(self, number: int, whole: str) -> bool:
        return any(whole.startswith(fold(name)) for name in self._places[number].names.values())

    def _beginning_with(self, key: str) -> Iterator[Entry]:
        if not key:
            return
        for position in range(bisect_left(self._keys, key), len(self._keys)):
            if not self._keys[position].startswith(key):
                return
            yield self._entries[position]


def _rank(entry: Entry, key: str, written: str) -> _Rank:
    """Smaller is better: the kind of match, equal accents, standing, the given order."""
    whole = entry.word == 0 and entry.key == key
    if entry.source is Source.PROVINCE:
        match = _Match.PROVINCE if whole else _Match.PROVINCE_BEGINS
    elif entry.word:
        match = _Match.WORD_BEGINS
    elif not whole:
        match = _Match.NAME_BEGINS if entry.source is Source.NAME else _Match.ALIAS_BEGINS
    elif entry.accented == written:
        match = _Match.NAME_AS_WRITTEN if entry.source is Source.NAME else _Match.ALIAS_AS_WRITTEN
    else:
        match = _Match.NAME if entry.source is Source.NAME else _Match.ALIAS
    return match, not f"{entry.accented} ".startswith(f"{written} "), entry.standing, entry.number
