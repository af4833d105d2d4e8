"""Recognises the entries of a listing that it had before, also under another identifier, link or title. Pure.

Entries that stand in one listing at once are as many articles, whatever they share. One that appears in the
reading in which another one leaves, and says the same, is that one renewed; so is one that comes back later
under the same link. What merely fell off the end of a listing that grew at its top did not leave like that.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

from service.articles.model import Published, lead_digest
from service.articles.store.listings import ListedEntry
from service.articles.text import urls
from service.core.folding import fold, words

_MIN_LEAD = 40  # characters from which a lead tells articles apart
_MAX_PAIRS = 10_000  # of entries and articles that are compared; what lies beyond counts as new
_SIMILAR = 0.6  # share of two titles' words that is in both
_MIN_SHARED_WORDS = 3
_MIN_NUMBER = 3  # digits of a number in a link that is an article's
_CENTURIES = ("19", "20")  # begin a year or a day
_MIN_TOKEN = 8  # characters of a value that may have been generated
_MIN_CHANGES = 2  # links in which the same part changes, before it is taken for no part of an address

H = TypeVar("H")

# A part of an address: `path` with its position or `query` with its name; and a number for repeated names.
Part = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class _Left:
    """A known article that is not in the listing under its identifier; `place` is None if it left before."""

    entry: ListedEntry
    place: int | None


def telling_lead(lead: str) -> str:
    """Return a digest of a lead, by which two are compared; empty for a short one."""
    return lead_digest(lead) if len(lead) >= _MIN_LEAD else ""


def find_known(
    entries: Sequence[ListedEntry], before: Sequence[ListedEntry], others: Sequence[ListedEntry]
) -> dict[int, ListedEntry]:
    """Return which known article each entry is, by its index; new entries are left out.

    Args:
        entries: the listing; their keys differ.
        before: the same listing as it was read before.
        others: further articles that are stored of this source, the first seen first.
    """
    by_key = {one.key: one for one in (*others, *before)}
    known = {index: by_key[entry.key] for index, entry in enumerate(entries) if entry.key in by_key}
    matching = _Matching(entries, before, others, known)
    matching.by_link()
    matching.by_order()
    matching.by_address()
    matching.by_title()
    matching.by_address()
    matching.by_place()
    return matching.known


class _Matching:
    """Pairs entries that appeared with articles that left, the surest kind of evidence first."""

    def __init__(
        self,
        entries: Sequence[ListedEntry],
        before: Sequence[ListedEntry],
        others: Sequence[ListedEntry],
        known: dict[int, ListedEntry],
    ) -> None:
        self.known = known
        self._entries, self._before = entries, before
        self._listed_before = set(map(id, before))
        used = set(map(id, known.values()))
        self._left = [
            _Left(one, place) for place, one in enumerate(before) if id(one) not in used and one.article
        ]
        self._left += [_Left(one, None) for one in others if id(one) not in used]
        self._survey()

    def _survey(self) -> None:
        """Find out what stays, and how much of it is above each place: that is, which gap a place is in."""
        used = set(map(id, self.known.values()))
        staying = [place for place, one in enumerate(self._before) if id(one) in used]
        self._stay = len(staying)
        self._first, self._last = min(staying, default=-1), max(staying, default=len(self._before))
        self._gaps_before = _gaps(len(self._before), staying)
        indexes = [index for index, one in self.known.items() if id(one) in self._listed_before]
        self._gaps_now = _gaps(len(self._entries), indexes)

    def by_link(self) -> None:
        """Pair those of one canonical link that no other entry shares."""
        shared = _repeated(map(_canonical, self._entries)) | _repeated(map(_canonical, self._before))
        by_link: dict[str, _Left] = {}
        for left in self._left:
            by_link.setdefault(_canonical(left.entry), left)
        for index in self._new():
            link = _canonical(self._entries[index])
            if link and link not in shared and link in by_link:
                self._pair(index, by_link[link])

    def by_order(self) -> None:
        """Where nothing is known to stay, pair what says the same in the order of before.

        That is under a title that no other has, with the same lead, moment or all but one part of its link.
        """
        if self._stay:
            return
        titles = [fold(entry.title) for entry in self._entries]
        former = {fold(left.entry.title): left for left in self._left if left.place is not None}
        unclear = _repeated(titles) | _repeated(fold(one.title) for one in self._before)
        pairs = [
            (index, left)
            for index in self._new()
            if titles[index] not in unclear and (left := former.get(titles[index])) is not None
            if self._says_the_same(self._entries[index], left.entry)
        ]
        for number in _longest_ascent([left.place or 0 for _, left in pairs]):
            self._pair(*pairs[number])
        self._survey()

    def by_title(self) -> None:
        """Pair those of one title where date and lead agree with it."""
        titles: dict[str, list[_Left]] = defaultdict(list)
        for left in self._left:
            titles[fold(left.entry.title)].append(left)
        new: dict[str, list[int]] = defaultdict(list)
        for index in self._new():
            if (title := fold(self._entries[index].title)) in titles:
                new[title].append(index)
        for title, indexes in new.items():
            self._pair_best((index, left) for index in indexes for left in titles[title])
        self._survey()

    def by_address(self) -> None:
        """Pair those whose addresses differ in nothing but parts that change with every reading."""
        volatile = volatile_parts((self._entries[index], one) for index, one in self.known.items())
        if not volatile:
            return
        shared = _repeated(_stable(entry.url, volatile) for entry in self._entries)
        by_address: dict[object, list[_Left]] = defaultdict(list)
        for left in self._left:
            if left.place is not None:
                by_address[_stable(left.entry.url, volatile)].append(left)
        for index in self._new():
            address = _stable(self._entries[index].url, volatile)
            same = by_address.get(address, [])
            if address and address not in shared and len(same) == 1:
                self._pair(index, same[0])
        self._survey()

    def by_place(self) -> None:
        """Pair those with another title and link, where one has taken the other's place and says the same."""
        numbers = ((_numbers(entry.url) for entry in listing) for listing in (self._entries, self._before))
        common = set[str]().union(*(_repeated(chain.from_iterable(each)) for each in numbers))
        gaps: dict[int, list[_Left]] = defaultdict(list)
        for left in self._left:
            if left.place is not None:
                gaps[self._gaps_before[left.place]].append(left)
        for gap, lefts in gaps.items():
            indexes = [index for index in self._new() if self._gaps_now[index] == gap]
            is_tight = bool(self._stay) and len(lefts) == len(indexes) == 1
            pairs = [
                (index, left)
                for index in indexes[: _MAX_PAIRS // (len(lefts) + 1)]
                for left in lefts
                if _is_corrected(self._entries[index], left.entry, common, is_tight=is_tight)
            ]
            self._pair_best(pairs, checked=True)

    def _new(self) -> list[int]:
        return [index for index in range(len(self._entries)) if index not in self.known]

    def _pair(self, index: int, left: _Left) -> None:
        self.known[index] = left.entry
        self._left = [one for one in self._left if one is not left]

    def _pair_best(self, pairs: Iterable[tuple[int, _Left]], *, checked: bool = False) -> None:
        """Pair each at most once, those first that agree in most."""
        scored = []
        for number, (index, left) in enumerate(pairs):
            if number >= _MAX_PAIRS:
                break
            if checked or self._is_renewed(index, left):
                scored.append((self._agreement(index, left), index, left))
        paired: set[int] = set()
        for _, index, left in sorted(scored, key=lambda one: one[0], reverse=True):
            if index not in self.known and id(left) not in paired:
                paired.add(id(left))
                self._pair(index, left)

    def _is_renewed(self, index: int, left: _Left) -> bool:
        """Return whether an entry is, under the same title, an article that left."""
        new, old = self._entries[index], left.entry
        has_other_lead = new.lead != old.lead and bool(new.lead) and bool(old.lead)
        if self._is_in_place(index, left) or (self._left_from_within(left) and not has_other_lead):
            return _is_one_lead(new, old) or _may_be_one_day(new.published, old.published)
        # It fell off the end, or left before: others of that title may have come since.
        if not _may_be_one_day(new.published, old.published):
            return False
        return _is_one_lead(new, old) or _is_one_moment(new.published, old.published)

    def _says_the_same(self, new: ListedEntry, old: ListedEntry) -> bool:
        if _is_one_lead(new, old) or _is_one_moment(new.published, old.published):
            return True
        first, second = _address(new.url), _address(old.url)
        differing = sum(second.get(part) != value for part, value in first.items())
        is_one_link = len(first) == len(second) and differing == 1
        return is_one_link and _may_be_one_day(new.published, old.published)

    def _is_in_place(self, index: int, left: _Left) -> bool:
        """Return whether an entry stands among those that stay where the article stood."""
        return left.place is not None and self._gaps_before[left.place] == self._gaps_now[index]

    def _left_from_within(self, left: _Left) -> bool:
        """Return whether an article left from among those that stay: it fell off neither end."""
        return left.place is not None and self._first < left.place < self._last

    def _agreement(self, index: int, left: _Left) -> tuple[float, ...]:
        new, old = self._entries[index], left.entry
        return (
            _is_one_moment(new.published, old.published),
            _is_one_lead(new, old),
            left.place is not None,
            self._is_in_place(index, left),
            _shared_parts(new.url, old.url),
            -abs(index - (left.place or 0)),
            -index,
        )


def _longest_ascent(places: Sequence[int]) -> list[int]:
    """Return the indexes of a longest part of a sequence that ascends."""
    ends: list[int] = []  # of the best ascent of each length
    lengths: list[int] = []
    for place in places:
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        lengths.append(length)
    ascent: list[int] = []
    wanted = len(ends) - 1
    for index in range(len(places) - 1, -1, -1):
        if lengths[index] == wanted and (not ascent or places[index] < places[ascent[-1]]):
            ascent.append(index)
            wanted -= 1
    return ascent[::-1]


def _repeated(values: Iterable[H]) -> set[H]:
    return {value for value, number in Counter(values).items() if number > 1}


def _gaps(count: int, staying: Iterable[int]) -> list[int]:
    """Return for each place how many of those that stay are above it."""
    stays, gaps, above = set(staying), [], 0
    for place in range(count):
        gaps.append(above)
        above += place in stays
    return gaps


def _canonical(entry: ListedEntry) -> str:
    return urls.canonical_url(entry.url) if entry.url else ""


# Dates and titles


def _may_be_one_day(one: Published | None, other: Published | None) -> bool:
    return one is None or other is None or one.at.date() == other.at.date()


def _is_one_lead(one: ListedEntry, other: ListedEntry) -> bool:
    return bool(one.lead) and one.lead == other.lead


def _is_one_moment(one: Published | None, other: Published | None) -> bool:
    """Return whether both were published at the same time of day; midnight is no time."""
    if one is None or other is None or one.date_only or other.date_only:
        return False
    return one.at == other.at and (one.at.hour, one.at.minute, one.at.second) != (0, 0, 0)


def _is_corrected(new: ListedEntry, old: ListedEntry, common: AbstractSet[str], *, is_tight: bool) -> bool:
    """Return whether one entry is the other with a corrected title and link, in the same place.

    Args:
        new: the entry.
        old: the other.
        common: numbers that several links have, such as a year.
        is_tight: no other one left or appeared between the same neighbours.
    """
    if not _may_be_one_day(new.published, old.published) or _are_numbered(new.title, old.title):
        return False
    same_number = bool((_numbers(new.url) & _numbers(old.url)) - common)
    same_lead = _is_one_lead(new, old)
    if is_tight and (same_lead or same_number or _is_extended(new.title, old.title)):
        return True
    content = (same_lead, same_number, _is_similar(new.title, old.title))
    return any(content) and sum((*content, _is_one_moment(new.published, old.published))) > 1


def _is_extended(one: str, other: str) -> bool:
    """Return whether a title has all words of the other and few more; another word would be another thing."""
    shorter, longer = sorted((words(one), words(other)), key=len)
    return _is_similar(one, other) and set(shorter) <= set(longer)


def _is_similar(one: str, other: str) -> bool:
    """Return whether titles share most words."""
    first, second = set(words(one)), set(words(other))
    shared = len(first & second)
    return shared >= _MIN_SHARED_WORDS and shared >= _SIMILAR * len(first | second)


def _are_numbered(one: str, other: str) -> bool:
    """Return whether titles differ in their numbers alone, as those of a series do."""
    first, second = words(one), words(other)
    plain = [[word for word in title if word not in _with_digits(title)] for title in (first, second)]
    return plain[0] == plain[1] and _with_digits(first) != _with_digits(second)


def _with_digits(title_words: Sequence[str]) -> list[str]:
    return sorted(word for word in title_words if any(map(str.isdigit, word)))


def _numbers(url: str | None) -> set[str]:
    """Return the numbers in a link that may be an article's."""
    parts = urlsplit(url or "")
    text = f"{parts.path}?{parts.query}"
    digits = "".join(letter if letter.isdigit() else " " for letter in text)
    return {one for one in digits.split() if len(one) >= _MIN_NUMBER and not one.startswith(_CENTURIES)}


# Addresses


def volatile_parts(pairs: Iterable[tuple[ListedEntry, ListedEntry]]) -> frozenset[Part]:
    """Return the parts of a source's addresses that change while the rest and the titles stay the same.

    They are random tokens, sessions and times of day: no part of an identity.
    """
    changed: Counter[Part] = Counter()
    stayed: set[Part] = set()
    generated: set[Part] = set()
    for new, old in pairs:
        first, second = _address(new.url), _address(old.url)
        if not first or first.keys() != second.keys() or fold(new.title) != fold(old.title):
            continue
        for part, value in first.items():
            if value == second[part]:
                stayed.add(part)
            else:
                changed[part] += 1
                if part[0] != "path" and _may_be_generated(value) and _may_be_generated(second[part]):
                    generated.add(part)
    return frozenset(
        part
        for part, count in changed.items()
        if part not in stayed and (count >= _MIN_CHANGES or part in generated)
    )


def is_same_address(one: str | None, other: str | None, volatile: frozenset[Part]) -> bool:
    """Return whether two links differ in nothing but a session, tracking and volatile parts."""
    if one == other or (one and other and urls.canonical_url(one) == urls.canonical_url(other)):
        return True
    return bool(one and other) and _stable(one, volatile) == _stable(other, volatile)


def _may_be_generated(value: str) -> bool:
    return len(value) >= _MIN_TOKEN and any(map(str.isdigit, value))


def _address(url: str | None) -> dict[Part, str]:
    """Return the parts of a link, without session and tracking."""
    if not url:
        return {}
    path, _, query = urls.canonical_url(url).partition("?")
    parts: dict[Part, str] = {
        ("path", str(number), 0): segment for number, segment in enumerate(path.split("/"))
    }
    for name, value in parse_qsl(query, keep_blank_values=True):
        number = 0
        while ("query", name, number) in parts:
            number += 1
        parts["query", name, number] = value
    return parts


def _stable(url: str | None, volatile: frozenset[Part]) -> object:
    """Return what remains of an address without its volatile parts; None where there is no link."""
    address = _address(url)
    return frozenset(item for item in address.items() if item[0] not in volatile) if address else None


def _shared_parts(one: str | None, other: str | None) -> float:
    """Return the share of two addresses that is the same."""
    first, second = _address(one), _address(other)
    shared = sum(second.get(part) == value for part, value in first.items())
    return shared / max(len(first), len(second), 1)
