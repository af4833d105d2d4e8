"""Find the element that holds an article's text on a page that does not name it, and clear it of boilerplate.

The rule is that of reader views (Readability): paragraphs score for the elements around them; links, and
names such as `menu` or `related`, count against them.
"""

import re
from collections.abc import Mapping
from itertools import chain, islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract.context import ParseContext
from service.articles.extract.titles import Headline, only_date
from service.articles.text.html_tree import TextLengths, ancestors, descendants, measure_text, text_of
from service.core.folding import fold

_TEXT_SELECTORS = (  # names of the text itself, which need no scores
    '[itemprop="articleBody"]',
    "article .entry-content",
    "#articleBody",
    ".article-body",
    ".entry-content",
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
_ASIDE_NAME = re.compile(
    r"comment|binh-?luan|foot|side-?bar|relat|lien-?quan|share|social|menu|navi?\b|banner|bread-?crumb|cookie"
    r"|consent|popup|modal|advert|promo|newsletter|tin-?khac|other-?news|paging|copyright|login|search|weather",
    re.IGNORECASE,
)
_TEXT_NAME = re.compile(
    r"article|body|content|entry|main|post|story|text|noi-?dung|chi-?tiet|detail|news", re.IGNORECASE
)
_SHARES = (1.0, 0.5, 0.25)  # of a paragraph's score, for the elements around it, innermost first
_MIN_PARAGRAPH = 25  # characters
_MIN_TEXT = 200  # characters of an element that is named as the text
_MAX_LINK_SHARE = 0.25  # beyond it is a list
_MIN_GROWTH = 1.15  # an element that is not this much longer than the one in it adds nothing
_MAX_LEVELS = 3  # elements around the best that are considered
_MAX_HEADINGS = 20  # a page with more `h1` has no main heading
_SIMILAR_SCORE = 0.8  # of the best, from which the element around it is preferred

_NEVER_TEXT = (
    "script, style, template, nav, form, button, select, input, textarea, aside, footer, ins, object, embed,"
    ' [class*="share" i], [class*="related" i], [class*="lienquan" i], [class*="lien-quan" i],'
    ' [class*="social" i], [class*="print" i], [class*="comment" i], [class*="breadcrumb" i],'
    ' [class*="advert" i]'
)
_PARTS = "h1, h2, h3, h4, a, p, div, span, td, li, ul, ol, time, font, b, strong"
_BOILERPLATE = re.compile(
    r"\W*(?:quay (?:lại|về)|trở (?:lại|về)|về trang trước|lên đầu trang|đầu trang|in (?:bài|trang)|bản in"
    r"|chia sẻ|gửi (?:bài|email|mail)|lượt (?:xem|đọc)"
    r"|(?:các )?(?:tin|bài)(?: tức| viết)? (?:khác|liên quan|đã đưa|cũ hơn|mới hơn)"
    r"|go back|back|back to top|print|share)\b.{0,20}",
    re.IGNORECASE,
)
_MAX_BOILERPLATE = 600  # characters; a longer part is text
_MAX_DATE_LINE = 60  # characters
_MIN_LINK_LIST = 40  # characters from which a list of links is one of other news
_LIST_LINK_SHARE = 0.75  # there may be dates beside the links


def find_asides(tree: LexborHTMLParser, lengths: TextLengths) -> frozenset[int]:
    """Return the elements beside the article, by `mem_id`: navigation, comments, related news.

    An element with a main heading or half of the page's text is no aside, whatever its name: whole portals
    are inside one `form`.
    """
    half = lengths.of(tree.body) / 2 if tree.body is not None else 0.0
    headed = {node.mem_id for heading in tree.css("h1")[:_MAX_HEADINGS] for node in ancestors(heading)}
    return frozenset(
        node.mem_id
        for node in tree.css("nav, header, footer, aside, form, button, select, figcaption, a, [class], [id]")
        if _is_named_aside(node) and node.mem_id not in headed and lengths.of(node) <= half
    )


def is_in_aside(node: LexborNode, asides: frozenset[int]) -> bool:
    """Return whether the element is one of these or within one."""
    return node.mem_id in asides or any(around.mem_id in asides for around in ancestors(node))


def find_main_text(tree: LexborHTMLParser, lengths: TextLengths, asides: frozenset[int]) -> LexborNode | None:
    """Return the element with the article's text; None where there is hardly any text."""
    for selector in _TEXT_SELECTORS:
        for node in tree.css(selector):
            if lengths.of(node) >= _MIN_TEXT:
                return node
    scores, nodes = _paragraph_scores(tree, asides)
    ranked = {
        key: score * (1 - lengths.link_share(nodes[key])) * _name_weight(nodes[key])
        for key, score in scores.items()
    }
    best = max(ranked, key=lambda key: ranked[key], default=None)
    if best is None or lengths.of(nodes[best]) < _MIN_PARAGRAPH:
        return None
    return _widen(nodes[best], ranked, lengths)


def remove_boilerplate(block: LexborNode, headline: Headline, context: ParseContext) -> None:
    """Change the element so that only its text remains, with images and tables.

    The headline, date lines, "Quay lại", buttons and lists of other news are removed.
    """
    if block.tag == "body" and headline.node is not None:
        _remove_above(block, headline.node)
    for node in descendants(block, _NEVER_TEXT):
        node.decompose()
    lengths = measure_text(block)
    doomed = [
        node for node in descendants(block, _PARTS) if _is_boilerplate(node, headline, context, lengths)
    ]
    removed: set[int] = set()  # an element within a removed one must not be touched
    for node in doomed:
        if node.mem_id not in removed:
            removed |= {part.mem_id for part in node.traverse()}
            node.decompose()


def _is_named_aside(node: LexborNode) -> bool:
    tag = node.tag or ""
    if tag in _ASIDE_TAGS:
        return True
    name = _name(node)
    return (
        tag not in ("body", "html", "h1") and bool(_ASIDE_NAME.search(name)) and not _TEXT_NAME.search(name)
    )


def _paragraph_scores(
    tree: LexborHTMLParser, asides: frozenset[int]
) -> tuple[dict[int, float], dict[int, LexborNode]]:
    """Return the scores of all paragraphs, summed by the elements around them, and these elements."""
    scores: dict[int, float] = {}
    nodes: dict[int, LexborNode] = {}
    for block, text in _texts(tree):
        score = _text_score(text)
        if not score or is_in_aside(block, asides):
            continue
        own = [] if block.tag in _PARAGRAPH_TAGS else [block]
        for node, share in zip(chain(own, ancestors(block)), _SHARES, strict=False):
            scores[node.mem_id] = scores.get(node.mem_id, 0.0) + score * share
            nodes[node.mem_id] = node
    return scores, nodes


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


def _remove_above(page: LexborNode, headline: LexborNode) -> None:
    """Remove banner and menus of a page without an element for its article, unless they are most of it."""
    lengths = measure_text(page)
    doomed: list[LexborNode] = []
    node: LexborNode | None = headline
    while node is not None and node.mem_id != page.mem_id:
        above = node.prev
        while above is not None:
            doomed.append(above)
            above = above.prev
        node = node.parent
    if node is not None and sum(map(lengths.of, doomed)) <= lengths.of(page) / 2:
        for above in doomed:
            above.decompose()


def _is_boilerplate(
    node: LexborNode, headline: Headline, context: ParseContext, lengths: TextLengths
) -> bool:
    if node.tag in ("ul", "ol"):
        return lengths.of(node) > _MIN_LINK_LIST and lengths.link_share(node) > _LIST_LINK_SHARE
    if not 0 < lengths.of(node) <= _MAX_BOILERPLATE or node.css_first("img, video, table") is not None:
        return False
    text, title = text_of(node), headline.text
    if _BOILERPLATE.fullmatch(text) or (len(text) <= _MAX_DATE_LINE and only_date(text, context)):
        return True
    return bool(title) and len(text) < 2 * len(title) and fold(text).startswith(fold(title))
