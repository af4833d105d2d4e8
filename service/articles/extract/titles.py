"""Telling a title from what stands around it: the site's name, a date in its element, the dots of a cut."""

import re
from collections.abc import Sequence

from service.articles.model import Published
from service.articles.sources.context import ParseContext
from service.articles.text import unicode
from service.core.folding import fold

# Between a title and the site's name. A match begins where the white space does: the rest of a row of it is
# passed over at once, else every place in the row would be tried up to its end.
BREAK = re.compile(rf"(?<!\s)\s++(?:[-\u2013\u2014|·•»]|::)\s++|{unicode.SPACE_BEFORE}\|\s*+")

_AROUND_A_DATE = re.compile(r"[\s()\[\]{}|,;:.\u2013\u2014-]+")
_APART = " -\u2013\u2014|:)]"  # between a date and the title behind it
_LABEL = re.compile(r"(?:ngày|đăng|cập nhật|lúc|date|posted|on)?", re.IGNORECASE)
_LONGEST_DATE = 1_000  # characters of a text that is only a date
_TELLING = 15  # characters from which a title is told from a heading like "Tin tức"


def chosen(listed: str, candidates: Sequence[str]) -> str:
    """The listing's title, unless it was cut there or has swallowed more than the title."""
    candidates = [candidate for candidate in candidates if candidate]
    own = _best(candidates)
    if not listed:
        return own
    beginning = fold(_uncut(listed))
    if _uncut(listed) != listed:
        return next((one for one in candidates if fold(one).startswith(beginning)), listed)
    swallowed = len(own) >= _TELLING and len(fold(own)) < len(beginning) and beginning.startswith(fold(own))
    return own if swallowed else listed


def agree(one: str, other: str) -> bool:
    """Whether one of two titles begins with the other; too short ones never agree."""
    first, second = fold(_uncut(one)), fold(_uncut(other))
    return min(len(first), len(second)) >= _TELLING - 5 and (
        first.startswith(second) or second.startswith(first)
    )


def parts_of(document_title: str) -> list[str]:
    """The title of the document, and what it is made of when the site's name is a part of it."""
    parts = BREAK.split(document_title)
    return [document_title, *sorted(parts, key=len, reverse=True)] if len(parts) > 1 else [document_title]


def without_date(title: str, at: ParseContext) -> tuple[str, Published | None]:
    """The title, and the date that is written in brackets behind it or apart before it."""
    found = at.date_within(title)
    if found is None:
        return title, None
    published, (start, end) = found
    before, after = title[:start], title[end:]
    bracketed = before.rstrip().endswith(("(", "[")) and not _AROUND_A_DATE.sub("", after)
    if bracketed and before.strip("([ "):
        return before.rstrip("([ \u00a0"), published
    apart = after.strip()[:1] in tuple(_APART) and not _LABEL.sub("", _AROUND_A_DATE.sub("", before))
    return (after.lstrip(_APART), published) if apart and len(after) > _TELLING else (title, None)


def is_only_date(text: str, at: ParseContext) -> Published | None:
    """The date, where a text is one and nothing else but brackets and a label."""
    if len(text) > _LONGEST_DATE:
        return None
    found = at.date_within(text)
    if found is None:
        return None
    published, (start, end) = found
    rest = _AROUND_A_DATE.sub("", text[:start] + text[end:])
    return published if len(rest) <= len("Cậpnhậtlúc") + 4 else None


def _uncut(title: str) -> str:
    """The title without the dots that a cut leaves at its end; itself where it ends with none."""
    bare = title.rstrip()
    if bare.endswith("…"):
        return bare[:-1].rstrip()
    return bare.rstrip(".").rstrip() if bare.endswith("...") else title


def _best(candidates: Sequence[str]) -> str:
    """The first, without the site's name where another candidate shows that it is none of the title."""
    first = candidates[0] if candidates else ""
    others = {fold(candidate) for candidate in candidates[1:]}
    for cut in BREAK.finditer(first):
        for part in (first[: cut.start()], first[cut.end() :]):
            if fold(part) in others and len(part) >= _TELLING:
                return part
    return first
