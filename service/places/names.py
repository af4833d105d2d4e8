"""What a reader may type for a place: its names, aliases and provinces, folded."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum, auto
from typing import NamedTuple

from service.core.folding import fold, words
from service.places.model import Place, PlaceKind
from service.places.spelling import accented, bare_name, written_words

_SEATS = (PlaceKind.CITY_CENTRAL, PlaceKind.SEAT_NOW, PlaceKind.SEAT_BEFORE)


class Source(IntEnum):
    """Whose name it is."""

    NAME = auto()
    ALIAS = auto()
    PROVINCE = auto()


class Entry(NamedTuple):
    """A folded name, from one of its words on.

    Attributes:
        key: the folded letters from that word to the end, without spaces.
        word: which word it begins at; 0 is the whole name.
        accented: the whole name for the comparison of accents; only where `word` is 0.
        standing: which places go first among equal matches; smaller is earlier.
        number: the place's position in the list that is searched.
    """

    key: str
    word: int
    source: Source
    accented: str
    standing: int
    number: int


def entries_of(number: int, place: Place, spellings: Mapping[str, set[str]]) -> Iterator[Entry]:
    """All entries of one place; `spellings` as `province_spellings` gives them."""
    kind = _kind_standing(place)
    names = [form for name in place.names.values() for form in _forms(name)]
    for name in names:
        yield from _from_every_word(name, Source.NAME, kind, number)
    provinces = {spelling for province in place.provinces for spelling in spellings[province]}
    # An alias that is only the province's name ("Quảng Trị" of Đông Hà) counts as that, no more.
    known = {fold(name) for name in provinces}
    for alias in place.aliases:
        for form in _forms(alias):
            if fold(form) not in known:
                yield from _from_every_word(form, Source.ALIAS, kind, number)
    for province in place.provinces:
        for spelling in spellings[province]:
            yield from _from_every_word(spelling, Source.PROVINCE, _seat_standing(place, province), number)


def _from_every_word(name: str, source: Source, standing: int, number: int) -> Iterator[Entry]:
    written = written_words(name)
    folded = words(" ".join(written))
    for word in range(len(folded)):
        shown = accented(written) if word == 0 else ""
        yield Entry("".join(folded[word:]), word, source, shown, standing, number)


def _forms(name: str) -> list[str]:
    """The name, and the name without its unit where it has one."""
    whole = written_words(name)
    bare = bare_name(whole)
    return [name] if bare == whole else [name, " ".join(bare)]


def province_spellings(places: Iterable[Place]) -> dict[str, set[str]]:
    """Every spelling of a province: its name, and from each alias "tỉnh X" of its old seat, that and X."""
    spellings: dict[str, set[str]] = defaultdict(set)
    for place in places:
        for province in place.provinces:
            spellings[province].add(province)
        for alias in map(written_words, place.aliases if place.provinces else ()):
            if alias[:1] == ["tỉnh"]:
                spellings[place.provinces[0]] |= {" ".join(alias), " ".join(alias[1:])}
    return spellings


def _kind_standing(place: Place) -> int:
    if place.kind is PlaceKind.CITY_CENTRAL:
        return 0
    return 1 if place.kind in _SEATS else 2


def _seat_standing(place: Place, province: str) -> int:
    """Who searches a province means the old one: its seat first, then the seat of today, then other seats."""
    if place.kind not in _SEATS:
        return 3
    if province == place.provinces[0]:
        return 0
    return 2 if place.kind is PlaceKind.SEAT_BEFORE else 1
