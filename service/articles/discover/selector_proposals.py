"""Propose CSS selectors for pages that are not read right without them.

They are for the links of a listing, and for title, date and text of its articles. A selector is made of the
tags, ids and classes around what was found, as short as it may be; one for articles must do for all pages
that are looked at. Whoever asks verifies them with the parser itself.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from math import sqrt
from urllib.parse import urldefrag, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract.context import ParseContext
from service.articles.model import ParsedEntry
from service.articles.text import decoding, plain_text, urls
from service.articles.text.html_tree import ancestors, base_url, class_of, outer_html, parse_page, text_of
from service.core.folding import fold
from service.core.ports import Response
from service.settings.model import ArticleSource, Selectors

_MAX_ANCHORS = 2_000  # of a page
_MIN_LINKS = 3  # of a list
_MIN_TITLE, _MAX_TITLE = 8, 300  # characters
_COUNTED = 80  # characters of a title that count
_MENU_WEIGHT = 0.3
_STRAY = 1.2  # links that a selector may match, for each that is meant
_LEVELS = 4  # elements: one and those around it that name it
_NAME = re.compile(r"[A-Za-z_-][\w-]{1,40}")  # of a class or an id that a person would write
_GENERATED = re.compile(
    r"\d{3}|\d[a-z]\d|[0-9a-f]{8}|^(?:first|last|odd|even|active|clearfix|row|col)\b", re.IGNORECASE
)
_TITLE_TAGS = "h1, h2, h3, h4, p, div, span, td, b, strong, font"
_HEADINGS = ("h1", "h2", "h3")
_MAX_MARKUP = 5_000  # characters of an element with a title or a date
_MAX_DATE = 400  # characters of an element with a date
_MAX_DATE_LINE = 120  # characters of a line with a date that is no sentence of the text
_MAX_DATED = 40  # elements with a date that are tried
_MIN_TEXT = 80  # characters of an article's text
_MIN_LINE = 8  # characters
_MOST = 0.85  # of the text that is a page's own, from which an element has it
_OUTSIDE = frozenset({"nav", "header", "footer", "aside"})


def for_links(response: Response, source: ArticleSource) -> list[str]:
    """Return selectors for lists of links that may be those of the articles, the likeliest first."""
    tree, base = _parse(response, source)
    groups: dict[str, list[LexborNode]] = defaultdict(list)
    own, host = urldefrag(response.url).url, urlsplit(response.url).netloc
    for anchor in tree.css("a[href]")[:_MAX_ANCHORS]:
        url = urls.normalise_url(anchor.attributes.get("href") or "", base)
        if url and urlsplit(url).netloc == host and urldefrag(url).url != own:
            groups[" ".join(_steps(anchor))].append(anchor)
    ranked = sorted(groups.values(), key=_list_score, reverse=True)
    found = (_selector_of_group(group, tree) for group in ranked if _list_score(group) > 0)
    return list(dict.fromkeys(filter(None, found)))


def for_articles(
    pages: Sequence[tuple[Response, ParsedEntry]], source: ArticleSource, now: datetime
) -> Selectors:
    """Return selectors that find title, date and text on all of these pages; an empty one was not found."""
    read = []
    for response, entry in pages:
        tree, base = _parse(response, source)
        read.append(_Page(tree, entry, ParseContext(source, now, base)))
    return Selectors(
        title=_first_for_all(read, _titles, _is_title),
        date=_first_for_all(read, _dates, _has_date),
        body=_first_for_all(read, _texts, _has_text),
    )


# The links of a listing


def _list_score(group: Sequence[LexborNode]) -> float:
    """Return how much there is to read in links that are alike; 0 for too few of them."""
    titles = {anchor.attributes.get("href"): _title_of(anchor) for anchor in group}
    lengths = [len(title) for title in set(titles.values()) if _MIN_TITLE <= len(title) <= _MAX_TITLE]
    if len(lengths) < _MIN_LINKS:
        return 0.0
    weight = _MENU_WEIGHT if any(around.tag in _OUTSIDE for around in ancestors(group[0])) else 1.0
    return weight * sum(min(length, _COUNTED) for length in lengths) / sqrt(len(lengths))


def _title_of(anchor: LexborNode) -> str:
    return text_of(anchor) or (anchor.attributes.get("title") or "").strip()


def _selector_of_group(group: Sequence[LexborNode], tree: LexborHTMLParser) -> str:
    """Return the shortest selector that matches these links and hardly any others; "" if there is none."""
    wanted = {anchor.mem_id for anchor in group}
    for selector in sorted(set(_selectors_of_link(group[0])), key=lambda one: (len(one), one)):
        found = {node.mem_id for node in tree.css(selector)}
        if wanted <= found and len(found) <= len(wanted) * _STRAY:
            return selector
    return ""


def _selectors_of_link(anchor: LexborNode) -> Iterator[str]:
    own, *around = _steps(anchor)
    identities = [
        f"#{name}" for one in ancestors(anchor) if _is_stable(name := one.attributes.get("id") or "")
    ]
    if "." in own:
        yield own
    for last in {own, "a"}:
        for parent in around[:1]:
            yield from (f"{parent} > {last}", f"{parent} {last}")
            yield from (f"{outer} {parent} > {last}" for outer in (*around[1:], *identities))
        yield from (f"{outer} {last}" for outer in (*around[1:], *identities))


def _steps(anchor: LexborNode) -> list[str]:
    """Return tags and classes of a link and of the elements around it."""
    around = (one for one in ancestors(anchor) if one.tag not in ("html", "body"))
    return [
        ".".join((one.tag or "", *(name for name in class_of(one).split() if _is_common(name))))
        for one in (anchor, *islice(around, _LEVELS - 1))
    ]


# The parts of an article


@dataclass(frozen=True, slots=True)
class _Page:
    tree: LexborHTMLParser
    entry: ParsedEntry
    context: ParseContext


def _first_for_all(
    pages: Sequence[_Page],
    find: Callable[[_Page, Sequence[_Page]], Iterable[LexborNode]],
    is_right: Callable[[LexborNode, _Page], bool],
) -> str:
    """Return the first selector of an element on the first page whose match is right on each; else ""."""
    tried: set[str] = set()
    for node in find(pages[0], pages[1:]) if pages else ():
        for selector in (one for one in _selectors(node) if one not in tried):
            tried.add(selector)
            matches = [(page.tree.css_first(selector), page) for page in pages]
            if all(match is not None and is_right(match, page) for match, page in matches):
                return selector
    return ""


def _titles(page: _Page, _: Sequence[_Page]) -> list[LexborNode]:
    """Return the elements that are the title as it is listed, headings first, then the innermost."""
    same = [node for node in page.tree.css(_TITLE_TAGS) if _is_title(node, page)]
    return sorted(same, key=lambda node: (node.tag not in _HEADINGS, len(outer_html(node))))


def _is_title(node: LexborNode, page: _Page) -> bool:
    title, markup = fold(page.entry.title), outer_html(node)
    return bool(title) and len(markup) <= _MAX_MARKUP and fold(plain_text.from_markup(markup)) == title


def _dates(page: _Page, _: Sequence[_Page]) -> list[LexborNode]:
    """Return elements with a date, those behind the title first, then the innermost."""
    title = next(iter(_titles(page, ())), None)
    is_behind = False
    dated: list[tuple[bool, int, LexborNode]] = []
    for node in page.tree.css("body *"):
        is_behind = is_behind or (title is not None and node.mem_id == title.mem_id)
        if len(dated) < _MAX_DATED and _has_date(node, page):
            dated.append((not is_behind, len(outer_html(node)), node))
    return [node for *_, node in sorted(dated, key=lambda one: one[:2])]


def _has_date(node: LexborNode, page: _Page) -> bool:
    """Return whether there is a date in the element, that of the listing where that has one."""
    if len(outer_html(node)) > _MAX_MARKUP or any(one.tag in _OUTSIDE for one in ancestors(node)):
        return False
    listed = page.entry.published
    for text in (node.attributes.get("datetime"), node.attributes.get("content"), text_of(node)):
        found = page.context.find_date(text) if text and len(text) <= _MAX_DATE else None
        if found:
            return listed is None or found[0].at.date() == listed.at.date()
    return False


def _texts(page: _Page, others: Sequence[_Page]) -> list[LexborNode]:
    """Return the elements with nearly all of the text that is the page's own, the innermost first."""
    common = {line for other in others for line in _lines(other.tree).values()}
    own: Counter[int] = Counter()
    nodes: dict[int, LexborNode] = {}
    lines = _lines(page.tree)
    for node in page.tree.css("body *"):
        line = lines.get(node.mem_id, "")
        is_linked = any(one.tag == "a" for one in (node, *ancestors(node)))
        if len(line) < _MIN_LINE or line in common or is_linked or _is_about(line, page):
            continue
        for around in (node, *ancestors(node)):
            own[around.mem_id] += len(line)
            nodes[around.mem_id] = around
    enough = max(_MIN_TEXT, _MOST * max(own.values(), default=0))
    large = [nodes[key] for key, length in own.items() if length >= enough]
    return sorted(
        (node for node in large if node.tag not in ("html", "body")), key=lambda one: len(outer_html(one))
    )


def _is_about(line: str, page: _Page) -> bool:
    """Return whether a line is the title, or one with the date."""
    is_short = len(line) <= _MAX_DATE_LINE
    return fold(line) == fold(page.entry.title) or (is_short and page.context.find_date(line) is not None)


def _lines(tree: LexborHTMLParser) -> dict[int, str]:
    """Return each element's own text, without that of the elements in it."""
    return {
        node.mem_id: " ".join(node.text(deep=False, separator=" ").split()) for node in tree.css("body *")
    }


def _has_text(node: LexborNode, _: _Page) -> bool:
    return len(text_of(node)) >= _MIN_TEXT


# Selectors of an element


def _selectors(node: LexborNode) -> Iterator[str]:
    """Yield selectors of an element, those first that a person would write."""
    own = _names(node)
    yield from own
    around = (one for one in ancestors(node) if one.tag not in ("html", "body"))
    for outer in islice(around, _LEVELS):
        for name in _names(outer):
            yield from (f"{name} {last}" for last in (*own, node.tag))
            yield f"{name} > {node.tag}"


def _names(node: LexborNode) -> list[str]:
    """Return `#id`, `tag.class` and a telling tag, without names that look generated."""
    identity = node.attributes.get("id") or ""
    names = [f"#{identity}"] if _is_stable(identity) else []
    names += [f"{node.tag}.{name}" for name in class_of(node).split() if _is_stable(name)]
    return names + [tag for tag in ("h1", "article", "main", "time") if node.tag == tag]


def _is_stable(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and _GENERATED.search(name) is None


def _is_common(name: str) -> bool:
    """Return whether all elements of a list may have a class: not one that counts them."""
    return _is_stable(name) and not any(sign.isdigit() for sign in name)


def _parse(response: Response, source: ArticleSource) -> tuple[LexborHTMLParser, str]:
    markup = decoding.decode(response.body, response.headers.get("content-type", ""), source.charset)
    tree = parse_page(markup)
    tree.strip_tags(["script", "style", "template", "noscript"])
    return tree, base_url(tree, response.url)
