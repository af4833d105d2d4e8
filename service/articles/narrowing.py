"""Which of a source's articles are shown: `include` and `exclude` of its configuration.

A pattern with a diacritic (or đ) is compared with them, one without is compared folded; either matches whole
syllables that follow each other in title, lead or a category. Everything that a source lists is kept, and
narrowed only where it is read, so that another configuration shows at once what it asks for.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files

from service.articles.model import Article
from service.core.folding import words
from service.settings.model import ArticleSource

_SYLLABLE = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")
_D_LETTERS = str.maketrans("ðÐɖƉ", "đĐđĐ")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_VOWELS = frozenset("aăâeêioôơuưy")
_FEW = 5  # syllables, all of which may be a name
_MANY_CAPITALS = 0.6  # of the syllables, from which capitals tell nothing of names
_MAX_VERDICTS = 100_000  # of articles, that are remembered


class Narrowing:
    """The patterns of all sources. It remembers its verdicts, so that a list of many articles is quick."""

    def __init__(self, sources: Iterable[ArticleSource] = ()) -> None:
        """Narrow these sources; all others are shown whole."""
        self._patterns: dict[str, tuple[Sequence[_Pattern], Sequence[_Pattern]]] = {}
        for source in sources:
            if source.include or source.exclude:
                self._narrow(source.id, source.include, source.exclude)
        self._hidden: dict[object, bool] = {}

    @classmethod
    def of(cls, patterns: Mapping[str, tuple[Sequence[str], Sequence[str]]]) -> "Narrowing":
        """Make one of `include` and `exclude` by the ids of sources."""
        narrowing = cls()
        for source_id, (include, exclude) in patterns.items():
            narrowing._narrow(source_id, include, exclude)
        return narrowing

    def _narrow(self, source_id: str, include: Sequence[str], exclude: Sequence[str]) -> None:
        self._patterns[source_id] = tuple(map(_pattern, include)), tuple(map(_pattern, exclude))

    def narrows(self, source_id: str) -> bool:
        """Return whether some of this source's articles may be hidden."""
        return source_id in self._patterns

    def is_known_hidden(self, source_id: str, version: object) -> bool:
        """Return whether this version of an article was found hidden before."""
        return source_id in self._patterns and self._hidden.get(version, False)

    def shows(self, article: Article, version: object = None) -> bool:
        """Return whether the article is shown; the verdict is remembered for this version of it."""
        if article.source not in self._patterns:
            return True
        is_hidden = self._hidden.get(version) if version is not None else None
        if is_hidden is None:
            is_hidden = self.reason(article) is not None
            if version is not None:
                if len(self._hidden) >= _MAX_VERDICTS:
                    self._hidden.clear()
                self._hidden[version] = is_hidden
        return not is_hidden

    def reason(self, article: Article) -> str | None:
        """Return why the article is not shown, in a phrase; None where it is."""
        return self.reason_for(article.source, (article.title, article.lead, *article.categories))

    def reason_for(self, source_id: str, written: Iterable[str]) -> str | None:
        """Return the same for title, lead and categories of an article that is not one yet."""
        include, exclude = self._patterns.get(source_id, ((), ()))
        texts = [_Text(text) for text in written] if include or exclude else []
        if include and not any(any(map(pattern.is_in, texts)) for pattern in include):
            return "no pattern of `include` is in title, lead or categories"
        found = next((pattern for pattern in exclude if any(map(pattern.is_in, texts))), None)
        return f"`exclude` has “{found.written}”, which is in title, lead or categories" if found else None


@dataclass(frozen=True, slots=True)
class _Spelling:
    """The syllables of a text as they are compared, and which of them begin with a capital.

    `has_names` is false where capitals tell nothing of names: in headlines written with them throughout.
    """

    syllables: Sequence[str]
    capitals: Sequence[bool]
    has_names: bool

    @classmethod
    def of(cls, text: str) -> "_Spelling":
        written = _SYLLABLE.findall(unicodedata.normalize("NFKC", text))
        capitals = [one[0].isupper() for one in written]
        has_some = len(written) < _FEW or sum(capitals) < _MANY_CAPITALS * len(written)
        has_names = has_some and not all(one.isupper() for one in written)
        return cls([_key(one) for one in written], capitals, has_names)


EVERYTHING = Narrowing()


class _Text:
    """A text, folded and as it is spelled; either is made when it is first needed."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def folded(self) -> str:
        return f" {' '.join(words(self._text))} "

    @cached_property
    def spelling(self) -> _Spelling:
        return _Spelling.of(self._text)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A pattern.

    Attributes:
        written: in the configuration.
        folded: its words, with blanks around; what is spelled like it is folded like it.
        syllables: as they are compared; none where it has no diacritics.
    """

    written: str
    folded: str
    syllables: tuple[str, ...]

    def is_in(self, text: _Text) -> bool:
        if self.folded not in text.folded:
            return False
        starts = _occurrences(self.syllables, text.spelling.syllables) if self.syllables else []
        length = len(self.syllables)
        return not length or any(
            not _says_something_else(text.spelling, start, start + length) for start in starts
        )


def _pattern(written: str) -> _Pattern:
    decomposed = unicodedata.normalize("NFD", written.translate(_D_LETTERS)).casefold()
    has_diacritics = "đ" in decomposed or any(map(unicodedata.combining, decomposed))
    syllables = _Spelling.of(written).syllables if has_diacritics else ()
    return _Pattern(written, f" {' '.join(words(written))} ", tuple(syllables))


def _occurrences(syllables: Sequence[str], text: Sequence[str]) -> list[int]:
    """Return where these syllables follow each other in the text."""
    length = len(syllables)
    return [
        start
        for start, one in enumerate(text)
        if one == syllables[0] and tuple(text[start : start + length]) == syllables
    ]


@lru_cache(maxsize=16_384)
def _key(syllable: str) -> str:
    """Return a syllable as it is compared: its letters, then its tone, which stands on either of two vowels.

    `hoà` and `hòa` are equal, and `kỹ` and `kĩ`, where i and y are the same sound; `tay` and `tai` are not.
    """
    decomposed = unicodedata.normalize("NFD", syllable.translate(_D_LETTERS).casefold())
    tones = "".join(sorted(mark for mark in decomposed if mark in _TONES))
    letters = unicodedata.normalize("NFC", "".join(mark for mark in decomposed if mark not in _TONES))
    before = letters[:-1]
    if letters.endswith("y") and before and (before.endswith("qu") or before[-1] not in _VOWELS):
        letters = f"{before}i"
    return letters + tones


# Words of several syllables (`compounds.txt`)


@dataclass(frozen=True, slots=True)
class _Word:
    syllables: tuple[str, ...]
    is_name: bool

    def is_at(self, start: int, text: _Spelling) -> bool:
        """Return whether the word is here; behind the first syllable a capital makes it a name or none."""
        end = start + len(self.syllables)
        if start < 0 or tuple(text.syllables[start:end]) != self.syllables:
            return False
        capitals = text.capitals[start:end]
        return not text.has_names or (all(capitals) if self.is_name else not any(capitals[1:]))


@cache
def _compounds() -> Mapping[str, Sequence[_Word]]:
    """Return the words by the syllable that says something else in them; those that only take one, by ""."""
    compounds: dict[str, list[_Word]] = defaultdict(list)
    for line in files("service.articles").joinpath("compounds.txt").read_text(encoding="utf-8").splitlines():
        syllable, colon, written = line.partition(":")
        if colon and not line.startswith("#"):
            compounds[_key(syllable) if syllable else ""] += [
                _Word(tuple(map(_key, word.split())), word[0].isupper())
                for word in map(str.strip, written.split(","))
                if word
            ]
    return compounds


def _says_something_else(text: _Spelling, start: int, end: int) -> bool:
    """Return whether the first or last of these syllables says something else, in a word that goes beyond."""
    for place in {start, end - 1}:
        for word in _compounds().get(text.syllables[place], ()):
            first = place - word.syllables.index(text.syllables[place])
            last = first + len(word.syllables)
            reaches_out = first < start or last > end
            if reaches_out and word.is_at(first, text) and not _is_taken(text, first, start, end, last):
                return True
    return False


def _is_taken(text: _Spelling, first: int, start: int, end: int, last: int) -> bool:
    """Return whether another word has a syllable from `first` to `start` or from `end` to `last`."""
    places = (*range(first, start), *range(end, last))
    return any(
        word.is_at(place - index, text)
        for place in places
        for word in _compounds()[""]
        for index in range(len(word.syllables))
    )
