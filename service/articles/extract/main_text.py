"""Find the element that holds an article's text on a page that does not name it.

The rule is that of reader views (Readability): paragraphs score for the elements around them; links, and
names such as `menu` or `related`, count against them. Where there is hardly any text, as in a short notice or
around a document or pictures, it is the smallest element around the headline that holds something below it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract.boilerplate import labelled_asides, text_below
from service.articles.extract.context import ParseContext
from service.articles.extract.titles import Headline
from service.articles.text.html_tree import TextLengths, ancestors

_TEXT_SELECTORS = (  # names of the text itself, which need no scores
    '[itemprop="articleBody"]',
    "article .entry-content",
    "#articleBody",
    ".article-body",
    ".entry-content",
)
_SHORT_TEXT_SELECTORS = (  # names that portal systems give to nothing else, however short
    '[itemprop="articleBody"]',
    "#news-bodyhtml",
    '[id$="RichHtmlField"]',
    ".journal-content-article",
)
_PARAGRAPH_TAGS = frozenset({"p", "pre", "blockquote", "li", "h2", "h3", "h4", "dd", "dt"})
_BLOCK_TAGS = _PARAGRAPH_TAGS | {
    "div",
    "td",
    "section",
    "article",
    "main",
    "center",
    "body",
    "figcaption",
    "form",
    "th",
}
_ASIDE_TAGS = frozenset({"nav", "header", "footer", "aside", "form", "button", "select", "figcaption", "a"})
_NEAR = frozenset({"a", "button", "header"})  # a link may name the author, a header has the date
_ASIDE_NAME = re.compile(
    r"comment|binh-?luan|y-?kien|feedback|foot|side-?bar|relat(?!iv)|lien-?quan|share|social|menu|navi?\b|banner"
    r"|bread-?crumb|cookie|consent|popup|modal|advert|promo(?!ted)|newsletter|tin-?khac|other-?news|news-?other|paging"
    r"|copyright|login|search|weather|xem-?nhieu|doc-?nhieu|(?:cot|col|box|block)-?(?:phai|trai|right|left)\b",
    re.IGNORECASE,
)
_TEXT_NAME = re.compile(
    r"article|body|content|entry|main|post|story|text|noi-?dung|chi-?tiet|detail|news", re.IGNORECASE
)
_SHARES = (1.0, 0.5, 0.25)  # of a paragraph's score, for the elements around it, innermost first
_MIN_PARAGRAPH = 25  # characters
_MIN_TEXT = 200  # characters of an element that is named as the text, and of one that needs no headline
_STRONG_TEXT = 500  # characters of a text that is not beside the headline
_FOOTER = re.compile(
    r"\W*(?:©|\(c\)|bản quyền|copyright|giấy phép (?:số|thiết lập|hoạt động)|(?:người )?chịu trách nhiệm"
    r"|trưởng ban biên tập|ghi rõ nguồn|thiết kế (?:bởi|và)|phát triển bởi"
    r"|(?:cơ quan|đơn vị) (?:chủ quản|quản lý)|(?:số )?lượt truy cập|(?:đang |tổng )(?:truy cập|online))"
    r"|.{0,200}(?:giữ bản quyền|all rights reserved)",
    re.IGNORECASE | re.DOTALL,
)
_MAX_LINK_SHARE = 0.25  # beyond it is a list
_MIN_GROWTH = 1.15  # an element that is not this much longer than the one in it adds nothing
_MAX_LEVELS = 3  # elements around the best that are considered
_MAX_HEADINGS = 20  # a page with more `h1` has no main heading
_SIMILAR_SCORE = 0.8  # of the best, from which the element around it is preferred


def find_asides(tree: LexborHTMLParser, lengths: TextLengths) -> frozenset[int]:
    """Return the elements beside the main thing on a page, by `mem_id`: navigation, comments, related news.

    An element with a main heading or half of the page's text is no aside, whatever its name: whole portals
    are inside one `form`.
    """
    half = lengths.of(tree.body) / 2 if tree.body is not None else 0.0
    named = {
        node.mem_id
        for node in tree.css("nav, header, footer, aside, form, button, select, figcaption, a, [class], [id]")
        if _is_named_aside(node) and lengths.of(node) <= half
    }
    return frozenset(named - _around_headings(tree))


def find_labelled_asides(tree: LexborHTMLParser, base: str) -> frozenset[int]:
    """Return the elements beside an article that begin with a heading such as "Tin khác", by `mem_id`."""
    return frozenset(labelled_asides(tree.body, base) - _around_headings(tree)) if tree.body else frozenset()


def _around_headings(tree: LexborHTMLParser) -> set[int]:
    return {node.mem_id for heading in tree.css("h1")[:_MAX_HEADINGS] for node in ancestors(heading)}


def is_in_aside(node: LexborNode, asides: frozenset[int]) -> bool:
    """Return whether the element is one of these or within one."""
    return node.mem_id in asides or any(around.mem_id in asides for around in ancestors(node))


def is_beside(node: LexborNode, asides: frozenset[int]) -> bool:
    """Return whether a text or picture is within an aside that is more than a link or a header."""
    return any(around.mem_id in asides and around.tag not in _NEAR for around in ancestors(node))


def find_main_text(
    tree: LexborHTMLParser,
    lengths: TextLengths,
    asides: frozenset[int],
    headline: Headline,
    context: ParseContext,
) -> LexborNode | None:
    """Return the element with the article's text; None for a page without text, pictures and documents."""
    for selector in _TEXT_SELECTORS:
        for node in tree.css(selector):
            if lengths.of(node) >= _MIN_TEXT:
                return node
    best = _best_by_score(tree, lengths, asides)
    around = {node.mem_id for node in ancestors(headline.node)} if headline.node is not None else set()
    is_strong = best is not None and best.mem_id not in around and _own_length(best, lengths) >= _STRONG_TEXT
    if headline.node is None or tree.body is None or is_strong:
        return best
    below = [node for node in text_below(tree.body, headline, context) if not is_beside(node, asides)]
    near = _smallest_around(headline.node, below)
    named = _named_text(tree, below)
    if named is not None:
        return named
    if best is None or near is None:
        return near or best
    if best.mem_id not in around:
        return best if _prefer(best, near, below, lengths) else near
    length = _length_below(best, below)
    is_text = length >= _STRONG_TEXT or (length >= _MIN_TEXT and _prefer(best, near, below, lengths))
    return best if is_text else near


def _own_length(node: LexborNode, lengths: TextLengths) -> float:
    """Return the length of its text without that of links."""
    return lengths.of(node) * (1 - lengths.link_share(node))


def _length_below(node: LexborNode, below: Sequence[LexborNode]) -> int:
    """Return the length of the texts below the headline that the element holds, but for a page's foot."""
    texts = [text for text in below if text.is_text_node and not _FOOTER.match(text.text_content or "")]
    within = (text for text in texts if any(one.mem_id == node.mem_id for one in ancestors(text)))
    return sum(len(" ".join((text.text_content or "").split())) for text in within)


def _smallest_around(headline: LexborNode, below: Sequence[LexborNode]) -> LexborNode | None:
    """Return the smallest element around the headline that holds one of these nodes."""
    holders = {around.mem_id for node in below for around in ancestors(node)}
    return next((node for node in ancestors(headline) if node.mem_id in holders), None)


def _named_text(tree: LexborHTMLParser, below: Sequence[LexborNode]) -> LexborNode | None:
    """Return the element with a system's own name that holds most of these nodes."""
    counts = Counter(around.mem_id for node in below for around in ancestors(node))
    for selector in _SHORT_TEXT_SELECTORS:
        named = max(tree.css(selector), key=lambda node: counts[node.mem_id], default=None)
        if named is not None and counts[named.mem_id]:
            return named
    return None


def _prefer(best: LexborNode, near: LexborNode, below: Sequence[LexborNode], lengths: TextLengths) -> bool:
    """Return whether the text is where most paragraphs are, rather than what stands next to the headline."""
    inside = {node.mem_id for node in ancestors(best)} | {best.mem_id}
    is_below = any(one.mem_id == best.mem_id for node in below for one in ancestors(node))
    if near.mem_id in inside:  # nothing that stands beside it may be lost
        return _own_length(best, lengths) >= _MIN_TEXT
    return is_below and _own_length(best, lengths) >= max(_MIN_TEXT, 2 * _own_length(near, lengths))


def _best_by_score(tree: LexborHTMLParser, lengths: TextLengths, asides: frozenset[int]) -> LexborNode | None:
    scores, nodes = _paragraph_scores(tree, asides, lengths)
    ranked = {
        key: score * (1 - lengths.link_share(nodes[key])) * _name_weight(nodes[key])
        for key, score in scores.items()
    }
    best = max(ranked, key=lambda key: ranked[key], default=None)
    if best is None or lengths.of(nodes[best]) < _MIN_PARAGRAPH:
        return None
    return _widen(nodes[best], ranked, lengths)


def _is_named_aside(node: LexborNode) -> bool:
    tag = node.tag or ""
    if tag in _ASIDE_TAGS:
        return True
    name = _name(node)
    return (
        tag not in ("body", "html", "h1") and bool(_ASIDE_NAME.search(name)) and not _TEXT_NAME.search(name)
    )


def _paragraph_scores(
    tree: LexborHTMLParser, asides: frozenset[int], lengths: TextLengths
) -> tuple[dict[int, float], dict[int, LexborNode]]:
    """Return the scores of all paragraphs, summed by the elements around them, and these elements."""
    scores: dict[int, float] = {}
    nodes: dict[int, LexborNode] = {}
    for block, text in _texts(tree):
        score = _text_score(text)
        if not score or is_in_aside(block, asides) or _FOOTER.match(text):
            continue
        for node, share in _shares(block, lengths):
            scores[node.mem_id] = scores.get(node.mem_id, 0.0) + score * share
            nodes[node.mem_id] = node
    return scores, nodes


def _shares(block: LexborNode, lengths: TextLengths) -> Iterator[tuple[LexborNode, float]]:
    """Yield the elements that share a paragraph's score; those that hold nothing else are no level."""
    if block.tag not in _PARAGRAPH_TAGS:
        yield block, _SHARES[0]
    length, level = lengths.of(block), 0
    for node in ancestors(block):
        yield node, _SHARES[level]
        if lengths.of(node) > length:
            length, level = lengths.of(node), level + 1
            if level == len(_SHARES):
                return


def _texts(tree: LexborHTMLParser) -> list[tuple[LexborNode, str]]:
    """Return every block with its own text, without that of blocks within it."""
    texts: dict[int, list[str]] = {}
    blocks: dict[int, LexborNode] = {}
    nearest: dict[int, LexborNode | None] = {}  # the block that an element is or is in
    for node in tree.body.traverse(include_text=True) if tree.body is not None else ():
        if not node.is_text_node or node.is_empty_text_node:
            continue
        block = _block_around(node, nearest)
        if block is not None:
            blocks[block.mem_id] = block
            texts.setdefault(block.mem_id, []).append(node.text_content or "")
    return [(block, " ".join(texts[key])) for key, block in blocks.items()]


def _block_around(node: LexborNode, nearest: dict[int, LexborNode | None]) -> LexborNode | None:
    """Return the innermost block around a text; `nearest` caches it, as thousands of texts may share it."""
    passed: list[int] = []
    block = None
    for around in ancestors(node):
        if around.mem_id in nearest:
            block = nearest[around.mem_id]
            break
        passed.append(around.mem_id)
        if around.tag in _BLOCK_TAGS:
            block = around
            break
    nearest.update(dict.fromkeys(passed, block))
    return block


def _text_score(text: str) -> float:
    length = len(" ".join(text.split()))
    return 0.0 if length < _MIN_PARAGRAPH else 1 + text.count(",") + text.count("، ") + min(length / 100, 5)


def _name_weight(node: LexborNode) -> float:
    if node.tag in ("body", "html"):
        return 0.5
    return 1.25 if _TEXT_NAME.search(_name(node)) or node.tag in ("article", "main") else 1.0


def _widen(node: LexborNode, ranked: Mapping[int, float], lengths: TextLengths) -> LexborNode:
    """Return the element around while it scores about as much and adds text: blocks may split a text."""
    best = ranked[node.mem_id]
    for around in islice(ancestors(node), _MAX_LEVELS):
        if around.tag in ("body", "html") or ranked.get(around.mem_id, 0) < best * _SIMILAR_SCORE:
            break
        if lengths.of(around) < lengths.of(node) * _MIN_GROWTH:
            continue
        if lengths.link_share(around) > _MAX_LINK_SHARE:
            break
        node = around
    return node


def _name(node: LexborNode) -> str:
    attributes = node.attributes
    return f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
