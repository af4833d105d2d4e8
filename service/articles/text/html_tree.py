"""Parse HTML into a tree, refuse pages that would exhaust the parser, and walk and measure the tree.

The parser's time grows with the square of the nesting and of one tag's attributes, and our own with the
nesting of whatever is looked at: 50,000 nested `div` (250 kB) take five seconds. So the tags are scanned
before parsing, and the tree is measured after it, since it may nest deeper than its tags show: the parser
ignores many end tags. Both are linear.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from service.articles.text import image_links, plain_text, urls
from service.core.errors import Cause, UpstreamError

_MAX_MARKUP = 20_000_000  # characters, without `data:` URLs
_MAX_CLASS = 1_000  # characters of a class attribute
_MAX_TAGS = 30_000  # opening and closing; real pages have some thousands, and every one is looked at
_MAX_DEPTH = 500  # open elements; real pages have some dozens, and browsers stop at about as many
_MAX_ATTRIBUTES = 1_000  # of one tag, and of all `html` and `body` tags together, which the parser merges
_MAX_COMPARISONS = 10_000_000  # the parser compares every attribute of a tag with every other
_MAX_FORMATTING = 500_000  # open formatting elements, summed over the tags after them
_MAX_STEPS = 1_000_000  # from every element to the root, summed; real pages have some ten thousands
_MAX_TEXT = 100_000_000  # characters of all elements, each with its descendants, summed

_MAX_FALLBACKS = 500  # of one page
_AMP, _AMP_IMAGE = "<amp-", re.compile(r"<amp-(?:img|anim)(?=[\s/>])", re.IGNORECASE)

_BOUND = re.compile(r"\s(?:(?:data-)?ng-[a-z]|v-(?:cloak|if|for|bind|text|html|on)\b)")  # Angular's, Vue's
_BINDING = re.compile(r"\{\{[^{}<>]{0,300}\}\}")

_SPACE = r"[ \t\n\r\f]"  # HTML's own: other white space belongs to names
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
_LONG_TAG = 500  # characters; a shorter tag cannot hold too many attributes
_FOREIGN = ("svg", "math")  # within these, `script` and the like are ordinary elements
_FORMATTING = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)
_NO_DEPTH = frozenset(  # void elements, and those that the next of their kind closes
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track"}
    | {"wbr", "p", "li", "td", "th", "tr", "tbody", "thead", "tfoot", "dt", "dd", "option", "html", "body"}
    | {"head", "colgroup", "rp", "rt"}
)


def parse_page(markup: str) -> LexborHTMLParser:
    """Return a portal's page as a tree, without what a script in the browser would fill in: `{{ vm.views }}`.

    Raises:
        UpstreamError: as `parse_html` does.
    """
    return parse_html(_BINDING.sub("", markup) if _BOUND.search(markup) else markup)


def parse_html(markup: str, max_tags: int = _MAX_TAGS) -> LexborHTMLParser:
    """Return the page as a tree.

    Raises:
        UpstreamError: for a page that would take the parser too long.
    """
    markup = plain_text.remove_data_urls(markup)
    if len(markup) > _MAX_MARKUP:
        raise UpstreamError(Cause.TOO_LARGE, f"The page has {len(markup):,} characters of HTML.")
    if _AMP in markup:
        markup = _AMP_IMAGE.sub("<img", markup)
    tags = _scan_tags(markup, max_tags)
    tree = LexborHTMLParser(markup)
    # Few tags and short markup cannot exceed the limits of the tree.
    if tags * tags > _MAX_STEPS or tags * len(markup) > _MAX_TEXT:
        _check_depth(tree)
    for fallback in tree.css("noscript")[:_MAX_FALLBACKS]:
        _show_fallback(fallback)
    return tree


def _show_fallback(fallback: LexborNode) -> None:
    """Put the image of a `noscript` in place of the one before it that waits for a script, or of none."""
    image = fallback.css_first("img")
    if image is None:
        return
    waiting = fallback.prev
    while waiting is not None and not waiting.is_element_node:
        waiting = waiting.prev
    before = waiting.css_first("img") if waiting is not None else None  # itself, or one within
    if before is not None and waiting is not None:
        if any(image_links.addresses_of(before)):
            fallback.decompose()  # both are the same image
            return
        waiting.decompose()
    fallback.unwrap()


def select(node: LexborHTMLParser | LexborNode, selector: str) -> list[LexborNode]:
    """Return the elements that a configured selector matches; none for an empty selector.

    Raises:
        UpstreamError: for a selector that is not CSS.
    """
    if not selector:
        return []
    try:
        return node.css(selector)
    except SelectolaxError as error:
        raise UpstreamError(Cause.UNREADABLE, f"The selector “{selector}” is not valid CSS.") from error


def descendants(node: LexborNode, selector: str) -> list[LexborNode]:
    """Return the matching elements inside this one; the parser's `css` also matches the element itself."""
    return [match for match in node.css(selector) if match.mem_id != node.mem_id]


def contains(node: LexborNode, selector: str) -> bool:
    """Return whether there is a matching element inside this one."""
    return any(child.css_first(selector) is not None for child in node.iter())


def ancestors(node: LexborNode) -> Iterator[LexborNode]:
    """Yield the elements around this one, innermost first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def base_url(tree: LexborHTMLParser, url: str) -> str:
    """Return the URL that relative links of the page at `url` start from."""
    base = tree.css_first("base[href]")
    if base is None:
        return url
    return urls.normalise_url(base.attributes.get("href") or "", url) or url


def outer_html(node: LexborNode) -> str:
    """Return the element's own markup."""
    return node.html or ""


def text_of(node: LexborNode) -> str:
    """Return the element's text on one line, with a space between elements."""
    return " ".join(node.text(separator=" ").split())


def class_of(node: LexborNode) -> str:
    """Return the class attribute, cut at 1,000 characters: many elements may ask it of one."""
    return (node.attributes.get("class") or "")[:_MAX_CLASS]


@dataclass(frozen=True, slots=True)
class TextLengths:
    """How much text every element of a page holds: characters by `mem_id`, each run of white space as one."""

    texts: Mapping[int, int]
    linked: Mapping[int, int]

    def of(self, node: LexborNode) -> int:
        """Return the length of the text of an element and everything in it."""
        return self.texts.get(node.mem_id, 0)

    def link_share(self, node: LexborNode) -> float:
        """Return the share of the element's text that is in links, from 0 to 1; 1 for an empty element."""
        whole = self.of(node)
        return self.linked.get(node.mem_id, 0) / whole if whole else 1.0


def measure_text(root: LexborNode | None) -> TextLengths:
    """Measure all elements within this one, itself included, in one pass: one by one it is quadratic."""
    texts: Counter[int] = Counter()
    linked: Counter[int] = Counter()
    for node in reversed(list(root.traverse(include_text=True)) if root is not None else []):
        key = node.mem_id
        if node.is_text_node:
            texts[key] = len(" ".join((node.text_content or "").split()))
        elif node.tag == "a":
            linked[key] = texts[key]
        if texts[key] and node.parent is not None:
            texts[node.parent.mem_id] += texts[key]
            linked[node.parent.mem_id] += linked[key]
    return TextLengths(texts, linked)


def _scan_tags(markup: str, max_tags: int) -> int:
    """Return the number of tags, comments included, or raise for markup that the parser would be slow at."""
    open_elements: Counter[str] = Counter()
    depth = formatting = formatting_sum = position = tags = root_attributes = comparisons = text = 0
    while match := _TAG.search(markup, position):
        position = match.end()
        tags += 1
        if tags > max_tags:
            raise UpstreamError(Cause.UNREADABLE, "The page has tens of thousands of elements.")
        if match[2] is None:  # a comment
            continue
        name, closes = match[2].lower(), bool(match[1])
        attributes = _count_attributes(match[3], name)
        comparisons += attributes * attributes
        root_attributes += attributes if name in _ROOTS else 0
        if max(attributes, root_attributes) > _MAX_ATTRIBUTES or comparisons > _MAX_COMPARISONS:
            raise UpstreamError(Cause.UNREADABLE, "The page has elements with thousands of attributes.")
        if name in _RAW_TEXT_END and not closes and not any(open_elements[tag] for tag in _FOREIGN):
            end = _RAW_TEXT_END[name].search(markup, position)
            position = end.end() if end else len(markup)
            continue
        if name not in _NO_DEPTH and (open_elements[name] or not closes):
            step = -1 if closes else 1
            open_elements[name] += step
            depth += step
            formatting += step if name in _FORMATTING else 0
        formatting_sum += formatting
        text += depth * len(match[0])
        if depth > _MAX_DEPTH or formatting_sum > _MAX_FORMATTING or text > _MAX_TEXT:
            raise _too_deep()
    return tags


def _count_attributes(attributes: str, name: str) -> int:
    """Return their number, 0 for a short tag that cannot hold many."""
    return len(_ATTRIBUTES.findall(attributes)) if len(attributes) > _LONG_TAG or name in _ROOTS else 0


def _check_depth(tree: LexborHTMLParser) -> None:
    """Raise where walking through the texts or the ancestors of all elements would take too long."""
    depths: dict[int, int] = {}
    steps = text = 0
    for node in tree.root.traverse(include_text=True) if tree.root is not None else ():
        depth = depths.get(node.parent.mem_id, 0) + 1 if node.parent is not None else 1
        if node.is_text_node:
            text += depth * len(node.text_content or "")
        else:
            depths[node.mem_id] = depth
            steps += depth
        if depth > _MAX_DEPTH or steps > _MAX_STEPS or text > _MAX_TEXT:
            raise _too_deep()


def _too_deep() -> UpstreamError:
    return UpstreamError(Cause.UNREADABLE, "The page nests thousands of elements within each other.")
