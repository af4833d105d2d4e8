"""The sections that the breadcrumb of an article's page names, from its JSON-LD or its markup.

The front page, the portal's own name and the article itself are no sections.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract import json_ld
from service.articles.extract.context import ParseContext
from service.articles.text import categories, plain_text, urls
from service.articles.text.html_tree import outer_html, text_of
from service.core.folding import fold

_MARKED = (
    '[itemtype*="BreadcrumbList" i], [typeof~="BreadcrumbList"], [aria-label*="breadcrumb" i],'
    ' [class*="breadcrumb" i], [id*="breadcrumb" i], [class*="bread-crumb" i], [id*="sitemappath" i],'
    ' [class*="duong-dan" i], [class*="duongdan" i]'
)
_MAX_TRAILS = 20  # of one page
_MAX_LINKS = 500  # that are looked at
_MAX_CRUMBS = 12  # of a trail; a longer one is a menu
_MAX_CRUMB = 2_000  # characters of markup
_MAX_TRAIL, _MAX_UNLINKED = 500, 300  # characters of text, which may end with the article's title
_BETWEEN = re.compile(r"[»\u203a>/|→\\]|::")
_BETWEEN_LINKS = re.compile(r"[»\u203a>/→]")  # of an unmarked trail; a line of "|" is a menu
_FRONT_PAGES = frozenset(
    map(fold, ("Trang chủ", "Trang nhất", "Trang chính", "Trang đầu", "Home", "Homepage", "Front page"))
)
_FRONT_PATH = re.compile(
    r"/(?:index\.\w+|default\.aspx|home|trang-chu|web/guest(?:/home)?|pages/(?:home|default|trangchu)\.aspx)?/?",
    re.IGNORECASE,
)
_MIN_TITLE = 12  # characters from which a crumb that begins like the title is the article


@dataclass(frozen=True, slots=True)
class _Crumb:
    name: str
    url: str | None


def read(tree: LexborHTMLParser, context: ParseContext) -> tuple[_Crumb, ...]:
    """Return the crumbs of the page's first breadcrumb that has any; to be called while scripts are there."""
    structured = (list(_structured(thing, context)) for thing in _lists(tree))
    trails = (list(_shown(trail, context)) for trail in chain(_marked(tree), _unmarked(tree)))
    return tuple(next(filter(None, chain(structured, trails)), []))


def sections(crumbs: Sequence[_Crumb], titles: Sequence[str], url: str, site: str) -> tuple[str, ...]:
    """Return the names of the sections.

    Args:
        crumbs: of the page.
        titles: what the page calls the article, by which the last crumb is recognised.
        url: of the page, likewise.
        site: the name of the source.
    """
    own, own_url = [title for title in map(fold, titles) if title], urls.canonical_url(url)
    names = [
        crumb.name
        for crumb in crumbs
        if not _is_front_page(crumb, site)
        and not (crumb.url and urls.canonical_url(crumb.url) == own_url)
        and not _is_title(fold(crumb.name), own)
    ]
    return categories.clean(names)


def _is_front_page(crumb: _Crumb, site: str) -> bool:
    name = fold(crumb.name)
    if not name or name in _FRONT_PAGES or name == fold(site):
        return True
    if crumb.url is None:
        return False
    parts = urlsplit(crumb.url)
    return not parts.query and _FRONT_PATH.fullmatch(parts.path) is not None


def _is_title(name: str, titles: Sequence[str]) -> bool:
    """Return whether the name is the article's title, which may be cut."""
    return any(name == title or (len(name) >= _MIN_TITLE and title.startswith(name)) for title in titles)


def _lists(tree: LexborHTMLParser) -> Iterator[json_ld.JsonObject]:
    return (thing for thing in json_ld.find_objects(tree) if json_ld.has_type(thing, json_ld.BREADCRUMBS))


def _structured(thing: json_ld.JsonObject, context: ParseContext) -> Iterator[_Crumb]:
    """Yield the crumbs of a `BreadcrumbList`, in the order of their positions."""
    elements = [one for one in json_ld.as_list(thing.get("itemListElement")) if isinstance(one, dict)]
    positions = [one.get("position") for one in elements]
    if all(isinstance(position, int | float) for position in positions):
        elements.sort(key=lambda one: one["position"])
    for element in elements:
        item = element.get("item")
        owner = item if isinstance(item, dict) else {"@id": item}
        name = json_ld.first_text(element, "name") or json_ld.first_text(owner, "name")
        text = plain_text.from_markup(name[:_MAX_CRUMB])
        if text:
            yield _Crumb(text, context.absolute_url(json_ld.first_text(owner, "@id", "url")))


def _marked(tree: LexborHTMLParser) -> Iterator[LexborNode]:
    return islice((node for node in tree.css(_MARKED) if text_of(node)), _MAX_TRAILS)


def _unmarked(tree: LexborHTMLParser) -> Iterator[LexborNode]:
    """Yield the elements in which separators follow a link to the front page that is named as such."""
    for anchor in tree.css("a[href]")[:_MAX_LINKS]:
        around = anchor.parent
        if around is None or len(anchor.text()) > _MAX_CRUMB or fold(anchor.text()) not in _FRONT_PAGES:
            continue
        if _BETWEEN_LINKS.search(around.text(deep=False)):
            yield around


def _shown(trail: LexborNode, context: ParseContext) -> Iterator[_Crumb]:
    """Yield the links of a breadcrumb, else the parts between its separators."""
    if len(text_of(trail)) > _MAX_TRAIL:
        return
    anchors = trail.css("a[href]")
    unlinked = len(text_of(trail)) - sum(len(text_of(anchor)) for anchor in anchors)
    if len(anchors) > _MAX_CRUMBS or unlinked > _MAX_UNLINKED:
        return
    for anchor in anchors:
        name = plain_text.from_markup(outer_html(anchor)[:_MAX_CRUMB])
        yield _Crumb(name, context.absolute_url(anchor.attributes.get("href")))
    if not anchors:
        for part in _BETWEEN.split(text_of(trail))[:_MAX_CRUMBS]:
            if part.strip():
                yield _Crumb(part.strip(), None)
