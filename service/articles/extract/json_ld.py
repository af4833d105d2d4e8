"""What a page says of its article in JSON-LD (schema.org, https://schema.org/NewsArticle).

A block that is no JSON is left out; blocks may be objects, lists, or an `@graph` whose parts refer to each
other by `@id`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from service.articles.extract.found import Extracted, joined
from service.articles.model import ImageCandidate
from service.articles.sources.context import ParseContext
from service.articles.sources.json_text import loaded
from service.articles.text import bylines, plain_text

Thing = Mapping[str, Any]

BREADCRUMBS = re.compile(r"BreadcrumbList$")

_ARTICLES = re.compile(r"(?:^|[/:])(?:\w*Article|BlogPosting|LiveBlogPosting|\w*NewsReport|Report)$")
_ORGANISATIONS = re.compile(r"(?:Organization|NewsMediaOrganization|Corporation)$")
_WRAPPING = re.compile(r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[)|(?:-->|(?://\s*)?\]\]>|;)\s*$")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_DEEPEST = 12  # levels at which things are looked for
_MOST_ARTICLES = 20  # of one page that are read
_MOST = 20_000  # values looked at
_LONGEST_LIST = 50  # values of one property
_MOST_NAMES = 3  # of one author
_LONGEST_NAME = _LONGEST_CAPTION = 2_000  # characters of markup, which may be referred to many times over


def article_in(tree: LexborHTMLParser, at: ParseContext) -> Extracted:
    """The page's article; where the page describes several, the one with most to say."""
    things = things_in(tree)
    named = {name: thing for thing in things if len(thing) > 1 and (name := _id(thing))}
    articles = [thing for thing in things if is_a(thing, _ARTICLES)][:_MOST_ARTICLES]
    found = [_found(article, named, at) for article in articles]
    return max(found, key=_richness, default=Extracted())


def things_in(tree: LexborHTMLParser) -> list[Thing]:
    """Every object of every block, in the order of the page."""
    blocks = tree.css('script[type*="ld+json"]')
    return [thing for block in blocks for thing in _things(_opened(block.text(deep=True)))]


def is_a(thing: Thing, types: re.Pattern[str]) -> bool:
    """Whether one of the thing's types is one of these."""
    return any(isinstance(kind, str) and types.search(kind) for kind in as_list(thing.get("@type")))


def as_list(value: object, most: int = _LONGEST_LIST) -> list[Any]:
    """JSON-LD writes one value bare and several as a list; of a long one only the beginning is read.

    A value may refer to another, so that a list is read as often as somebody refers to what has it.
    """
    return value[:most] if isinstance(value, list) else [] if value is None else [value]


def first_text(thing: Thing, *names: str) -> str:
    """The first of these properties that is a text, as it is written."""
    values = (value for name in names for value in as_list(thing.get(name)))
    return next((value for value in values if isinstance(value, str) and value.strip()), "")


def _opened(block: str) -> object:
    block = _WRAPPING.sub("", _WRAPPING.sub("", block.strip()))
    for attempt in (block, _TRAILING_COMMA.sub(r"\1", block)):
        try:
            return loaded(attempt)
        except (ValueError, RecursionError):
            continue
    return None


def _things(value: object) -> Iterator[Thing]:
    waiting, seen = [(value, 0)], 0
    while waiting and seen < _MOST:
        value, depth = waiting.pop()
        seen += 1
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if isinstance(value, dict):
            yield value
        if depth < _DEEPEST:
            waiting.extend((part, depth + 1) for part in reversed(list(inner)))


def _found(article: Thing, named: Mapping[str, Thing], at: ParseContext) -> Extracted:
    author, organisation = _people(article, named)
    return Extracted(
        title=plain_text.title(first_text(article, "headline", "name")),
        lead=plain_text.lead(first_text(article, "description", "abstract")),
        published=at.date(first_text(article, "datePublished", "dateCreated")),
        author=author,
        organisation=organisation,
        pictures=pictures_of(article, named, at),
    )


def _richness(found: Extracted) -> tuple[bool, int]:
    said = (found.lead, found.published, found.author, found.organisation, found.pictures)
    return bool(found.title), sum(bool(part) for part in said)


def _people(article: Thing, named: Mapping[str, Thing]) -> tuple[str | None, str | None]:
    persons: dict[str, None] = {}
    organisation = None
    publishers = _publishers(article, named)
    creators = as_list(article.get("author"), bylines.MAX_AUTHORS) or as_list(
        article.get("creator"), bylines.MAX_AUTHORS
    )
    for who in creators:
        thing = _resolved(who, named)
        names = [_name(name) for name in as_list(thing.get("name"), _MOST_NAMES) if isinstance(name, str)]
        if is_a(thing, _ORGANISATIONS) or (set(names) & publishers):
            organisation = organisation or next(iter(names), None)
            continue
        for name in names:
            person, unit = bylines.parse(name)
            organisation = organisation or unit
            persons |= {person: None} if person else {}
    return ", ".join(persons) or None, organisation


def _publishers(article: Thing, named: Mapping[str, Thing]) -> set[str]:
    publishers = (_resolved(value, named) for value in as_list(article.get("publisher")))
    return {_name(name) for one in publishers if (name := first_text(one, "name"))}


def _name(written: str) -> str:
    return plain_text.from_markup(written[:_LONGEST_NAME])


def pictures_of(thing: Thing, named: Mapping[str, Thing], at: ParseContext) -> tuple[ImageCandidate, ...]:
    """Its `image` in any of the forms in use, then its `thumbnailUrl`."""
    values = [*as_list(thing.get("image")), *as_list(thing.get("thumbnailUrl"))]
    return joined(filter(None, (_picture(value, named, at) for value in values)))


def _picture(value: object, named: Mapping[str, Thing], at: ParseContext) -> ImageCandidate | None:
    if isinstance(value, str):
        return at.picture(value)
    image = _resolved(value, named)
    url = first_text(image, "url", "contentUrl", "@id")
    caption = plain_text.from_markup(first_text(image, "caption")[:_LONGEST_CAPTION])
    return at.picture(url, _size(image.get("width")), _size(image.get("height")), caption=caption)


def _size(value: object) -> object:
    return value.get("value") if isinstance(value, dict) else value


def _resolved(value: object, named: Mapping[str, Thing]) -> Thing:
    if isinstance(value, str):
        return {"name": value}
    if not isinstance(value, dict):
        return {}
    return named.get(_id(value), value)


def _id(thing: Thing) -> str:
    name = thing.get("@id")
    return name if isinstance(name, str) else ""
