"""Finding the element that holds an article's text, on a page that does not say which one it is.

The rule is the old one of reading views: paragraphs speak for the elements around them, links and names
like `menu` or `related` against.
"""

import re
from collections.abc import Mapping
from itertools import chain, islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract.text_lengths import Lengths
from service.articles.text.html_tree import ancestors

_NAMED = (
    '[itemprop="articleBody"]',
    "article .entry-content",
    "#articleBody",
    ".article-body",
    ".entry-content",
)
_PARAGRAPHS = frozenset({"p", "pre", "blockquote", "li", "h2", "h3", "h4", "dd", "dt"})
_BLOCKS = _PARAGRAPHS | {
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
_ASIDE = re.compile(
    r"comment|binh-?luan|foot|side-?bar|relat|lien-?quan|share|social|menu|navi?\b|banner|bread-?crumb|cookie"
    r"|consent|popup|modal|advert|promo|newsletter|tin-?khac|other-?news|paging|copyright|login|search|weather",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"article|body|content|entry|main|post|story|text|noi-?dung|chi-?tiet|detail|news", re.IGNORECASE
)
_PARTS = (1.0, 0.5, 0.25)
_SHORTEST = 25  # characters of a paragraph that counts
_WHOLE = 200  # characters of a text that is a text
_LINKS = 0.25  # of a text; beyond it is a list
_MORE = 1.15  # times as long is another text
_LEVELS = 3  # elements around the best that are looked at
_HEADINGS = 20  # main headings; more are none
_SHARE = 0.8  # of the best score, from which the element around it is the better choice


def block_of(tree: LexborHTMLParser, lengths: Lengths, asides: frozenset[int]) -> LexborNode | None:
    """The element with the article's text; None where there is hardly any text."""
    for selector in _NAMED:
        for node in tree.css(selector):
            if lengths.of(node) >= _WHOLE:
                return node
    scores, nodes = _scored(tree, asides)
    ranked = {
        key: score * (1 - lengths.link_share(nodes[key])) * _name_weight(nodes[key])
        for key, score in scores.items()
    }
    best = max(ranked, key=lambda key: ranked[key], default=None)
    if best is None or lengths.of(nodes[best]) < _SHORTEST:
        return None
    return _widened(nodes[best], ranked, lengths)


def asides_of(tree: LexborHTMLParser, lengths: Lengths) -> frozenset[int]:
    """The elements that stand beside the article, by `mem_id`: navigation, comments, related news.

    One that holds a main heading or half of the page is none, whatever it is called: whole portals
    stand in one `form`.
    """
    half = lengths.of(tree.body) / 2 if tree.body is not None else 0.0
    headed = {one.mem_id for heading in tree.css("h1")[:_HEADINGS] for one in ancestors(heading)}
    return frozenset(
        node.mem_id
        for node in tree.css("nav, header, footer, aside, form, button, select, figcaption, a, [class], [id]")
        if _is_called_aside(node) and node.mem_id not in headed and lengths.of(node) <= half
    )


def is_beside(node: LexborNode, asides: frozenset[int]) -> bool:
    """Whether the element is one of these or within one."""
    return node.mem_id in asides or any(one.mem_id in asides for one in ancestors(node))


def _is_called_aside(node: LexborNode) -> bool:
    tag = node.tag or ""
    if tag in _ASIDE_TAGS:
        return True
    name = _name(node)
    return tag not in ("body", "html", "h1") and bool(_ASIDE.search(name)) and not _BODY.search(name)


def _scored(tree: LexborHTMLParser, asides: frozenset[int]) -> tuple[dict[int, float], dict[int, LexborNode]]:
    """The worth of every text, for the elements around it: the further, the less."""
    scores: dict[int, float] = {}
    nodes: dict[int, LexborNode] = {}
    for block, words in _texts(tree):
        worth = _worth(words)
        if not worth or is_beside(block, asides):
            continue
        around = [] if block.tag in _PARAGRAPHS else [block]
        for one, part in zip(chain(around, ancestors(block)), _PARTS, strict=False):
            scores[one.mem_id] = scores.get(one.mem_id, 0.0) + worth * part
            nodes[one.mem_id] = one
    return scores, nodes


def _texts(tree: LexborHTMLParser) -> list[tuple[LexborNode, str]]:
    """The text of every block, without that of blocks within it."""
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
    """The innermost block around a text; asked for by thousands of texts within the same elements."""
    passed: list[int] = []
    found = None
    for one in ancestors(node):
        if one.mem_id in nearest:
            found = nearest[one.mem_id]
            break
        passed.append(one.mem_id)
        if one.tag in _BLOCKS:
            found = one
            break
    nearest.update(dict.fromkeys(passed, found))
    return found


def _worth(text: str) -> float:
    length = len(" ".join(text.split()))
    return 0.0 if length < _SHORTEST else 1 + text.count(",") + text.count("، ") + min(length / 100, 5)


def _name_weight(node: LexborNode) -> float:
    if node.tag in ("body", "html"):
        return 0.5
    return 1.25 if _BODY.search(_name(node)) or node.tag in ("article", "main") else 1.0


def _widened(node: LexborNode, ranked: Mapping[int, float], lengths: Lengths) -> LexborNode:
    """The element around, while it holds about as much again: a text cut into several blocks."""
    best = ranked[node.mem_id]
    for around in islice(ancestors(node), _LEVELS):
        if around.tag in ("body", "html") or ranked.get(around.mem_id, 0) < best * _SHARE:
            break
        if lengths.of(around) < lengths.of(node) * _MORE:
            continue
        if lengths.link_share(around) > _LINKS:
            break
        node = around
    return node


def _name(node: LexborNode) -> str:
    attributes = node.attributes
    return f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
