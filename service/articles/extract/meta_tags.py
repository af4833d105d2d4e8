"""Extract an article from the meta tags of its page: OpenGraph (https://ogp.me), Dublin Core and similar."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

from service.articles.extract.context import Extracted, ParseContext, merge_images
from service.articles.extract.titles import SITE_SEPARATOR
from service.articles.model import ImageCandidate
from service.articles.text import bylines, categories, plain_text
from service.articles.text.bylines import Byline

MetaTags = dict[str, list[str]]

_TITLES = ("og:title", "dc.title", "dcterms.title", "dc:title", "twitter:title", "parsely-title", "headline")
_LEADS = ("og:description", "dc.description", "dc:description", "description", "twitter:description")
_DATES = (
    "article:published_time", "og:article:published_time", "og:published_time", "parsely-pub-date",
    "datepublished", "pubdate", "publishdate", "publish-date", "dc.date.issued", "dcterms.issued",
    "dc.date.created", "dcterms.created", "sailthru.date", "article.published", "dc.date", "dc:date", "date",
)  # fmt: skip
_AUTHORS = (
    "author", "article:author", "og:article:author", "dc.creator", "dcterms.creator", "dc:creator",
    "parsely-author", "sailthru.author", "byl", "article.author",
)  # fmt: skip
_IMAGES = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src", "image")
_SITE_NAMES = ("og:site_name", "application-name", "publisher", "dc.publisher", "twitter:site")
_SECTIONS = ("article:section", "og:article:section", "article.section", "parsely-section")
_MAKERS = re.compile(  # who made the portal, which they write into the head of every page
    r"(?:vnpt|viettel|fpt|bkav|vinades|hemera|tinhvan|tecapro|vinaphone|mobifone)(?!\w)", re.IGNORECASE
)
_BY = re.compile(r"^by\s+", re.IGNORECASE)


def extract(tree: LexborHTMLParser, context: ParseContext) -> Extracted:
    """Return what the page's head says about its article."""
    tags = _read_tags(tree)
    author, organisation = _byline(tags)
    return Extracted(
        title=_without_site_name(plain_text.title(_first(tags, *_TITLES)), tags),
        lead=plain_text.lead(_first(tags, *_LEADS)),
        published=next(filter(None, map(context.parse_date, _all(tags, *_DATES))), None),
        author=author,
        organisation=organisation,
        images=merge_images(_images(tree, tags, context)),
        categories=categories.clean(_all(tags, *_SECTIONS)),
    )


def _read_tags(tree: LexborHTMLParser) -> MetaTags:
    """Return contents by lower-case name; `property` may hold several names."""
    tags: MetaTags = {}
    for tag in tree.css("meta[content]"):
        attributes = tag.attributes
        content = (attributes.get("content") or "").strip()
        names = " ".join(attributes.get(name) or "" for name in ("property", "name", "itemprop"))
        for name in dict.fromkeys(names.lower().split()):
            if content:
                tags.setdefault(name, []).append(content)
    return tags


def _all(tags: MetaTags, *names: str) -> Iterator[str]:
    return (content for name in names for content in tags.get(name, ()))


def _first(tags: MetaTags, *names: str) -> str:
    return next(_all(tags, *names), "")


def _without_site_name(title: str, tags: MetaTags) -> str:
    sites = {plain_text.from_markup(name).casefold().lstrip("@") for name in _all(tags, *_SITE_NAMES)}
    for separator in reversed(list(SITE_SEPARATOR.finditer(title))):
        if title[separator.end() :].casefold() in sites:
            return title[: separator.start()]
        if title[: separator.start()].casefold() in sites:
            return title[separator.end() :]
    return title


def _byline(tags: MetaTags) -> Byline:
    sites = {plain_text.from_markup(name).casefold() for name in _all(tags, *_SITE_NAMES)}
    programs = [plain_text.from_markup(name).casefold() for name in _all(tags, "generator")]
    for content in _all(tags, *_AUTHORS):
        name = _BY.sub("", plain_text.from_markup(content))
        is_link = "://" in name or name.startswith(("www.", "/", "@"))
        is_maker = bool(_MAKERS.match(name)) or any(one.startswith(name.casefold()) for one in programs)
        if name and not is_link and not is_maker and name.casefold() not in sites:
            return bylines.parse(name)
    return None, None


def _images(tree: LexborHTMLParser, tags: MetaTags, context: ParseContext) -> Iterator[ImageCandidate]:
    """Yield the image for sharing, to which alone the size and the words belong, then all others."""
    url = _first(tags, "og:image", "og:image:url", "og:image:secure_url")
    size = (_first(tags, "og:image:width"), _first(tags, "og:image:height"))
    shared = context.image(url, *size, alt=plain_text.from_markup(_first(tags, "og:image:alt")))
    if shared:
        yield shared
    linked = [link.attributes.get("href") or "" for link in tree.css('link[rel="image_src"]')]
    yield from filter(None, map(context.image, [*_all(tags, *_IMAGES), *linked]))
