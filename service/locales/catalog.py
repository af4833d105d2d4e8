"""A language: its texts, from its `messages.po`, and what follows from its tag, from CLDR."""

import gettext
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from unicodedata import normalize

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

CATALOGS = Path(__file__).parent
_FILE = "messages.po"


class TextError(LookupError):
    """An unknown language or key, or a missing value: a bug, never a reader's mistake."""


def available(root: Path = CATALOGS) -> tuple[str, ...]:
    """Return the tags of the languages that have a folder, in alphabetical order."""
    return tuple(sorted(file.parent.name for file in root.glob(f"*/{_FILE}")))


@cache
def own_name(language: str) -> str:
    """Return a language's name for itself: `Tiếng Việt` for `vi`; the tag where CLDR has no name."""
    try:
        name = Locale.parse(language).get_display_name(language)
    except (UnknownLocaleError, ValueError):
        return language
    return name[:1].upper() + name[1:] if name else language


@cache
def with_territory(language: str) -> str:
    """Return a language with the country where most speak it: `vi_VN` for `vi`; "" where CLDR has none."""
    likely = get_global("likely_subtags").get(language, "")
    spoken, _, script_and_country = likely.partition("_")
    country = script_and_country.rpartition("_")[2]
    return f"{spoken}_{country}" if country else ""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A text: its plural forms (nearly always one) and the names of its placeholders."""

    forms: tuple[str, ...]
    placeholders: frozenset[str]


class Catalog:
    """The texts of one language, by key. It never changes once it is loaded."""

    def __init__(
        self, language: str, entries: Mapping[str, _Entry], plural_form: Callable[[int], int]
    ) -> None:
        """`plural_form` returns the index of the plural form for a number."""
        self.language = language
        self._entries = entries
        self._plural_form = plural_form

    @classmethod
    def load(cls, language: str, root: Path = CATALOGS) -> "Catalog":
        """Read the catalog of a language.

        Raises:
            TextError: when the language has no folder.
            babel.messages.pofile.PoFileError: when its file is not a catalog.
        """
        if language not in available(root):
            raise TextError(f'no catalog for the language "{language}" in {root}')
        with (root / language / _FILE).open("rb") as file:
            messages = read_po(file, charset="utf-8", abort_invalid=True)
        entries = {_key(message): _entry(message) for message in messages if message.id}
        translated = {key: entry for key, entry in entries.items() if entry.forms}
        return cls(language, translated, gettext.c2py(messages.plural_expr))

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def text(self, key: str, **values: object) -> str:
        """Return the text under a key with its placeholders filled in.

        A text with plural forms is chosen by the whole number `n`.

        Raises:
            TextError: for an unknown key, or when the value of a placeholder is missing.
        """
        try:
            entry = self._entries[key]
        except KeyError:
            raise TextError(f'no text "{key}" in the catalog "{self.language}"') from None
        if not entry.placeholders:
            return entry.forms[0]
        missing = entry.placeholders - values.keys()
        if missing:
            raise TextError(f'the text "{key}" ({self.language}) needs {", ".join(sorted(missing))}')
        return self._form(key, entry, values).format_map(values)

    def _form(self, key: str, entry: _Entry, values: Mapping[str, object]) -> str:
        if len(entry.forms) == 1:
            return entry.forms[0]
        number = values.get("n")
        if not isinstance(number, int):
            raise TextError(f'the text "{key}" ({self.language}) needs a whole number n')
        return entry.forms[self._plural_form(abs(number))]


@cache
def catalog_of(language: str, root: Path = CATALOGS) -> Catalog:
    """Return the catalog of a language, which is read once in a process."""
    return Catalog.load(language, root)


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _entry(message: Message) -> _Entry:
    forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    translated = tuple(normalize("NFC", form) for form in forms if form)
    names = {name for form in translated for _, name, _, _ in Formatter().parse(form) if name}
    return _Entry(translated, frozenset(names))
