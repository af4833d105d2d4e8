"""Opening an HTML page as a tree, and going about in it."""

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from service.articles.extract.html_limits import refuse_a_maze, refuse_a_pit
from service.articles.sources.messages import unreadable
from service.articles.text import tags, urls
from service.core.errors import Cause, UpstreamError

_LONGEST = 3_000_000  # characters, after pictures written into the page are taken out
_LONGEST_CLASS = 1_000  # characters
_MOST_TAGS = 30_000  # opening and closing; real pages have some thousands, and every one is looked at


def parsed(markup: str, most_tags: int = _MOST_TAGS) -> LexborHTMLParser:
    """The page as a tree.

    Raises:
        UpstreamError: for a page that no parser gets through in a reasonable time.
    """
    markup = tags.without_data(markup)
    if len(markup) > _LONGEST:
        raise UpstreamError(Cause.TOO_LARGE, f"The page has {len(markup):,} characters of HTML.")
    count = refuse_a_maze(markup, most_tags)
    tree = LexborHTMLParser(markup)
    refuse_a_pit(tree, count, len(markup))
    return tree


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
    return urls.normalise_url(base.attributes.get("href") or "", url) or url


def markup_of(node: LexborNode) -> str:
    """The element's own markup."""
    return node.html or ""


def shown(node: LexborNode) -> str:
    """The element's text as a reader sees it, with a space between elements and for every white space."""
    return " ".join(node.text(separator=" ").split())


def class_of(node: LexborNode) -> str:
    """The names of the element's class; of a monstrous one the beginning, as many ask it of one element."""
    return (node.attributes.get("class") or "")[:_LONGEST_CLASS]


def ancestors(node: LexborNode) -> Iterator[LexborNode]:
    """The elements around this one, innermost first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent
