"""One entry of RSS, RDF or Atom as a draft."""

import re
from collections.abc import Iterator
from dataclasses import replace

from service.articles.model import ParsedEntry, Published
from service.articles.sources.context import ParseContext
from service.articles.sources.feed_document import Entry
from service.articles.sources.feed_pictures import pictures_of
from service.articles.text import bylines, plain_text, sanitise, unicode
from service.articles.text.unicode import is_language_tag

_DATES = ("published", "created", "updated")
_MARKUP = re.compile(r"<(?:p|div|br|h\d|ul|table|figure)\b", re.IGNORECASE)
_WHOLE = 1_500  # characters from which a description with paragraphs is the whole article
_MAILBOX = re.compile(r"\S[^\s@]*+@\S++")


def draft_of(entry: Entry, at: ParseContext, usual: str) -> ParsedEntry | None:
    """What the feed says of this article; None for an entry that has neither a title nor a text.

    `usual` is the language that the feed says it is in.
    """
    summary, content = entry.get("summary") or "", _content(entry)
    at = _within(entry, at)
    lead = plain_text.lead(summary) or plain_text.lead(content)
    title = plain_text.title(entry.get("title") or "") or plain_text.title(lead)
    if not title:
        return None
    author, organisation = _people(entry)
    url = at.link(entry.get("feedburner_origlink")) or at.link(entry.get("link"))
    in_the_text = [
        hint
        for markup in (content, summary)
        if markup
        for hint in sanitise.sanitise_html(markup, at.base).images
    ]
    return ParsedEntry(
        key=_identifier(entry) or url or title,
        title=title,
        url=url,
        published=_published(entry, at),
        lead=lead,
        author=author,
        organisation=organisation,
        images=pictures_of(entry, in_the_text, at),
        body_html=_whole_text(summary, content) if at.source.full_text else None,
        language=_own_language(entry, usual) or at.source.language or None,
    )


def _own_language(entry: Entry, usual: str) -> str:
    """What the entry says otherwise than its feed, which often keeps a program's own `en-us`."""
    detail = entry.get("title_detail") or {}
    said = entry.get("language") or detail.get("language") or ""
    return said if said != usual and is_language_tag(said) else ""


def _content(entry: Entry) -> str:
    parts = [part.get("value") or "" for part in entry.get("content", ())]
    return max(parts, key=len, default="")


def _within(entry: Entry, at: ParseContext) -> ParseContext:
    """Addresses in the text start from the entry's own base, where it names one."""
    details = [*entry.get("content", ()), entry.get("summary_detail") or {}]
    base = next((detail["base"] for detail in details if detail.get("base")), "")
    return replace(at, base=at.link(base) or at.base)


def _identifier(entry: Entry) -> str:
    identifier = entry.get("id")
    return unicode.one_line(identifier) if isinstance(identifier, str) else ""


def _published(entry: Entry, at: ParseContext) -> Published | None:
    """As the feed wrote it: feedparser takes a time without a zone, `ICT` and `UTC+7` for UTC."""
    written = (entry[name] for name in _DATES if name in entry and isinstance(entry[name], str))
    return next(filter(None, map(at.date, written)), None)


def _people(entry: Entry) -> tuple[str | None, str | None]:
    persons: dict[str, None] = {}
    organisation = None
    for name in _names(entry):
        person, unit = bylines.parse(name)
        organisation = organisation or unit
        persons |= {person: None} if person else {}
    return ", ".join(persons) or None, organisation


def _names(entry: Entry) -> Iterator[str]:
    authors = entry.get("authors") or [{"name": entry.get("author", "")}]
    names = (plain_text.from_markup(author.get("name") or "") for author in authors[: bylines.MAX_AUTHORS])
    return (name for name in names if name and not _MAILBOX.fullmatch(name))


def _whole_text(summary: str, content: str) -> str | None:
    if content:
        return unicode.remove_controls(content)
    return unicode.remove_controls(summary) if len(summary) >= _WHOLE and _MARKUP.search(summary) else None
