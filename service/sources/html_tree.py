"""Opening an HTML page without being led astray by one made to take for ever.

The parser's time grows with the square of the nesting and of one tag's attributes: 50,000 nested `div`
(250 KB) take five seconds. A look at the tags beforehand is linear.
"""

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from service.domain.failures import Cause, UpstreamError
from service.sources import tags
from service.sources.refusals import unreadable

_LONGEST = 3_000_000  # characters, after pictures written into the page are taken out
_DEEPEST = 500  # open elements; real pages have some dozens, and browsers stop at about as many
_MOST_ATTRIBUTES = 1_000  # in one tag
_MOST_TAGS = 30_000  # opening and closing; real pages have some thousands, and every one is looked at
_MOST_WORK = 3_000_000  # formatting elements that stay open, summed over the tags after them

_NAME = r"<(/?)([a-zA-Z][^\s/>]*+)"
_ATTRIBUTE = r"[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\s>]*+))?+"
_TAG = re.compile(rf"<!--.*?(?:-->|\Z)|{_NAME}((?:[\s/]++|{_ATTRIBUTE})*+)>?+", re.DOTALL)
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_RAW_TEXT = frozenset({"script", "style", "textarea", "title", "iframe", "xmp", "noembed", "noframes"})
_FORMATTING = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)
_SELF_CLOSING = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track"}
    | {"wbr", "p", "li", "td", "th", "tr", "tbody", "thead", "tfoot", "dt", "dd", "option", "html", "body"}
    | {"head", "colgroup", "rp", "rt"}
)


def parsed(markup: str, most_tags: int = _MOST_TAGS) -> LexborHTMLParser:
    """The page as a tree.

    Raises:
        UpstreamError: for a page that no parser gets through in a reasonable time.
    """
    markup = tags.without_data(markup)
    if len(markup) > _LONGEST:
        raise UpstreamError(Cause.TOO_LARGE, f"The page has {len(markup):,} characters of HTML.")
    _refuse_a_maze(markup, most_tags)
    return LexborHTMLParser(markup)


def selected(node: LexborHTMLParser | LexborNode, selector: str) -> list[LexborNode]:
    """The elements that a configured selector names; none for an empty one.

    Raises:
        UpstreamError: for a selector that is no CSS.
    """
    if not selector:
        return []
    try:
        return node.css(selector)
    except SelectolaxError as fault:
        raise unreadable(f"The selector “{selector}” is not valid CSS.") from fault


def within(node: LexborNode, selector: str) -> list[LexborNode]:
    """The elements inside this one; the parser itself counts the element as being inside itself."""
    return [one for one in node.css(selector) if one.mem_id != node.mem_id]


def holds(node: LexborNode, selector: str) -> bool:
    """Whether there is such an element inside this one."""
    return any(child.css_first(selector) is not None for child in node.iter())


def base_of(tree: LexborHTMLParser, url: str) -> str:
    """What relative links of the page start from."""
    base = tree.css_first("base[href]")
    if base is None:
        return url
    try:
        return urljoin(url, base.attributes.get("href") or "")
    except ValueError:
        return url


def markup_of(node: LexborNode) -> str:
    """The element's own markup."""
    return node.html or ""


def shown(node: LexborNode) -> str:
    """The element's text as a reader sees it, with a space between elements and for every white space."""
    return " ".join(node.text(separator=" ").split())


def ancestors(node: LexborNode) -> Iterator[LexborNode]:
    """The elements around this one, innermost first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def _refuse_a_maze(markup: str, most_tags: int) -> None:
    open_elements: Counter[str] = Counter()
    depth = formatting = work = position = count = 0
    while match := _TAG.search(markup, position):
        position = match.end()
        count += 1
        if count > most_tags:
            raise unreadable("The page has tens of thousands of elements.")
        if match[2] is None:  # a comment
            continue
        name = match[2].lower()
        if len(match[3]) > _MOST_ATTRIBUTES and len(_ATTRIBUTES.findall(match[3])) > _MOST_ATTRIBUTES:
            raise unreadable("The page has an element with thousands of attributes.")
        if name in _RAW_TEXT and not match[1]:
            position = _after_raw_text(markup, name, position)
            continue
        step = _step(open_elements, name, closes=bool(match[1]))
        depth += step
        formatting += step if name in _FORMATTING else 0
        work += formatting
        if depth > _DEEPEST or work > _MOST_WORK:
            raise unreadable("The page nests thousands of elements within each other.")


def _step(open_elements: Counter[str], name: str, *, closes: bool) -> int:
    if name in _SELF_CLOSING or (closes and not open_elements[name]):
        return 0
    step = -1 if closes else 1
    open_elements[name] += step
    return step


def _after_raw_text(markup: str, name: str, position: int) -> int:
    end = re.compile(rf"</{name}", re.IGNORECASE).search(markup, position)
    return end.end() if end else len(markup)
