"""What of an HTML page is refused before and after it is parsed, so that nobody is led astray in it.

The parser's time grows with the square of the nesting and of one tag's attributes, and ours with the nesting
of whatever is looked at; 50,000 nested `div` (250 kB) take five seconds. A look at the tags beforehand is
linear, and so is one at the tree, which may nest deeper than its tags tell: the parser ignores many an end.
"""

import re
from collections import Counter

from selectolax.lexbor import LexborHTMLParser

from service.articles.sources.messages import unreadable

_DEEPEST = 500  # open elements; real pages have some dozens, and browsers stop at about as many
_MOST_ATTRIBUTES = 1_000  # in one tag, and of all tags `html` and `body` together, which become one each
_MOST_COMPARED = 10_000_000  # the parser compares every attribute of a tag with every other
_MOST_WORK = 500_000  # formatting elements that stay open, summed over the tags after them
_MOST_STEPS = 1_000_000  # from every element to the root, summed; real pages have some ten thousands
_MOST_READ = 100_000_000  # characters that all elements have together, each with what is within it

_SPACE = r"[ \t\n\r\f]"  # HTML's own: what else Python counts as white space belongs to names
_NAME = r"<(/?)([a-zA-Z][^ \t\n\r\f/>]*+)"
_ATTRIBUTE = (
    rf"[^ \t\n\r\f/>][^ \t\n\r\f/>=]*+(?:{_SPACE}*+={_SPACE}*+"
    r"(?:\"[^\"]*+\"?+|'[^']*+'?+|[^ \t\n\r\f>]*+))?+"
)
_TAG = re.compile(
    rf"<!--(?:-?>|.*?(?:--!?>|\Z))|{_NAME}((?:[ \t\n\r\f/]++|{_ATTRIBUTE})*+)>?+|<(?:[!?]|/[^a-zA-Z>])[^>]*+",
    re.DOTALL,
)
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_RAW_TEXT_END = {
    name: re.compile(rf"</{name}", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title", "iframe", "xmp", "noembed", "noframes")
}
_ROOTS = ("html", "body")
_SHORT = 500  # characters of a tag
_FOREIGN = ("svg", "math")  # where those names are elements like others
_FORMATTING = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)
_SELF_CLOSING = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track"}
    | {"wbr", "p", "li", "td", "th", "tr", "tbody", "thead", "tfoot", "dt", "dd", "option", "html", "body"}
    | {"head", "colgroup", "rp", "rt"}
)


def refuse_a_maze(markup: str, most_tags: int) -> int:
    """Look at the tags; how many there are, comments included.

    Raises:
        UpstreamError: for a page that no parser gets through in a reasonable time.
    """
    open_elements: Counter[str] = Counter()
    depth = formatting = work = position = count = roots = compared = read = 0
    while match := _TAG.search(markup, position):
        position = match.end()
        count += 1
        if count > most_tags:
            raise unreadable("The page has tens of thousands of elements.")
        if match[2] is None:  # a comment
            continue
        name = match[2].lower()
        attributes = _attributes(match[3], name)
        compared += attributes * attributes
        roots += attributes if name in _ROOTS else 0
        if max(attributes, roots) > _MOST_ATTRIBUTES or compared > _MOST_COMPARED:
            raise unreadable("The page has elements with thousands of attributes.")
        if name in _RAW_TEXT_END and not match[1] and not any(open_elements[one] for one in _FOREIGN):
            end = _RAW_TEXT_END[name].search(markup, position)
            position = end.end() if end else len(markup)
            continue
        step = _step(open_elements, name, closes=bool(match[1]))
        depth += step
        formatting += step if name in _FORMATTING else 0
        work += formatting
        read += depth * len(match[0])
        if depth > _DEEPEST or work > _MOST_WORK or read > _MOST_READ:
            raise _too_deep()
    return count


def refuse_a_pit(tree: LexborHTMLParser, tags: int, length: int) -> None:
    """Look at how deep the elements of a page with so many tags and characters really nest.

    Raises:
        UpstreamError: where to go through the texts or the surroundings of all elements would take too long.
    """
    if tags * tags <= _MOST_STEPS and tags * length <= _MOST_READ:
        return  # it cannot be
    depths: dict[int, int] = {}
    steps = read = 0
    for node in tree.root.traverse(include_text=True) if tree.root is not None else ():
        depth = depths.get(node.parent.mem_id, 0) + 1 if node.parent is not None else 1
        if node.is_text_node:
            read += depth * len(node.text_content or "")
        else:
            depths[node.mem_id] = depth
            steps += depth
        if depth > _DEEPEST or steps > _MOST_STEPS or read > _MOST_READ:
            raise _too_deep()


def _too_deep() -> Exception:
    return unreadable("The page nests thousands of elements within each other.")


def _attributes(written: str, name: str) -> int:
    """How many there are; a text that holds some dozens at the most is not looked at."""
    return len(_ATTRIBUTES.findall(written)) if len(written) > _SHORT or name in _ROOTS else 0


def _step(open_elements: Counter[str], name: str, *, closes: bool) -> int:
    if name in _SELF_CLOSING or (closes and not open_elements[name]):
        return 0
    step = -1 if closes else 1
    open_elements[name] += step
    return step
