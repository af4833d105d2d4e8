"""What of a feed is refused or left out before feedparser reads it, so that nobody is led astray in it."""

import re

from service.articles.sources.messages import unreadable

_MOST_TAGS = 150_000  # opening and closing; a feed of a thousand articles has some ten thousands
_MOST_ATTRIBUTES = 1_000  # of one element
_MOST_COMPARED = 10_000_000  # feedparser compares every attribute of an element with every other

_ATTRIBUTE = r"[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\s>]*+))?+"
_PARTS = re.compile(
    r"(?P<data><!\[CDATA\[.*?(?:\]\]>|\Z))"
    r"|<!--.*?(?:-->|\Z)|<(?:\?|!\[|!DOCTYPE\b)[^>]*+>?+"
    rf"|</?(?P<name>[^\s/>!?<]++)(?P<rest>(?:[\s/]++|{_ATTRIBUTE})*+)",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTES = re.compile(_ATTRIBUTE)


def bounded(text: str) -> str:
    """The feed from its first element on, without comments, declarations and instructions.

    Without these, both of feedparser's parsers see the same tags as are counted here.

    Raises:
        UpstreamError: for a maze of elements and attributes.
    """
    kept: list[str] = []
    begins = position = tags = compared = 0
    for part in _PARTS.finditer(text):
        if part["data"] is not None:
            tags += 1
        elif part["name"] is None:
            kept.append(text[position : part.start()])
            kept.append(" " if kept[-1].endswith("<") else "")  # so that no new declaration comes about
            position = part.end()
        else:
            if not tags:
                kept, begins, position = [], part.start(), part.start()
            attributes = _attributes(part["rest"])
            compared += attributes * attributes
            tags += 1 + part["rest"].count("<") + part["rest"].endswith("/")  # which opens and closes
            if attributes > _MOST_ATTRIBUTES or compared > _MOST_COMPARED:
                raise unreadable("The feed has elements with thousands of attributes.")
        if tags > _MOST_TAGS:
            raise unreadable("The feed has more than a hundred thousand elements.")
    return "".join((*kept, text[max(position, begins) :])) if tags else ""


def _attributes(written: str) -> int:
    return len(_ATTRIBUTES.findall(written)) if written.strip(" /") else 0
