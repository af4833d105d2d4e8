"""What a page says of its article in its head: OpenGraph (https://ogp.me), Dublin Core and their kin."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

from service.articles.extract.found import Extracted, joined
from service.articles.extract.titles import BREAK
from service.articles.model import ImageCandidate
from service.articles.sources.context import ParseContext
from service.articles.text import bylines, plain_text

Tags = dict[str, list[str]]

_TITLES = ("og:title", "dc.title", "dcterms.title", "dc:title", "twitter:title", "parsely-title", "headline")
_LEADS = ("og:description", "dc.description", "dc:description", "description", "twitter:description")
_DATES = (
    "article:published_time", "og:article:published_time", "og:published_time", "parsely-pub-date",
    "datepublished", "pubdate", "publishdate", "publish-date", "dc.date.issued", "dcterms.issued",
    "dc.date.created", "dcterms.created", "sailthru.date", "article.published", "dc.date", "dc:date", "date",
)  # fmt: skip
_AUTHORS = ("author", "article:author", "og:article:author", "dc.creator", "dcterms.creator", "dc:creator")
_MORE_AUTHORS = ("parsely-author", "sailthru.author", "byl", "article.author")
_PICTURES = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src", "image")
_SITE_NAMES = ("og:site_name", "application-name", "publisher", "dc.publisher", "twitter:site")
_BY = re.compile(r"^by\s+", re.IGNORECASE)


def article_in(tree: LexborHTMLParser, at: ParseContext) -> Extracted:
    """What the head of the page tells of its article."""
    tags = tags_of(tree)
    author, organisation = _people(tags)
    return Extracted(
        title=without_site(plain_text.title(_first(tags, *_TITLES)), tags),
        lead=plain_text.lead(_first(tags, *_LEADS)),
        published=next(filter(None, map(at.date, _all(tags, *_DATES))), None),
        author=author,
        organisation=organisation,
        pictures=joined((*_shared_picture(tags, at), *_pictures(tree, tags, at))),
    )


def tags_of(tree: LexborHTMLParser) -> Tags:
    """Contents by lower-case name; `property` may hold several names."""
    tags: Tags = {}
    for tag in tree.css("meta[content]"):
        attributes = tag.attributes
        content = (attributes.get("content") or "").strip()
        names = " ".join(attributes.get(name) or "" for name in ("property", "name", "itemprop"))
        for name in dict.fromkeys(names.lower().split()):
            if content:
                tags.setdefault(name, []).append(content)
    return tags


def without_site(title: str, tags: Tags) -> str:
    """The title without the site's own name, which many append to it."""
    sites = {plain_text.from_markup(name).casefold().lstrip("@") for name in _all(tags, *_SITE_NAMES)}
    for cut in reversed(list(BREAK.finditer(title))):
        if title[cut.end() :].casefold() in sites:
            return title[: cut.start()]
        if title[: cut.start()].casefold() in sites:
            return title[cut.end() :]
    return title


def _all(tags: Tags, *names: str) -> Iterator[str]:
    return (content for name in names for content in tags.get(name, ()))


def _first(tags: Tags, *names: str) -> str:
    return next(_all(tags, *names), "")


def _people(tags: Tags) -> tuple[str | None, str | None]:
    sites = {plain_text.from_markup(name).casefold() for name in _all(tags, *_SITE_NAMES)}
    names = [_BY.sub("", plain_text.from_markup(name)) for name in _all(tags, *_AUTHORS, *_MORE_AUTHORS)]
    for name in names:
        if not name or "://" in name or name.startswith(("www.", "/", "@")):
            continue
        if name.casefold() in sites:
            continue
        return bylines.parse(name)
    return None, None


def _shared_picture(tags: Tags, at: ParseContext) -> Iterator[ImageCandidate]:
    """The picture for sharing; the sizes and the words beside it belong to the first only."""
    url = _first(tags, "og:image", "og:image:url", "og:image:secure_url")
    size = (_first(tags, "og:image:width"), _first(tags, "og:image:height"))
    picture = at.picture(url, *size, alt=plain_text.from_markup(_first(tags, "og:image:alt")))
    if picture:
        yield picture


def _pictures(tree: LexborHTMLParser, tags: Tags, at: ParseContext) -> Iterator[ImageCandidate]:
    linked = [link.attributes.get("href") or "" for link in tree.css('link[rel="image_src"]')]
    yield from filter(None, map(at.picture, [*_all(tags, *_PICTURES), *linked]))
