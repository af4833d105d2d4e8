"""The words of one language, read from its folder when the service starts."""

import gettext
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from unicodedata import normalize

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

CATALOGS = Path(__file__).parent
_FILE = "messages.po"


class TextError(LookupError):
    """A language, a text or a value in a text that is not there: a mistake of ours, not of a reader."""


def available(root: Path = CATALOGS) -> tuple[str, ...]:
    """The languages that have a folder, in the order of their tags."""
    return tuple(sorted(file.parent.name for file in root.glob(f"*/{_FILE}")))


@dataclass(frozen=True, slots=True)
class _Entry:
    """One text: its plural forms (nearly always one), and the names of the values it takes."""

    forms: tuple[str, ...]
    values: frozenset[str]


class Catalog:
    """The texts of one language, by key; it never changes once it is read."""

    def __init__(
        self, language: str, entries: Mapping[str, _Entry], plural_form: Callable[[int], int]
    ) -> None:
        """Made by `load`; `plural_form` gives the index of the form for a number."""
        self.language = language
        self._entries = entries
        self._plural_form = plural_form

    @classmethod
    def load(cls, language: str, root: Path = CATALOGS) -> "Catalog":
        """Read the catalog of one language.

        Raises:
            TextError: when the language has no folder.
            babel.messages.pofile.PoFileError: when its file is not a catalog.
        """
        if language not in available(root):
            raise TextError(f'no catalog for the language "{language}" in {root}')
        with (root / language / _FILE).open("rb") as file:
            messages = read_po(file, charset="utf-8", abort_invalid=True)
        said = {_key(message): _entry(message) for message in messages if message.id}
        entries = {key: entry for key, entry in said.items() if entry.forms}
        return cls(language, entries, gettext.c2py(messages.plural_expr))

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def values_of(self, key: str) -> frozenset[str]:
        """The names of the values that the text takes."""
        return self._entry(key).values

    def text(self, key: str, **values: object) -> str:
        """The words under a key, with the values in their places.

        A text with plural forms is chosen by the whole number `n`.

        Raises:
            TextError: for an unknown key, or when a value that the text takes is not given.
        """
        entry = self._entry(key)
        if not entry.values:
            return entry.forms[0]
        missing = entry.values - values.keys()
        if missing:
            raise TextError(f'the text "{key}" ({self.language}) needs {", ".join(sorted(missing))}')
        return self._form(key, entry, values).format_map(values)

    def _entry(self, key: str) -> _Entry:
        try:
            return self._entries[key]
        except KeyError:
            raise TextError(f'no text "{key}" in the catalog "{self.language}"') from None

    def _form(self, key: str, entry: _Entry, values: Mapping[str, object]) -> str:
        if len(entry.forms) == 1:
            return entry.forms[0]
        number = values.get("n")
        if not isinstance(number, int):
            raise TextError(f'the text "{key}" ({self.language}) needs a whole number n')
        return entry.forms[self._plural_form(abs(number))]


@cache
def shipped(language: str, root: Path = CATALOGS) -> Catalog:
    """The catalog of a language, read once in the life of a process."""
    return Catalog.load(language, root)


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _entry(message: Message) -> _Entry:
    forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    written = tuple(normalize("NFC", form) for form in forms if form)
    names = {name for form in written for _, name, _, _ in Formatter().parse(form) if name}
    return _Entry(written, frozenset(names))
