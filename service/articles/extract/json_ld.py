"""Extract an article from a page's JSON-LD (schema.org, https://schema.org/NewsArticle).

A block that is not JSON is ignored; blocks may be objects, lists, or an `@graph` whose parts refer to each
other by `@id`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from service.articles.extract.context import Extracted, ParseContext, merge_images
from service.articles.model import ImageCandidate
from service.articles.text import bylines, categories, plain_text
from service.articles.text.bylines import Byline
from service.articles.text.decoding import load_json

JsonObject = Mapping[str, Any]

BREADCRUMBS = re.compile(r"BreadcrumbList$")

_ARTICLE = re.compile(r"(?:^|[/:])(?:\w*Article|BlogPosting|LiveBlogPosting|\w*NewsReport|Report)$")
_ORGANISATION = re.compile(r"(?:Organization|NewsMediaOrganization|Corporation)$")
_WRAPPING = re.compile(r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[)|(?:-->|(?://\s*)?\]\]>|;)\s*$")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_MAX_DEPTH = 12  # levels at which objects are looked for
_MAX_ARTICLES = 20  # of one page
_MAX_VALUES = 20_000  # of one block
_MAX_LIST = 50  # values of one property
_MAX_NAMES = 3  # of one author
_MAX_NAME = _MAX_CAPTION = 2_000  # characters of markup, which many references may repeat


def extract(tree: LexborHTMLParser, context: ParseContext) -> Extracted:
    """Return the page's article; of several the one with most parts."""
    objects = find_objects(tree)
    by_id = {name: thing for thing in objects if len(thing) > 1 and (name := _id(thing))}
    articles = [thing for thing in objects if has_type(thing, _ARTICLE)][:_MAX_ARTICLES]
    extracted = [_extract_article(article, by_id, context) for article in articles]
    return max(extracted, key=_completeness, default=Extracted())


def find_objects(tree: LexborHTMLParser) -> list[JsonObject]:
    """Return every object of every block, nested ones included, in the order of the page."""
    blocks = tree.css('script[type*="ld+json"]')
    return [thing for block in blocks for thing in _objects_in(_load_block(block.text(deep=True)))]


def has_type(thing: JsonObject, types: re.Pattern[str]) -> bool:
    """Return whether one of the object's types matches."""
    return any(isinstance(name, str) and types.search(name) for name in as_list(thing.get("@type")))


def as_list(value: object, max_length: int = _MAX_LIST) -> list[Any]:
    """Return a value that JSON-LD writes bare or as a list; a long list is cut.

    Objects refer to each other, so that a list is read as often as something refers to its owner.
    """
    return value[:max_length] if isinstance(value, list) else [] if value is None else [value]


def first_text(thing: JsonObject, *names: str) -> str:
    """Return the first of these properties that is a non-empty string, as it is written."""
    values = (value for name in names for value in as_list(thing.get(name)))
    return next((value for value in values if isinstance(value, str) and value.strip()), "")


def images_of(
    thing: JsonObject, by_id: Mapping[str, JsonObject], context: ParseContext
) -> tuple[ImageCandidate, ...]:
    """Return its `image` in any of the forms in use, then its `thumbnailUrl`."""
    values = [*as_list(thing.get("image")), *as_list(thing.get("thumbnailUrl"))]
    return merge_images(filter(None, (_image(value, by_id, context) for value in values)))


def _load_block(block: str) -> object:
    block = _WRAPPING.sub("", _WRAPPING.sub("", block.strip()))
    for attempt in (block, _TRAILING_COMMA.sub(r"\1", block)):
        try:
            return load_json(attempt)
        except (ValueError, RecursionError):
            continue
    return None


def _objects_in(value: object) -> Iterator[JsonObject]:
    """Yield the value and what it contains, as far as they are objects; iterative and bounded."""
    waiting, seen = [(value, 0)], 0
    while waiting and seen < _MAX_VALUES:
        value, depth = waiting.pop()
        seen += 1
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if isinstance(value, dict):
            yield value
        if depth < _MAX_DEPTH:
            waiting.extend((part, depth + 1) for part in reversed(list(inner)))


def _extract_article(
    article: JsonObject, by_id: Mapping[str, JsonObject], context: ParseContext
) -> Extracted:
    author, organisation = _byline(article, by_id)
    return Extracted(
        title=plain_text.title(first_text(article, "headline", "name")),
        lead=plain_text.lead(first_text(article, "description", "abstract")),
        published=context.parse_date(first_text(article, "datePublished", "dateCreated")),
        author=author,
        organisation=organisation,
        images=images_of(article, by_id, context),
        categories=categories.clean(as_list(article.get("articleSection"))),
    )


def _completeness(article: Extracted) -> tuple[bool, int]:
    parts = (article.lead, article.published, article.author, article.organisation, article.images)
    return bool(article.title), sum(map(bool, parts))


def _byline(article: JsonObject, by_id: Mapping[str, JsonObject]) -> Byline:
    persons: dict[str, None] = {}
    organisation = None
    publishers = (_resolve(value, by_id) for value in as_list(article.get("publisher")))
    publisher_names = {_name(name) for publisher in publishers if (name := first_text(publisher, "name"))}
    creators = as_list(article.get("author"), bylines.MAX_AUTHORS)
    creators = creators or as_list(article.get("creator"), bylines.MAX_AUTHORS)
    for creator in creators:
        thing = _resolve(creator, by_id)
        names = [_name(name) for name in as_list(thing.get("name"), _MAX_NAMES) if isinstance(name, str)]
        if has_type(thing, _ORGANISATION) or (set(names) & publisher_names):
            organisation = organisation or next(iter(names), None)
            continue
        for name in names:
            person, unit = bylines.parse(name)
            organisation = organisation or unit or (_employer(thing, by_id) if person else None)
            persons |= {person: None} if person else {}
    return ", ".join(persons) or None, organisation


def _employer(person: JsonObject, by_id: Mapping[str, JsonObject]) -> str | None:
    """Return the organisation that a person is of, `affiliation` or `worksFor`."""
    employers = [*as_list(person.get("affiliation")), *as_list(person.get("worksFor"))]
    return next(filter(None, (_name(first_text(_resolve(one, by_id), "name")) for one in employers)), None)


def _name(markup: str) -> str:
    return plain_text.from_markup(markup[:_MAX_NAME])


def _image(value: object, by_id: Mapping[str, JsonObject], context: ParseContext) -> ImageCandidate | None:
    if isinstance(value, str):
        return context.image(value)
    image = _resolve(value, by_id)
    url = first_text(image, "url", "contentUrl", "@id")
    caption = plain_text.from_markup(first_text(image, "caption")[:_MAX_CAPTION])
    width, height = _quantity(image.get("width")), _quantity(image.get("height"))
    return context.image(url, width, height, caption=caption)


def _quantity(value: object) -> object:
    """Return the number of a `QuantitativeValue`, or the bare value."""
    return value.get("value") if isinstance(value, dict) else value


def _resolve(value: object, by_id: Mapping[str, JsonObject]) -> JsonObject:
    """Return the object that a value is or refers to; a string is a name."""
    if isinstance(value, str):
        return {"name": value}
    if not isinstance(value, dict):
        return {}
    return by_id.get(_id(value), value)


def _id(thing: JsonObject) -> str:
    name = thing.get("@id")
    return name if isinstance(name, str) else ""
